"""What is published in place of a list that could not be made, labelled as such."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from vispera.clock import day, iso
from vispera.expression import Expression
from vispera.handoff import Published, write_rows
from vispera.lazy import pandas as pd
from vispera.money.book import Book, may_be_called, read_book
from vispera.money.call_list import NOT_LISTED
from vispera.money.sheet import bare_sheet, guests_of, on_lists
from vispera.problem import Problem
from vispera.table import Table
from vispera.text import LANGUAGES, language
from vispera.tonight.intake import Batch, Intake


@dataclass(frozen=True)
class _Open:
    """Bookings that are open tonight: unit, days left, whether the rule holds, who is barred, where."""

    unit: np.ndarray
    left: np.ndarray
    holds: np.ndarray
    barred: np.ndarray
    place: np.ndarray


def by_own_rule(
    problem: Problem, rule: Expression, intake: Intake, night: int, capacity: int, called: np.ndarray
) -> pd.DataFrame:
    """Sheet of the units for which the hotel's own rule holds, the soonest arrivals first, as in a replay.

    ``called`` are units of the lists of earlier nights, uint64.
    """
    parts = [_open(problem, rule, batch, night) for batch in intake.batches()]
    whole = _Open(
        *(np.concatenate(one) for one in zip(*(vars(part).values() for part in parts), strict=True))
    )
    barred = np.concatenate([called, whole.unit[whole.barred]])
    eligible = np.flatnonzero(whole.holds & ~np.isin(whole.unit, barred))
    first = eligible[np.lexsort((whole.unit[eligible], whole.left[eligible]))]
    _, once = np.unique(whole.unit[first], return_index=True)
    chosen = whole.unit[first[np.sort(once)]][:capacity]
    return _laid_out(problem, intake, whole, chosen, night)


def _open(problem: Problem, rule: Expression, batch: Batch, night: int) -> _Open:
    book = read_book(problem, batch.table, night, night)
    position = book.at.position
    return _Open(
        batch.table.unit[position],
        book.days_left,
        rule.holds(batch.table.rows)[position],
        np.repeat(~may_be_called(problem, book), book.rooms),
        batch.place[position],
    )


def _laid_out(problem: Problem, intake: Intake, whole: _Open, chosen: np.ndarray, night: int) -> pd.DataFrame:
    book = _book(problem, intake.again(whole.place[np.isin(whole.unit, chosen)]), night)
    places = np.full(len(book), NOT_LISTED)
    places[np.searchsorted(book.unit, chosen)] = np.arange(len(chosen))
    said = {code: language(code).say("list.own_rule") for code in LANGUAGES}
    return bare_sheet(book, places, guests_of(problem, book, on_lists(book, places)), said)


def _book(problem: Problem, table: Table, night: int) -> Book:
    return read_book(problem, table, night, night)


def still_open(last: Published, night: int, there: frozenset[str] | None) -> bytes:
    """The CSV of the last list without those who have arrived, or are no longer ``there``, ranked anew.

    ``there`` are the units of tonight's extract, 16 hexadecimal digits; None if it is not there either.
    """
    rows = []
    for row in last.rows:
        left = day(row["arrival_date"]) - night
        if left > 0 and (there is None or row["unit"] in there):
            moved = {"night": iso(night), "rank": str(len(rows) + 1), "days_left": str(left)}
            rows.append({**row, **moved})
    return write_rows(list(last.columns), rows)


def units_of(problem: Problem, batches: Iterable[Batch], night: int) -> frozenset[str]:
    """Units that are open tonight, 16 hexadecimal digits each."""
    books = (_book(problem, batch.table, night) for batch in batches)
    return frozenset(f"{unit:016x}" for book in books for unit in book.unit.tolist())
