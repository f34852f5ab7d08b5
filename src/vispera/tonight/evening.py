"""Every open booking of tonight scored, batch by batch, and what calling each unit is worth.

What comes out is the same, to the bit, in whatever order and in however many batches the bookings come: the
bookings of a unit are added up in the order of their facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields

import numpy as np

from vispera.decision import Costs, Worth
from vispera.feature import build
from vispera.feature.snapshot import KeptLedger
from vispera.lazy import pandas as pd
from vispera.model import Prediction
from vispera.money.book import Book, may_be_called, read_book
from vispera.money.call_list import Order
from vispera.money.reason import Usual
from vispera.money.value import Prospect, kept_prospect
from vispera.problem import Problem
from vispera.table import Table, content_key
from vispera.tonight.intake import BATCH, Batch
from vispera.tonight.scoring import Scoring

MARGIN = 4
"""Bookings that are remembered, for each that can be listed: most are of units of their own."""


@dataclass(frozen=True)
class Looked:
    """Tonight's bookings of one table as a model sees them, n pairs, and its scores of them."""

    book: Book
    x: pd.DataFrame
    predicted: Prediction
    prospect: Prospect


def look(problem: Problem, scoring: Scoring, worth: Worth, table: Table, night: int) -> Looked:
    """The open book of a table of tonight's bookings, scored."""
    book, horizon = read_book(problem, table, night, night), problem.split.horizon_days
    ledger = KeptLedger(table, horizon, scoring.tables, scoring.until)
    x = build(table, book.at, scoring.spec, ledger).x
    prospect = kept_prospect(book, worth, horizon, scoring.tables)
    return Looked(book, x, scoring.fitted.predict(x), prospect)


@dataclass(frozen=True)
class Booked:
    """The n open bookings of an evening, (n,) each, in the order in which they came.

    ``unit`` and ``fact_key`` as of `Table`; ``raw`` and ``p`` their scores; ``part`` what each adds to the
    value of calling its unit, EUR; ``barred`` those whom nobody may call; ``place`` where in the extract.
    """

    unit: np.ndarray
    fact_key: np.ndarray
    raw: np.ndarray
    p: np.ndarray
    part: np.ndarray
    barred: np.ndarray
    place: np.ndarray

    @classmethod
    def whole(cls, parts: list[Booked]) -> Booked:
        """Of several, one after the other; the list is emptied, so that no number is there twice."""
        columns = [[getattr(part, f.name) for part in parts] for f in fields(cls)]
        parts.clear()
        made = []
        while columns:
            made.append(np.concatenate(columns.pop(0)))
        return cls(*made)

    def __len__(self) -> int:
        return len(self.unit)


@dataclass(frozen=True)
class Units:
    """The m units of an evening, in the order of their hash; m unit-nights of its one night.

    ``order`` (n,) sorts the bookings by unit and facts, ``starts`` (m,) is where each unit begins in it.
    """

    nights: np.ndarray
    unit: np.ndarray
    which: np.ndarray
    order: np.ndarray
    starts: np.ndarray

    @classmethod
    def of(cls, booked: Booked, night: int) -> Units:
        """Those of bookings."""
        order = np.argsort(booked.unit).astype(np.int32)
        unit = booked.unit[order]
        changed = np.ones(len(booked) + 1, dtype=bool)
        changed[1:-1] = unit[1:] != unit[:-1]
        shared = ~(changed[:-1] & changed[1:])
        among = order[shared]  # few: most units are one booking, and need no second key
        order[shared] = among[np.lexsort((booked.fact_key[among], booked.unit[among]))]
        starts = np.flatnonzero(changed[:-1])
        nights = np.array([night], dtype=np.int32)
        return cls(nights, unit[starts], np.zeros(len(starts), dtype=np.int8), order, starts)

    def __len__(self) -> int:
        return len(self.unit)

    @property
    def sizes(self) -> np.ndarray:
        """Bookings of each unit, (m,)."""
        return np.diff(np.append(self.starts, len(self.order)))

    def reduced(self, how: np.ufunc, values: np.ndarray) -> np.ndarray:
        """The bookings' values (n,) taken together by unit, (m,)."""
        return how.reduceat(values[self.order], self.starts) if len(self.starts) else np.zeros(0)

    def spread(self, values: np.ndarray) -> np.ndarray:
        """The units' values (m,) for each of their bookings, (n,)."""
        made = np.empty(len(self.order), dtype=values.dtype)
        made[self.order] = np.repeat(values, self.sizes)
        return made


