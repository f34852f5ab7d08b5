"""Every open booking of tonight scored, batch by batch, and what calling each unit is worth.

What comes out is the same, to the bit, in whatever order and in however many batches the bookings come: the
bookings of a unit are added up in the order of their facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from vispera.decision import Costs, Worth
from vispera.feature import build
from vispera.feature.snapshot import KeptLedger
from vispera.lazy import pandas as pd
from vispera.model import Prediction
from vispera.money.book import Book, may_be_called, read_book
from vispera.money.reason import Usual
from vispera.money.value import Prospect, kept_prospect
from vispera.problem import Problem
from vispera.table import Table, content_key
from vispera.tonight.intake import Batch
from vispera.tonight.scoring import Scoring


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
    """The n open bookings of an evening, (n,) each.

    ``unit`` and ``fact_key`` as of `Table`; ``raw`` and ``p`` their scores; ``part`` what each adds to the
    value of calling its unit, EUR; ``barred`` those whom nobody may call; ``batch`` and ``place`` where each
    came from.
    """

    unit: np.ndarray
    fact_key: np.ndarray
    raw: np.ndarray
    p: np.ndarray
    part: np.ndarray
    barred: np.ndarray
    batch: np.ndarray
    place: np.ndarray

    @classmethod
    def whole(cls, parts: Iterable[Booked]) -> Booked:
        """Of several, in the order of units and facts."""
        arrays = zip(*(vars(part).values() for part in parts), strict=True)
        every = cls(*(np.concatenate(one) for one in arrays))
        order = np.lexsort((every.fact_key, every.unit))
        return cls(*(values[order] for values in vars(every).values()))

    def __len__(self) -> int:
        return len(self.unit)


@dataclass(frozen=True)
class Units:
    """The m units of an evening, in the order of their hash; m unit-nights of its one night."""

    nights: np.ndarray
    unit: np.ndarray
    which: np.ndarray
    starts: np.ndarray

    @classmethod
    def of(cls, booked: Booked, night: int) -> Units:
        """Those of bookings that are sorted by unit."""
        changed = np.ones(len(booked), dtype=bool)
        changed[1:] = booked.unit[1:] != booked.unit[:-1]
        starts = np.flatnonzero(changed)
        nights = np.array([night], dtype=np.int32)
        return cls(nights, booked.unit[starts], np.zeros(len(starts), dtype=np.int64), starts)

    def __len__(self) -> int:
        return len(self.unit)

    def reduced(self, how: np.ufunc, values: np.ndarray) -> np.ndarray:
        """The bookings' values (n,) taken together by unit, (m,)."""
        return how.reduceat(values, self.starts) if len(self.starts) else np.zeros(0)


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

    def scores(self) -> pd.DataFrame:
        """Scores of every open booking as they are kept, with the value of calling its unit."""
        ordinal = pd.Series(self.booked.fact_key).groupby(self.booked.fact_key).cumcount().to_numpy()
        row_key = content_key(pd.DataFrame({"facts": self.booked.fact_key, "ordinal": ordinal}))
        sizes = np.diff(np.append(self.units.starts, len(self.booked)))
        frame = pd.DataFrame(
            {
                "row_key": row_key,
                "unit": self.booked.unit,
                "raw": self.booked.raw,
                "p": self.booked.p,
                "expected_value": np.repeat(self.expected, sizes),
            }
        )
        return frame.sort_values("row_key", ignore_index=True)


def score_all(
    problem: Problem,
    scoring: Scoring,
    costs: Costs,
    worth: Worth,
    night: int,
    batches: Iterable[Batch],
    step: Callable[[int, int], None] | None = None,
) -> Evening:
    """Every open booking of the batches scored; ``step`` is told the number of each and how many so far."""
    parts, usual, scored = [], None, 0
    for number, batch in enumerate(batches):
        looked = look(problem, scoring, worth, batch.table, night)
        parts.append(_part(problem, looked, costs, number, batch.place))
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


def _part(problem: Problem, looked: Looked, costs: Costs, number: int, place: np.ndarray) -> Booked:
    book, predicted = looked.book, looked.predicted
    position = book.at.position
    return Booked(
        book.table.unit[position],
        book.table.fact_key[position],
        predicted.raw,
        predicted.p,
        looked.prospect.parts(costs, predicted.p),
        np.repeat(~may_be_called(problem, book), book.rooms),
        np.full(len(position), number, dtype=np.int32),
        place[position],
    )
