"""A recipe at work: what does not depend on the window made once, then one fit and one scoring a window."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from vispera.asof import Ledger, Snapshots, scoring_night, snapshots
from vispera.clock import dates
from vispera.errors import UsageError
from vispera.feature import FeatureSpec, build, training_weights
from vispera.lazy import pandas as pd
from vispera.model import Fitted, Model
from vispera.split import Fold
from vispera.table import Rows, Table


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What may vary between comparable runs: features, training snapshots and the model with its settings.

    ``snapshots`` are the distances in days before arrival at which each training booking is looked at;
    ``stale_days`` the age in days up to which rates and counts may be when it scores, 0 if they are of each
    night: it learns from rows that know as little. ``space`` is what a search may try of the rest, nested
    like it, see `vispera.space.read_space`.
    """

    name: str
    estimator: Model
    features: FeatureSpec = field(default_factory=FeatureSpec)
    snapshots: tuple[int, ...] = (14,)
    stale_days: int = 0
    space: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self):
        if self.stale_days < 0:
            raise UsageError(f"stale_days={self.stale_days}: wanted 0 days or more, such as 31")

    @property
    def looks_at(self) -> tuple[FeatureSpec, tuple[int, ...], int]:
        """All that its material follows from, beside the table."""
        return self.features, self.snapshots, self.stale_days

    def known(self, night: np.ndarray) -> np.ndarray:
        """Night whose knowledge is had on each night, (n,): one to ``stale_days`` days before, in turn."""
        return night - 1 - night % self.stale_days if self.stale_days else night


@dataclass(frozen=True)
class Material:
    """Features of every pair that a recipe learns from or is scored on; n pairs.

    ``teaches`` marks the pairs at the recipe's own distances, (n,) bool: the scoring distance is always
    there, but not every recipe learns from it.
    """

    table: Table
    at: Snapshots
    rows: Rows
    teaches: np.ndarray
    distances: tuple[int, ...]

    def training(self, chosen: np.ndarray) -> tuple[Rows, np.ndarray]:
        """Rows to learn from among the chosen pairs (n,) bool, and their weights with a mean of 1."""
        taken = chosen & self.teaches
        weights = training_weights(self.table, self.at.take(taken), self.distances)
        return self.rows.take(taken), weights / weights.mean() if len(weights) else weights

    @cached_property
    def last_arrival(self) -> int:
        """Day by which every outcome of the table had matured."""
        return int(self.table.arrival.max())


def prepare(
    table: Table,
    recipe: Recipe,
    ledger: Ledger,
    horizon_days: int,
    step: Callable[[str], None] | None = None,
) -> Material:
    """Material of a recipe; ``step`` is called with the name of each family of features."""
    at = snapshots(table, {*recipe.snapshots, horizon_days})
    nights = [scoring_night(table, distance)[at.position] for distance in recipe.snapshots]
    teaches = np.logical_or.reduce([at.night == night for night in nights])
    rows = build(table, at, recipe.features, ledger.stopped(recipe.known), step)
    return Material(table, at, rows, teaches, recipe.snapshots)


def fit_window(material: Material, recipe: Recipe, fold: Fold) -> tuple[Fitted, pd.DataFrame]:
    """Cutoff fit of one window, and its predictions of the rows that the window scores.

    The frame has the columns row_key, unit, night, arrival, window, y, raw, p, one row a booking scored,
    sorted by row_key and night.
    """
    fitted = recipe.estimator.fit(*material.training(fold.trains(material.table, material.at)))
    scored = scored_rows(material, fold)
    predicted = fitted.predict(scored.x)
    frame = pd.DataFrame(
        {
            "row_key": scored.row_key,
            "unit": scored.unit,
            "night": dates(scored.night),
            "arrival": dates(scored.arrival),
            "window": fold.name,
            "y": scored.y.astype(np.int8),
            "raw": predicted.raw,
            "p": predicted.p,
        }
    )
    return fitted, frame.sort_values(["row_key", "night"], ignore_index=True)


def fit_final(material: Material, recipe: Recipe, until: int | None = None) -> Fitted:
    """Final fit on everything that had arrived by a day, or on everything matured: every outcome is seen."""
    until = material.last_arrival if until is None else until
    arrived = material.table.arrival[material.at.position] <= until
    return recipe.estimator.fit(*material.training(arrived))


def scored_rows(material: Material, fold: Fold) -> Rows:
    """Rows that a window scores."""
    return material.rows.take(fold.scores(material.table, material.at))


def evaluation_rows(material: Material, windows: Sequence[Fold]) -> str:
    """Hash of which (booking, night) pairs each window scores and what became of them."""
    digest = hashlib.sha256()
    for fold in windows:
        scored = scored_rows(material, fold)
        order = np.lexsort((scored.night, scored.row_key))
        digest.update(fold.name.encode())
        for values in (scored.row_key, scored.night.astype(np.int64), scored.y):
            digest.update(values[order].tobytes())
    return digest.hexdigest()


def slice_values(material: Material, predictions: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """Values of the permitted slicing columns, each in the order of the predictions' rows."""
    place = pd.Series(np.arange(len(material.table)), index=material.table.row_key)
    positions = place.loc[predictions["row_key"]].to_numpy()
    return material.table.rows.loc[:, list(columns)].iloc[positions].reset_index(drop=True)
