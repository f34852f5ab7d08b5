"""What an artefact keeps of prices and notice gives a call the worth that the history would, to the bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from conftest import problem
from vispera.asof import as_of, open_book
from vispera.errors import ContractBroken
from vispera.model.stable import from_parquet, parquet_bytes
from vispera.money.book import read_book
from vispera.money.price import Prices
from vispera.money.value import kept, kept_prospect, prospect

AGES = (1, 12, 45)


@pytest.fixture(scope="module")
def asked():
    return problem("hotel")


@pytest.fixture
def until(table) -> int:
    return int(table.arrival.max()) - 90


def tonight(table, night: int, horizon: int):
    """The open book of a night as a table of its own, shuffled, without what was not known."""
    known = as_of(table, night)
    rows = known.rows.iloc[open_book(known, night, horizon).position]
    return replace(known, rows=rows.sample(frac=1.0, random_state=3).reset_index(drop=True))


@pytest.mark.parametrize("age", AGES)
def test_kept_tables_tell_the_worth_of_a_call_as_the_history_does(table, asked, until, age):
    night, horizon, worth = until + age, asked.split.horizon_days, asked.decision.worth
    prices = Prices(table, worth)
    files = {name: from_parquet(parquet_bytes(one)) for name, one in kept(prices, horizon, until).items()}
    history = read_book(asked, table, night, night)
    whole = prospect(history, prices, horizon, lambda nights: np.minimum(nights, until))
    extract = read_book(asked, tonight(table, night, horizon), night, night)
    made = kept_prospect(extract, worth, horizon, files)
    assert len(history) > 100
    np.testing.assert_array_equal(extract.unit, history.unit)
    p = np.linspace(0.01, 0.9, len(history.at))
    for costs in (asked.decision.costs, replace(asked.decision.costs, talked_out=0.2, resale_days=1.5)):
        np.testing.assert_array_equal(made.expected(costs, p), whole.expected(costs, p))
    np.testing.assert_array_equal(made.price, whole.price)


def test_prices_of_groups_that_nobody_stayed_in_come_from_coarser_ones(table, asked, until):
    horizon, worth = asked.split.horizon_days, asked.decision.worth
    prices = Prices(table, worth)
    tables = kept(prices, horizon, until)
    book = tonight(table, until + 1, horizon)
    unseen = replace(book, rows=book.rows.assign(reserved_room_type="never seen"))
    made = kept_prospect(read_book(asked, unseen, until + 1, until + 1), worth, horizon, tables)
    assert np.isfinite(made.price).all()
    levels = tables["prices"]
    assert set(made.price) <= set(levels.loc[levels["level"] == 1, "price"])


def test_a_kept_table_knows_nothing_that_came_later(table, asked, until):
    worth, horizon = asked.decision.worth, asked.split.horizon_days
    tables, again = (kept(Prices(one, worth), horizon, until) for one in (table, as_of(table, until)))
    for name, frame in tables.items():
        assert parquet_bytes(frame) == parquet_bytes(again[name].astype(frame.dtypes)), name


def test_an_artefact_without_prices_is_told(table, asked, until):
    book = read_book(asked, tonight(table, until + 1, 14), until + 1, until + 1)
    with pytest.raises(ContractBroken, match="keeps no prices and no notice; train it anew"):
        kept_prospect(book, asked.decision.worth, 14, {})
