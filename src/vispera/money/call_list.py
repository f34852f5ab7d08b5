"""Call lists: whom to phone first, night by night, a unit at most once."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, Protocol

import numpy as np

from vispera.chance import drawn
from vispera.errors import UsageError

Order = Literal["value", "risk"]
NOT_LISTED = -1


@dataclass(frozen=True, kw_only=True)
class ListSettings:
    """How a list is made.

    Attributes
    ----------
    order
        ``value``: by expected value, as long as it is positive; ``risk``: by the probability alone.
    control_share
        Share of the would-be calls that are not made, drawn by lot: without them nobody can ever know what a
        call does. They are marked ``control`` in the column ``arm``.
    """

    order: Order = "value"
    control_share: float = 0.0

    def __post_init__(self):
        if not 0.0 <= self.control_share < 1.0:
            raise UsageError(
                f"list.control_share={self.control_share}: wanted 0 or more and less than 1, such as 0.1"
            )


class UnitNights(Protocol):
    """Who can be listed: m units, each on one of T nights, sorted by night; a `Book` is one."""

    @property
    def nights(self) -> np.ndarray:
        """All nights, (T,)."""
        ...

    @property
    def unit(self) -> np.ndarray:
        """Salted hash of each one's unit, (m,) uint64."""
        ...

    @property
    def which(self) -> np.ndarray:
        """Place of each one's night among the nights, (m,)."""
        ...

    def __len__(self) -> int: ...


def listed(book: UnitNights, score: np.ndarray, eligible: np.ndarray, capacity: int) -> np.ndarray:
    """Place of each unit-night on its night's list, 0 first, (m,) int; ``NOT_LISTED`` for the others.

    Each night the ``capacity`` greatest scores (m,) of those that are eligible (m,) and whose unit is on no
    list of an earlier night; ties by the salted hash of the unit.
    """
    unit = np.unique(book.unit, return_inverse=True)[1] if len(book.nights) > 1 else np.arange(len(book))
    done = np.zeros(int(unit.max()) + 1 if len(unit) else 0, dtype=bool)
    places = np.full(len(book), NOT_LISTED)
    edges = np.searchsorted(book.which, np.arange(len(book.nights) + 1))
    for start, end in pairwise(edges):
        candidates = start + np.flatnonzero(eligible[start:end] & ~done[unit[start:end]])
        chosen = _best(candidates, score, book.unit, capacity)
        places[chosen] = np.arange(len(chosen))
        done[unit[chosen]] = True
    return places


def _best(among: np.ndarray, score: np.ndarray, unit: np.ndarray, most: int) -> np.ndarray:
    """Those of the positions with the greatest scores, at most so many, the greatest first."""
    if len(among) > most:  # sorting a million takes longer than finding the few that can be among the first
        least = -np.partition(-score[among], most - 1)[most - 1]
        among = among[score[among] >= least]
    return among[np.lexsort((unit[among], -score[among]))][:most]


def ranks(book: UnitNights, score: np.ndarray) -> np.ndarray:
    """Place of each unit-night among all of its night by a score, 1 for the greatest, (m,) int."""
    order = np.lexsort((book.unit, -score, book.which))
    found = np.empty(len(book), dtype=np.int64)
    edges = np.searchsorted(book.which, np.arange(len(book.nights)))
    found[order] = np.arange(len(book)) - edges[book.which[order]] + 1
    return found


def ranks_of(unit: np.ndarray, score: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """As `ranks`, of some of one night's units alone, (k,) int; it puts in order no more than the scores."""
    falling = np.sort(-score)
    ahead, equal = (np.searchsorted(falling, -score[chosen], side) for side in ("left", "right"))
    for place in np.flatnonzero(equal - ahead > 1).tolist():
        own = chosen[place]
        ahead[place] += np.sum((score == score[own]) & (unit < unit[own]))
    return ahead + 1


def in_control(book: UnitNights, share: float, seed: int) -> np.ndarray:
    """Whether a unit-night would be left uncalled if it were listed, (m,) bool: by lot, one lot a unit.

    The lot follows from the seed and the unit alone, whatever the night and whoever else is there.
    """
    return drawn(seed, book.unit) < share
