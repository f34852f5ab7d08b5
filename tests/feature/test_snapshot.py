"""What an artefact keeps of the history serves the features as the history itself would, to the bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from night import EVERYTHING, HORIZON, assert_same_bits
from vispera.asof import Ledger, as_of, open_book
from vispera.errors import ContractBroken
from vispera.feature import FeatureSpec, build
from vispera.feature.snapshot import KeptLedger, tables
from vispera.model.stable import from_parquet, parquet_bytes

AGE = 9
"""Days by which the kept tables are older than the night."""


@pytest.fixture
def until(table) -> int:
    return int(table.arrival.max()) - 100


def tonight(table, night: int):
    """The open book of a night as a table of its own, in another order, without what was decided before."""
    known = as_of(table, night)
    rows = known.rows.iloc[open_book(known, night, HORIZON).position]
    return replace(known, rows=rows.sample(frac=1.0, random_state=1).reset_index(drop=True))


def as_kept(kept: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables as they come back from an artefact's files."""
    return {name: from_parquet(parquet_bytes(frame)) for name, frame in kept.items()}


def in_order(table, at, rows) -> pd.DataFrame:
    plain = {
        name: values.astype(str) if values.dtype == "category" else values for name, values in rows.x.items()
    }
    frame = pd.DataFrame(plain).assign(fact_key=table.fact_key[at.position])
    return frame.sort_values("fact_key", kind="stable", ignore_index=True)


SPECS = {
    "everything": EVERYTHING,
    "counts": replace(EVERYTHING, form="count", days=(3, 30), rate_days=None),
    "joined": FeatureSpec(rates=("hotel+agent",), recent=("market_segment+hotel",), books=("hotel+agent",)),
    "books alone": FeatureSpec(facts="none", books=("hotel",)),
}


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
@pytest.mark.parametrize("age", [1, pytest.param(AGE, marks=pytest.mark.slow), 40])
def test_kept_tables_give_the_features_of_a_ledger_that_was_stopped(table, until, spec, age):
    night, ledger = until + age, Ledger(table, HORIZON)
    kept = as_kept(tables(ledger, spec, until))
    there = open_book(table, night, HORIZON)
    stopped = ledger.stopped(lambda nights: np.minimum(nights, until))
    expected = in_order(table, there, build(table, there, spec, stopped))
    book = tonight(table, night)
    at = open_book(book, night, HORIZON)
    made = in_order(book, at, build(book, at, spec, KeptLedger(book, HORIZON, kept, until)))
    assert len(made) > 100
    assert_same_bits(made, expected)


def test_a_stopped_ledger_knows_less_and_leaves_the_other_as_it_was(table, until):
    night, ledger = until + AGE, Ledger(table, HORIZON)
    at = open_book(table, night, HORIZON)
    before = build(table, at, EVERYTHING, ledger).x
    stopped = build(table, at, EVERYTHING, ledger.stopped(lambda nights: np.minimum(nights, until))).x
    assert np.all(before["rate_overall"].to_numpy() != stopped["rate_overall"].to_numpy())
    assert_same_bits(
        build(table, at, EVERYTHING, ledger).x.select_dtypes("number"), before.select_dtypes("number")
    )


def test_kept_tables_know_nothing_that_came_later(table, until):
    """Dropping and changing what came after the night changes no kept count."""
    kept = tables(Ledger(table, HORIZON), EVERYTHING, until)
    known = as_of(table, until)
    again = tables(Ledger(known, HORIZON), EVERYTHING, until)
    assert set(kept) == set(again)
    for name, frame in kept.items():
        pd.testing.assert_frame_equal(frame, again[name])


def test_a_group_that_nobody_had_seen_counts_nothing(table, until):
    spec = FeatureSpec(facts="none", rates=("agent",), books=("agent",))
    kept = tables(Ledger(table, HORIZON), spec, until)
    book = tonight(table, until + 1)
    rows = book.rows.assign(agent=pd.Categorical(["never seen"] * len(book)))
    book = replace(book, rows=rows)
    at = open_book(book, until + 1, HORIZON)
    made = build(book, at, spec, KeptLedger(book, HORIZON, kept, until)).x
    assert np.allclose(made["rate_agent"], made["rate_overall"], rtol=1e-12)


def test_what_an_artefact_does_not_keep_is_told(table, until):
    kept = tables(Ledger(table, HORIZON), FeatureSpec(rates=("agent",), rate_days=None), until)
    book = tonight(table, until + 1)
    at = open_book(book, until + 1, HORIZON)
    ledger = KeptLedger(book, HORIZON, kept, until)
    with pytest.raises(ContractBroken, match="keeps no table 'hotel'"):
        build(book, at, FeatureSpec(rates=("hotel",), rate_days=None), ledger)
    with pytest.raises(ContractBroken, match="keeps no counts 'matured_cancelled_91'"):
        build(book, at, FeatureSpec(rates=("agent",), rate_days=91), ledger)
