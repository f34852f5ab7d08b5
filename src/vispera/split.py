"""Windows of scoring nights: what a model may learn from, and which rows it is then scored on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np

from vispera.asof import Snapshots, scoring_night
from vispera.clock import day, iso
from vispera.errors import UsageError
from vispera.schema import SplitSettings
from vispera.table import Table

TEST = "test"
TUNING = "tuning"


class Fold(Protocol):
    """One window: which (booking, night) pairs a model learns from and which it is scored on."""

    @property
    def name(self) -> str:
        """What a record calls it: ``tuning-1`` and on, oldest first, then ``test``."""
        ...

    def trains(self, table: Table, at: Snapshots) -> np.ndarray:
        """Pairs that a model of this window may learn from, (n,) bool."""
        ...

    def scores(self, table: Table, at: Snapshots) -> np.ndarray:
        """Pairs that the window scores: each booking once, at its scoring night, (n,) bool."""
        ...

    def describe(self) -> dict[str, str]:
        """The window in words that a record keeps."""
        ...


@dataclass(frozen=True)
class Window:
    """Scoring nights ``first`` to ``last``; its model learns from arrivals on or before ``cutoff``."""

    name: str
    first: int
    last: int
    horizon_days: int

    @property
    def cutoff(self) -> int:
        """The day before the first scoring night."""
        return self.first - 1

    def trains(self, table: Table, at: Snapshots) -> np.ndarray:
        """Pairs whose booking arrived by the cutoff.

        Never "whose outcome was known by then": that adds future arrivals that are all cancellations.
        """
        return table.arrival[at.position] <= self.cutoff

    def scores(self, table: Table, at: Snapshots) -> np.ndarray:
        """Pairs at the booking's scoring night, if that lies in the window."""
        due = at.night == scoring_night(table, self.horizon_days)[at.position]
        return due & (self.first <= at.night) & (at.night <= self.last)

    def describe(self) -> dict[str, str]:
        """The window in words that a record keeps."""
        return {
            "window": self.name,
            "first": iso(self.first),
            "last": iso(self.last),
            "cutoff": iso(self.cutoff),
        }


@dataclass(frozen=True)
class RandomFold:
    """Units whose hash falls between two shares; trains on the rest. Leaks the future by design."""

    name: str
    low: float
    high: float
    seed: int
    horizon_days: int

    def _inside(self, table: Table, at: Snapshots) -> np.ndarray:
        mixed = (table.unit ^ np.uint64(self.seed * 0x9E3779B97F4A7C15 % 2**64)) * np.uint64(
            0xBF58476D1CE4E5B9
        )
        share = (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53
        return ((self.low <= share) & (share < self.high))[at.position]

    def trains(self, table: Table, at: Snapshots) -> np.ndarray:
        """Pairs of all other units."""
        return ~self._inside(table, at)

    def scores(self, table: Table, at: Snapshots) -> np.ndarray:
        """Pairs of the fold's units at the booking's scoring night."""
        return self._inside(table, at) & (at.night == scoring_night(table, self.horizon_days)[at.position])

    def describe(self) -> dict[str, str]:
        """The fold in words that a record keeps."""
        return {"window": self.name, "units": f"random {self.low:g} to {self.high:g}, seed {self.seed}"}


def folds(settings: SplitSettings, table: Table) -> Sequence[Fold]:
    """The tuning windows, oldest first, then the test window; of the kind that the settings name.

    Raises
    ------
    UsageError
        If the table does not reach back far enough for the first window to have anything to learn from.
    """
    return random_folds(settings) if settings.kind == "random" else windows(settings, table)


def random_folds(settings: SplitSettings) -> list[RandomFold]:
    """As many folds as there would be windows, of equal shares of the units."""
    edges = np.linspace(0, 1, settings.tuning + 2)
    names = [*(f"{TUNING}-{i + 1}" for i in range(settings.tuning)), TEST]
    return [
        RandomFold(name, low, high, settings.seed, settings.horizon_days)
        for name, (low, high) in zip(names, pairwise(edges), strict=True)
    ]


def windows(settings: SplitSettings, table: Table) -> list[Window]:
    """Windows of scoring nights back to back, the test window last; UsageError as ``folds`` tells."""
    last = day(settings.test_last) if settings.test_last else int(table.arrival.max()) - settings.horizon_days
    first = day(settings.test_first) if settings.test_first else last - settings.nights + 1
    tuning_first = first - settings.nights * settings.tuning
    if int(table.arrival.min()) >= tuning_first:
        raise UsageError(
            f"problem.split: the first tuning window would begin on {iso(tuning_first)}, "
            f"but arrivals begin on {iso(int(table.arrival.min()))}; "
            "type fewer problem.split.tuning or shorter problem.split.nights"
        )
    if last < first:
        raise UsageError(
            f"problem.split: the test window ends on {iso(last)}, before it begins on {iso(first)}"
        )
    starts = [tuning_first + settings.nights * i for i in range(settings.tuning)]
    tuning = [
        Window(f"{TUNING}-{i + 1}", start, start + settings.nights - 1, settings.horizon_days)
        for i, start in enumerate(starts)
    ]
    return [*tuning, Window(TEST, first, last, settings.horizon_days)]
