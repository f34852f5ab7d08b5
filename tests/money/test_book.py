"""Open books as units: against a loop over small tables, and whatever order the rows come in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from booked import HORIZON, SMALL, START, bookings, season_of, shuffled
from night import scrambled
from vispera.clock import iso
from vispera.money.book import Book, may_be_called, read_book

SEEDS = range(6)


def by_hand(book: Book) -> dict[tuple[int, tuple], list[int]]:
    """Bookings of each (night, unit), by the protocol's words and the columns that make a unit."""
    rows, columns = book.table.rows, list(book.table.schema.unit)
    found: dict[tuple[int, tuple], list[int]] = {}
    for night in book.nights.tolist():
        for place, booking in enumerate(rows.to_dict("records")):
            made, arrives, ends = (
                iso(int(days[place])) for days in (book.table.booked, book.table.arrival, book.table.resolved)
            )
            waiting = made <= iso(night) < arrives <= iso(night + HORIZON)
            decided = booking["cancelled"] and ends <= iso(night)
            if waiting and not decided and booking["deposit"] != "kept":
                found.setdefault((night, tuple(booking[name] for name in columns)), []).append(place)
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_units_of_a_night_are_the_open_bookings_that_one_call_covers(seed):
    book, columns = season_of(bookings(seed)), list(SMALL.schema.unit)
    rows = book.table.rows
    risk = np.random.default_rng(seed).uniform(size=len(book.at))
    wanted = by_hand(book)
    assert len(book) == len(wanted)
    for place in range(len(book)):
        pairs = range(book.starts[place], book.starts[place] + book.rooms[place])
        own = [int(book.at.position[pair]) for pair in pairs]
        key = tuple(rows.iloc[int(book.first[place])][columns])
        assert sorted(own) == wanted[int(book.night[place]), key]
        assert book.days_left[book.starts[place]] == book.table.arrival[own[0]] - book.night[place]
        assert book.greatest(risk)[place] == max(risk[list(pairs)])
        assert book.total(risk)[place] == pytest.approx(sum(risk[list(pairs)]))
        flagged = rows["do_not_call"].iloc[own].any()
        assert may_be_called(SMALL, book)[place] == (not flagged)
        assert book.nights[book.which[place]] == book.night[place]
    spans = zip(book.edges[:-1], book.edges[1:], book.nights, strict=True)
    assert all((book.night[start:end] == night).all() for start, end, night in spans)


@pytest.mark.parametrize("seed", SEEDS)
def test_neither_the_order_of_the_rows_nor_what_came_later_moves_a_unit(seed):
    night = START + 21
    whole = read_book(SMALL, bookings(seed), night, night)
    for other in (shuffled(whole.table, seed), scrambled(whole.table, night, seed)):
        book = read_book(SMALL, other, night, night)
        np.testing.assert_array_equal(book.unit, whole.unit)
        np.testing.assert_array_equal(book.rooms, whole.rooms)
        facts, again = (one.table.fact_key[one.at.position] for one in (book, whole))
        np.testing.assert_array_equal(facts, again)


def test_nights_with_nothing_open_are_nights_all_the_same():
    book = season_of(bookings(0), nights=5, after=100)
    assert (len(book), len(book.at), len(book.nights)) == (0, 0, 5)
    assert book.edges.tolist() == [0] * 6
    for empty in (
        book.total(np.zeros(0)),
        book.greatest(np.zeros(0)),
        book.rooms,
        book.any(np.zeros(0, bool)),
    ):
        assert len(empty) == 0


def test_everybody_may_be_called_where_no_column_says_otherwise():
    anybody = replace(SMALL, decision=replace(SMALL.decision, do_not_call=None))
    assert may_be_called(anybody, season_of(bookings(0))).all()


def test_a_flag_that_is_missing_is_not_raised():
    table = bookings(3)
    rows = table.rows.assign(
        do_not_call=table.rows["do_not_call"].astype("boolean").where(table.rows["nights"] < 3)
    )
    gaps = season_of(replace(table, rows=rows))
    plain = season_of(
        replace(table, rows=rows.assign(do_not_call=rows["do_not_call"].fillna(False).astype(bool)))
    )
    np.testing.assert_array_equal(may_be_called(SMALL, gaps), may_be_called(SMALL, plain))
