"""Features of (booking, night) pairs: booking facts, point-in-time rates and counts.

Each family is one module with one function ``columns(...)``; what a model takes of each stands in its YAML.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vispera.asof import Ledger, Snapshots, planned_nights
from vispera.clock import NEVER
from vispera.errors import UsageError, nearest
from vispera.feature import books, fact, rate, recent, source
from vispera.lazy import pandas as pd
from vispera.schema import Schema
from vispera.table import Rows, Table

Choice = Literal["all", "none"] | tuple[str, ...]
"""``all`` that the problem permits, ``none``, or names; several columns are joined by ``+``."""

FAMILIES = {"facts": fact, "rates": rate, "recent": recent, "books": books, "sources": source}


@dataclass(frozen=True, kw_only=True)
class FeatureSpec:
    """What a model takes of each family of features.

    ``facts``: booking columns, with days left and the calendar. ``rates``: share cancelled by group as known
    on the night, ``smoothing`` bookings of the overall rate mixed in, over all that had matured and over the
    last ``rate_days`` (None: not those). ``recent``: bookings and cancellations of the last ``days``.
    ``books``: what is booked and already cancelled for the same arrival date. ``sources``: latest row of
    further sources.

    The counts of ``recent`` and ``books`` are given in the form ``share`` (cancelled among all, smoothed
    like a rate) or ``count``, as they are: whole numbers that grow and fall with the season.
    """

    facts: Choice = "all"
    rates: Choice = "none"
    recent: Choice = "none"
    books: Choice = "none"
    sources: Choice = "none"
    smoothing: float = 20.0
    rate_days: int | None = 91
    days: tuple[int, ...] = (7, 28)
    form: Literal["share", "count"] = "share"

    def chosen(self, family: str, schema: Schema) -> tuple[str, ...]:
        """Names chosen of a family, ``all`` and ``none`` resolved."""
        choice: Choice = getattr(self, family)
        if choice == "none":
            return ()
        return FAMILIES[family].permitted(schema) if choice == "all" else tuple(choice)


def faults(spec: FeatureSpec, schema: Schema) -> list[str]:
    """One line for each name that the problem does not declare, with the nearest that it does."""
    columns = [column.name for column in schema.all]
    found = []
    for family in FAMILIES:
        allowed = list(schema.sources) if family == "sources" else columns
        for name in spec.chosen(family, schema):
            found += [
                f"features.{family} names '{part}', which the problem does not declare; "
                f"{nearest(part, allowed)}"
                for part in name.split("+")
                if part not in allowed
            ]
    return found


def columns_read(spec: FeatureSpec, schema: Schema) -> tuple[str, ...]:
    """Columns of the table that the features read, sorted."""
    names = (
        part
        for family in FAMILIES
        if family != "sources"
        for name in spec.chosen(family, schema)
        for part in name.split("+")
    )
    return tuple(sorted(set(names)))


def build(
    table: Table, at: Snapshots, spec: FeatureSpec, ledger: Ledger, step: Callable[[str], None] | None = None
) -> Rows:
    """Features and targets of (booking, night) pairs, in the order of the pairs.

    Parameters
    ----------
    table, at
        Bookings and the pairs, n of them.
    spec
        What is taken of each family.
    ledger
        Counts of the same table; made once and shared by several specs.
    step
        Called with the name of each family before it is made.

    Returns
    -------
    Rows
        ``x`` of shape (n, features), ``y`` NaN where the outcome is not known in the table.

    Raises
    ------
    UsageError
        If the spec names what the problem does not declare.
    """
    if wrong := faults(spec, table.schema):
        raise UsageError(*wrong)
    made: dict[str, pd.Series | np.ndarray] = {}
    for family, module in FAMILIES.items():
        if names := spec.chosen(family, table.schema):
            if step:
                step(family)
            made.update(module.columns(ledger, at, names, spec))
    position = at.position
    y = np.where(table.resolved[position] < NEVER, table.cancelled[position].astype(float), np.nan)
    return Rows(
        x=pd.DataFrame(made, index=pd.RangeIndex(len(at))),
        y=y,
        night=at.night,
        arrival=table.arrival[position],
        unit=table.unit[position],
        row_key=table.row_key[position],
    )


def training_weights(table: Table, at: Snapshots, distances: Iterable[int]) -> np.ndarray:
    """1 / (rows of the unit x planned snapshots of the booking) for each pair, (n,) float64.

    So a group of many rooms counts as the one call that it would be, and a booking that is looked at four
    times as one booking. Planned, not taken: a booking that is cancelled early is open at fewer of its
    snapshots, and if those weighed more, every probability would come out too high.
    """
    _, unit, size = np.unique(table.unit, return_inverse=True, return_counts=True)
    planned = planned_nights(table, distances)[1].sum(axis=0)
    return 1.0 / (size[unit[at.position]] * planned[at.position])
