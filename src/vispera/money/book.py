"""The open books of past nights, or of tonight, as units that one call covers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from vispera.asof import Snapshots, open_books
from vispera.problem import Problem
from vispera.table import Table


@dataclass(frozen=True)
class Book:
    """Open (booking, night) pairs, n of them, and the m unit-nights that they make up.

    Pairs are sorted by night, unit and booking facts: never by a row's place, which an outcome may have
    decided. ``nights`` are all nights of the range, (T,), those with nothing open among them.
    """

    table: Table
    at: Snapshots
    nights: np.ndarray

    def __len__(self) -> int:
        return len(self.starts)

    @cached_property
    def starts(self) -> np.ndarray:
        """Place of each unit-night's first pair, (m,)."""
        unit = self.table.unit[self.at.position]
        changed = np.ones(len(unit), dtype=bool)
        changed[1:] = (unit[1:] != unit[:-1]) | (self.at.night[1:] != self.at.night[:-1])
        return np.flatnonzero(changed)

    @property
    def unit(self) -> np.ndarray:
        """Salted hash of each unit-night's unit, (m,) uint64."""
        return self._unit

    @property
    def which(self) -> np.ndarray:
        """Place of each unit-night's night among ``nights``, (m,)."""
        return self._which

    @cached_property
    def first(self) -> np.ndarray:
        """Place in the table of a booking of each unit-night, (m,); they are equal in the unit's columns."""
        return self.at.position[self.starts]

    @cached_property
    def night(self) -> np.ndarray:
        """Night of each unit-night, (m,)."""
        return self.at.night[self.starts]

    @cached_property
    def _unit(self) -> np.ndarray:
        return self.table.unit[self.first]

    @cached_property
    def _which(self) -> np.ndarray:
        return np.searchsorted(self.nights, self.night)

    @cached_property
    def edges(self) -> np.ndarray:
        """Where each night's unit-nights begin, and where the last ones end, (T + 1,)."""
        return np.searchsorted(self.which, np.arange(len(self.nights) + 1))

    @cached_property
    def days_left(self) -> np.ndarray:
        """Days from the night of each pair to its arrival, (n,): 1 to the horizon."""
        return self.table.arrival[self.at.position] - self.at.night

    @cached_property
    def rooms(self) -> np.ndarray:
        """Open bookings of each unit-night, (m,)."""
        return np.diff(np.append(self.starts, len(self.at)))

    def total(self, values: np.ndarray) -> np.ndarray:
        """Sum of the pairs' values by unit-night, (m,), the same in whatever order the table came."""
        return np.add.reduceat(values, self.starts) if len(self.starts) else np.zeros(0)

    def greatest(self, values: np.ndarray) -> np.ndarray:
        """Greatest of the pairs' values by unit-night, (m,)."""
        return np.maximum.reduceat(values, self.starts) if len(self.starts) else np.zeros(0)

    def riskiest(self, p: np.ndarray) -> np.ndarray:
        """Place of each unit-night's pair of the greatest probability, (m,): the first of equals."""
        unit_night = np.repeat(np.arange(len(self)), self.rooms)
        order = np.lexsort((np.arange(len(p)), -p, unit_night))
        return order[self.starts] if len(self) else order

    def any(self, flags: np.ndarray) -> np.ndarray:
        """Whether a flag (n,) is raised for any pair of a unit-night, (m,) bool."""
        return self.greatest(flags.astype(np.int8)) > 0


def read_book(problem: Problem, table: Table, first: int, last: int) -> Book:
    """The open books of the nights from ``first`` to ``last``, arrivals within the problem's horizon."""
    at = open_books(table, first, last, problem.split.horizon_days)
    order = np.lexsort((table.fact_key[at.position], table.unit[at.position], at.night))
    return Book(table, at.take(order), np.arange(first, last + 1, dtype=np.int32))


def may_be_called(problem: Problem, book: Book) -> np.ndarray:
    """Whether a unit-night may be called, (m,) bool: none of its bookings is flagged as not to be."""
    flag = problem.decision.do_not_call
    if flag is None:
        return np.ones(len(book), dtype=bool)
    flagged = book.table.rows[flag].fillna(False).to_numpy(dtype=bool)
    return ~book.any(flagged[book.at.position])
