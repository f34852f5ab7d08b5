"""The list as it lies on the desk: who is called tonight, in what order, with prices and reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vispera.decision import Costs, Worth
from vispera.lazy import pandas as pd
from vispera.money.book import Book
from vispera.money.call_list import NOT_LISTED, ListSettings, in_control, listed
from vispera.money.reason import columns, told
from vispera.money.sheet import Scores, guests_of, sheet
from vispera.problem import Problem
from vispera.table import Table
from vispera.tonight.evening import Evening, look
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


def places_of(evening: Evening, asked: Asked) -> np.ndarray:
    """Place of each unit on the list, (m,) int, 0 the first; ``NOT_LISTED`` for the others."""
    eligible = ~evening.barred & ~np.isin(evening.units.unit, asked.called)
    if asked.settings.order == "risk":
        return listed(evening.units, evening.risk, eligible, asked.capacity)
    return listed(evening.units, evening.expected, eligible & (evening.expected > 0), asked.capacity)


def where(evening: Evening, places: np.ndarray) -> dict[int, list[int]]:
    """Places in their batches of all bookings of the listed units, by number of the batch."""
    units, booked = evening.units, evening.booked
    sizes = np.diff(np.append(units.starts, len(booked)))
    on = np.repeat(places != NOT_LISTED, sizes)
    found: dict[int, list[int]] = {}
    for batch, place in zip(booked.batch[on].tolist(), booked.place[on].tolist(), strict=True):
        found.setdefault(batch, []).append(place)
    return {batch: sorted(those) for batch, those in found.items()}


def lay_out(
    problem: Problem,
    scoring: Scoring,
    evening: Evening,
    asked: Asked,
    again: Callable[[Mapping[int, Sequence[int]]], Table],
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
    scores = Scores.of(evening.units, evening.risk, evening.expected).take(there)
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
