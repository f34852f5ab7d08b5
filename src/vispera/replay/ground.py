"""What every way of calling meets: the books, who may be called, what a call is worth, how many there are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from vispera.decision import Costs
from vispera.money.book import Book
from vispera.money.call_list import NOT_LISTED, listed
from vispera.money.value import Hindsight, Prospect


@dataclass(frozen=True)
class Account:
    """What one way of calling came to, by night, (T,) each: units, and EUR.

    ``expected`` is None for a way that expects nothing.
    """

    calls: np.ndarray
    caught: np.ndarray
    realised: np.ndarray
    expected: np.ndarray | None = None

    @property
    def in_vain(self) -> np.ndarray:
        """Calls to units of which every booking was kept, by night."""
        return self.calls - self.caught


@dataclass(frozen=True)
class Ground:
    """The ground on which ways of calling are compared; m unit-nights on T nights.

    ``allowed`` (m,) marks those who may be called, ``control`` (m,) those who would be left uncalled by lot.
    """

    book: Book
    prospect: Prospect
    hindsight: Hindsight
    allowed: np.ndarray
    control: np.ndarray
    costs: Costs
    capacity: int

    def under(self, costs: Costs | None = None, capacity: int | None = None) -> Ground:
        """The same nights under other assumptions."""
        capacity = self.capacity if capacity is None else capacity
        return replace(self, costs=costs or self.costs, capacity=capacity)

    @cached_property
    def hit(self) -> np.ndarray:
        """Whether a unit-night's unit was lost in part or whole, (m,) bool."""
        return self.hindsight.hit

    @cached_property
    def realised(self) -> np.ndarray:
        """Value of calling each unit-night, known today, (m,) EUR."""
        return self.hindsight.realised(self.costs)

    @cached_property
    def lost_units(self) -> int:
        """Units that could have been called and were lost."""
        return len(np.unique(self.book.unit[self.hit & self.allowed]))

    def expected(self, p: np.ndarray) -> np.ndarray:
        """Expected value of calling each unit-night by the pairs' probabilities (n,), (m,) EUR."""
        return self.prospect.expected(self.costs, p)

    def places(self, score: np.ndarray, eligible: np.ndarray | None = None) -> np.ndarray:
        """Place of each unit-night on its night's list by a score, (m,); see `call_list.listed`."""
        among = self.allowed if eligible is None else self.allowed & eligible
        return listed(self.book, score, among, self.capacity)

    def by_value(self, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Places by expected value, as long as it is positive, and that value; (m,) each."""
        expected = self.expected(p)
        return self.places(expected, expected > 0), expected

    def called(self, places: np.ndarray) -> np.ndarray:
        """Whether a unit-night on a list was called, (m,) bool; those in the control arm were not."""
        return (places != NOT_LISTED) & ~self.control

    def account(self, places: np.ndarray, expected: np.ndarray | None = None) -> Account:
        """What the lists came to."""
        return self.account_of(self.called(places), expected)

    def account_of(self, called: np.ndarray, expected: np.ndarray | None = None) -> Account:
        """What calling those unit-nights (m,) bool came to."""
        return Account(
            self._by_night(called),
            self._by_night(called & self.hit),
            self._by_night(called, self.realised),
            None if expected is None else self._by_night(called, expected),
        )

    def _by_night(self, chosen: np.ndarray, values: np.ndarray | None = None) -> np.ndarray:
        weights = None if values is None else values[chosen]
        return np.bincount(self.book.which[chosen], weights, len(self.book.nights)).astype(np.float64)
