"""The test that matters, as functions: what a night's answer must not depend on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from vispera.asof import Ledger, known_from, open_book
from vispera.clock import dates
from vispera.feature import FeatureSpec, build
from vispera.table import Table

HORIZON = 14
EVERYTHING = FeatureSpec(rates="all", recent="all", books="all", sources="all")


def scrambled(table: Table, night: int, seed: int) -> Table:
    """The table with later bookings gone, all that was not known on the night made up, rows shuffled."""
    rng = np.random.default_rng(seed)
    made = table.booked <= night
    rows = table.rows[made].copy()
    for name in table.schema.known("mutable", "check_in", "outcome"):
        if name == "outcome_date":
            continue
        unknown = known_from(table, name)[made] > night
        drawn = rng.choice(np.flatnonzero(made), size=int(unknown.sum()))
        rows.loc[unknown, name] = table.rows[name].iloc[drawn].to_numpy()
    unknown = table.resolved[made] > night
    rows.loc[unknown, "outcome_date"] = dates(night + rng.integers(1, 400, size=int(unknown.sum())))
    return replace(table, rows=rows.iloc[rng.permutation(len(rows))].reset_index(drop=True))


def reordered(table: Table, seed: int) -> Table:
    """The same bookings in a random order."""
    order = np.random.default_rng(seed).permutation(len(table))
    return replace(table, rows=table.rows.iloc[order].reset_index(drop=True))


def features_of_night(table: Table, night: int, spec: FeatureSpec = EVERYTHING) -> pd.DataFrame:
    """Features of the open book of a night, in an order that follows from the rows' own content."""
    at = open_book(table, night, HORIZON)
    rows = build(table, at, spec, Ledger(table, HORIZON))
    plain = {
        name: column.astype("str") if isinstance(column.dtype, pd.CategoricalDtype) else column
        for name, column in rows.x.items()
    }
    frame = pd.DataFrame(plain).assign(unit=rows.unit)
    return frame.sort_values(list(frame)).reset_index(drop=True)


def assert_same_bits(left: pd.DataFrame, right: pd.DataFrame) -> None:
    """Equal to the bit, missing values included."""
    assert list(left) == list(right)
    assert len(left) == len(right)
    for name in left:
        a, b = left[name].to_numpy(), right[name].to_numpy()
        if a.dtype.kind == "f":
            a, b = a.view(np.int64), b.view(np.int64)
        assert (a == b).all(), f"'{name}' changed in {(a != b).sum()} of {len(a)} rows"