@dataclass(frozen=True)
class Evening:
    """All that was scored: bookings, units, and by unit the greatest probability and the value of a call.

    ``barred`` (m,) bool are units whom nobody may call; ``usual`` is what is usual among the bookings.
    """

    booked: Booked
    units: Units
    risk: np.ndarray
    expected: np.ndarray
    barred: np.ndarray
    usual: Usual | None

    def row_key(self) -> np.ndarray:
        """Hash of each booking's facts and an ordinal among tonight's twins, (n,) uint64."""
        order, facts = self.units.order, self.booked.fact_key
        new = np.ones(len(order), dtype=bool)
        new[1:] = facts[order[1:]] != facts[order[:-1]]
        place = np.arange(len(order))
        ordinal = np.empty(len(order), dtype=np.int64)
        ordinal[order] = place - np.maximum.accumulate(np.where(new, place, 0))
        keys = [
            content_key(pd.DataFrame({"facts": facts[some], "ordinal": ordinal[some]}))
            for some in _slices(len(order))
        ]
        return np.concatenate(keys) if keys else np.zeros(0, dtype=np.uint64)

    def scores(self) -> Iterator[pd.DataFrame]:
        """Scores of every open booking as they are kept, sorted by row_key, a part at a time."""
        row_key, expected = self.row_key(), self.units.spread(self.expected)
        order = np.argsort(row_key)
        for some in _slices(len(order)) or [slice(0, 0)]:
            those = order[some]
            yield pd.DataFrame(
                {
                    "row_key": row_key[those],
                    "unit": self.booked.unit[those],
                    "raw": self.booked.raw[those],
                    "p": self.booked.p[those],
                    "expected_value": expected[those],
                }
            )


def _slices(rows: int) -> list[slice]:
    return [slice(start, min(start + BATCH, rows)) for start in range(0, rows, BATCH)]


def score_all(
    problem: Problem,
    scoring: Scoring,
    costs: Costs,
    worth: Worth,
    night: int,
    batches: Iterable[Batch],
    promising: Promising,
    step: Callable[[int, int], None] | None = None,
) -> Evening:
    """Every open booking of the batches scored; the promising ones are remembered.

    ``step`` is told the number of each batch and how many bookings so far."""
    parts, usual, scored = [], None, 0
    for number, batch in enumerate(batches):
        looked = look(problem, scoring, worth, batch.table, night)
        part = _part(problem, looked, costs, batch.place)
        parts.append(part)
        batch.remember(looked.book.at.position[promising.among(part)])
        own = Usual.of(looked.x, np.zeros(len(looked.x), dtype=np.int64), 1, problem.schema, scoring.spec)
        usual = own if usual is None else usual + own
        scored += len(looked.x)
        if step:
            step(number, scored)
    return evening_of(Booked.whole(parts), costs, night, usual)


def evening_of(booked: Booked, costs: Costs, night: int, usual: Usual | None) -> Evening:
    """Units of scored bookings, which are sorted by unit, with what calling each is worth."""
    units = Units.of(booked, night)
    risk = units.reduced(np.maximum, booked.p)
    expected = units.reduced(np.add, booked.part) - costs.call
    barred = units.reduced(np.maximum, booked.barred.astype(np.int8)) > 0
    return Evening(booked, units, risk, expected, barred, usual)


class Promising:
    """Finds the bookings that may be listed: those among the greatest so far, more than can be listed."""

    def __init__(self, order: Order, most: int):
        self.order, self.some = order, MARGIN * most
        self._greatest = np.zeros(0)

    def among(self, part: Booked) -> np.ndarray:
        """Positions of those of a batch, (k,)."""
        values = part.part if self.order == "value" else part.p
        whole = np.concatenate([self._greatest, values])
        if len(whole) > self.some:
            whole = np.partition(whole, len(whole) - self.some)[-self.some :]
        self._greatest = whole
        return np.flatnonzero(values >= whole.min()) if len(whole) else np.zeros(0, dtype=np.int64)


def _part(problem: Problem, looked: Looked, costs: Costs, place: np.ndarray) -> Booked:
    book, predicted = looked.book, looked.predicted
    position = book.at.position
    return Booked(
        book.table.unit[position],
        book.table.fact_key[position],
        predicted.raw,
        predicted.p,
        looked.prospect.parts(costs, predicted.p),
        np.repeat(~may_be_called(problem, book), book.rooms),
        place[position],
    )
