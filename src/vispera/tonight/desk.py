"""The list as it lies on the desk: who is called tonight, in what order, with prices and reasons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vispera.decision import Costs, Worth
from vispera.lazy import pandas as pd
from vispera.money.book import Book
from vispera.money.call_list import NOT_LISTED, ListSettings, in_control, listed, ranks_of
from vispera.money.reason import columns, told
from vispera.money.sheet import Scores, guests_of, sheet
from vispera.problem import Problem
from vispera.table import Table
from vispera.tonight.evening import Evening, Promising, look
from vispera.tonight.scoring import Scoring


@dataclass(frozen=True)
class Asked:
    """How tonight's list is made.

    ``called`` are units of the lists of earlier nights, uint64: a unit is called at most once.
    """

    settings: ListSettings
    capacity: int
    costs: Costs
    worth: Worth
    seed: int
    called: np.ndarray

    @property
    def promising(self) -> Promising:
        """Finds the bookings that such a list may hold."""
        return Promising(self.settings.order, self.capacity)


def places_of(evening: Evening, asked: Asked) -> np.ndarray:
    """Place of each unit on the list, (m,) int, 0 the first; ``NOT_LISTED`` for the others."""
    units, eligible = evening.units, ~evening.barred
    known = np.searchsorted(units.unit, asked.called)
    there = known < len(units)
    eligible[known[there][units.unit[known[there]] == asked.called[there]]] = False
    if asked.settings.order == "risk":
        return listed(units, evening.risk, eligible, asked.capacity)
    return listed(units, evening.expected, eligible & (evening.expected > 0), asked.capacity)


def where(evening: Evening, places: np.ndarray) -> np.ndarray:
    """Places in the extract of all bookings of the listed units, (k,)."""
    return evening.booked.place[evening.units.spread(places) != NOT_LISTED]


def lay_out(
    problem: Problem,
    scoring: Scoring,
    evening: Evening,
    asked: Asked,
    again: Callable[[np.ndarray], Table],
    night: int,
) -> pd.DataFrame:
    """The sheet of tonight's list; ``again`` gives the listed units' bookings from their places.

    They are looked at anew, as one small table: features and reasons are needed of nobody else.
    """
    places = places_of(evening, asked)
    there = np.flatnonzero(places != NOT_LISTED)
    table = again(where(evening, places))
    looked = look(problem, scoring, asked.worth, table, night)
    book = looked.book
    if not np.array_equal(book.unit, evening.units.unit[there]):
        raise ValueError("the extract was changed while it was read")
    scores = Scores(
        evening.risk[there],
        evening.expected[there],
        ranks_of(evening.units.unit, evening.risk, there),
        ranks_of(evening.units.unit, evening.expected, there),
    )
    order = np.argsort(places[there])
    control = in_control(book, asked.settings.control_share, asked.seed)
    reasons = _reasons(scoring, book, looked.x, looked.predicted.p, evening, order)
    guests = guests_of(problem, book, order)
    return sheet(book, looked.prospect, asked.costs, scores, places[there], control, reasons, guests)


def _reasons(
    scoring: Scoring, book: Book, x: pd.DataFrame, p: np.ndarray, evening: Evening, order: np.ndarray
) -> dict[str, list[str]]:
    rows = book.riskiest(p)[order]
    own = x.iloc[rows]
    if not len(own) or evening.usual is None:
        return columns([])
    bookings = book.table.rows.iloc[book.at.position[rows]]
    usual = evening.usual.frame(np.zeros(len(rows), dtype=np.int64), own.index)
    return told(scoring.fitted, scoring.name, own, bookings, book.table.schema, scoring.spec, usual)
