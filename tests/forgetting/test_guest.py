"""By what a guest is known: in the history and in an extract the same, twins and open ones among them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from conftest import problem
from vispera.asof import open_book
from vispera.clock import day
from vispera.forgetting.guest import Guest, find
from vispera.problem.extract import Extract, extract_of
from vispera.table import Table, content_key

NIGHT = day("2017-03-16")


@pytest.fixture(scope="module")
def simulated(cache):
    return problem("simulated", f"data.cache={cache}")


def with_twins(table: Table, position: int, count: int) -> Table:
    """The table with a booking repeated, each time with another outcome, as rooms of one party are."""
    twins = pd.concat([table.rows.iloc[[position]]] * count, ignore_index=True)
    rows = pd.concat([table.rows, twins], ignore_index=True)
    return Table(rows, table.schema, table.source, "")


def found(simulated, guest: str, table: Table | None, extract: Extract | None = None) -> Guest:
    tables = [] if table is None else [("table", table)]
    extracts = [] if extract is None else [("extract", extract)]
    return find(simulated, guest, "guest_id", "", tables, extracts)


def someone_open(table: Table) -> tuple[int, str]:
    at = open_book(table, NIGHT, 14)
    position = int(at.position[0])
    return position, str(table.rows["guest_id"].iloc[position])


def test_all_bookings_of_the_guest_and_no_others(simulated, simulated_table):
    names = simulated_table.rows["guest_id"].astype(str)
    guest = str(names.value_counts().index[0])
    known = found(simulated, guest, simulated_table)
    theirs = (names == guest).to_numpy()
    assert known.bookings == {"table": theirs.sum()}
    assert theirs.sum() > 2
    assert set(known.keys) == set(simulated_table.row_key[theirs])
    assert set(known.units) == set(simulated_table.unit[theirs])
    assert not set(known.keys) & set(simulated_table.row_key[~theirs])
    assert len(known.known_keys) == len(simulated_table)


def test_scores_of_an_extract_are_known_by_the_history_and_the_other_way_round(
    simulated, simulated_table, tmp_path
):
    position, guest = someone_open(simulated_table)
    table = with_twins(simulated_table, position, 3)
    for name, content in extract_of(table, NIGHT).items():
        (tmp_path / name).write_bytes(content)
    by_history = found(simulated, guest, table)
    by_extract = found(simulated, guest, None, Extract(tmp_path / "bookings.csv", {}))
    at = open_book(table, NIGHT, 14)
    facts = np.sort(table.fact_key[at.position])  # as scoring numbers them: among the open ones alone
    ordinal = pd.Series(facts).groupby(facts).cumcount().to_numpy()
    scored = content_key(pd.DataFrame({"facts": facts, "ordinal": ordinal}))
    theirs = np.isin(facts, table.fact_key[table.rows["guest_id"].astype(str).to_numpy() == guest])
    assert theirs.sum() >= 4
    for known in (by_history, by_extract):
        assert np.isin(scored[theirs], known.keys).all()
        assert not np.isin(scored[~theirs], known.keys).any()
        assert np.isin(scored, known.known_keys).all()
    assert set(by_extract.units) <= set(by_history.units)
    assert by_extract.labels <= by_history.labels


def test_nobody_has_no_keys(simulated, simulated_table):
    known = found(simulated, "nobody", simulated_table)
    assert (len(known.keys), len(known.units), known.labels) == (0, 0, frozenset())
    assert "nobody" not in repr(known)
