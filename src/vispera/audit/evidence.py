"""What the checks look at; outcomes only of bookings that the test window's model may learn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from vispera.asof import Snapshots, scoring_night
from vispera.audit.strength import Strength, strength
from vispera.feature import FeatureSpec, columns_read
from vispera.problem import Problem
from vispera.split import Fold
from vispera.table import Rows, Table

UNDECLARED_CEILING = 0.9
"""ROC AUC above which one feature alone is too good, where the problem declares no ceiling."""


@dataclass(frozen=True)
class Evidence:
    """A problem's table, the features that a recipe takes of it, and the windows that it will be judged by.

    ``at`` are n (booking, night) pairs, the scoring nights among them, and ``rows`` their features.
    """

    problem: Problem
    spec: FeatureSpec
    table: Table
    at: Snapshots
    rows: Rows
    windows: Sequence[Fold]

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Columns of the table that the features read."""
        return columns_read(self.spec, self.problem.schema)

    @property
    def ceiling(self) -> float:
        """ROC AUC that no single feature can have honestly: what all of them together may reach."""
        declared = self.problem.decision.ceiling
        return UNDECLARED_CEILING if declared is None else declared

    @cached_property
    def once(self) -> np.ndarray:
        """Pairs at a scoring night that the test window's model may learn from, (n,) bool."""
        due = self.at.night == scoring_night(self.table, self.problem.split.horizon_days)[self.at.position]
        return due & self.windows[-1].trains(self.table, self.at)

    @cached_property
    def strengths(self) -> Mapping[str, Strength]:
        """What each feature alone tells of the outcome."""
        rows = self.rows.take(self.once)
        return {name: strength(rows.x.loc[:, name], rows.y, rows.unit) for name in rows.x}

    @cached_property
    def past(self) -> np.ndarray:
        """Bookings of the population that the test window's model may learn from, (bookings,) bool."""
        everyone = Snapshots(np.arange(len(self.table)), self.table.booked)
        return self.table.in_population & self.windows[-1].trains(self.table, everyone)
