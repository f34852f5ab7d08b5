"""A rate for each group of bookings, as a person would keep it in a table on the wall."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from vispera.errors import Declined, UsageError, nearest
from vispera.model.calibrated import CalibratedModel, Sample
from vispera.model.encode import MISSING, UNKNOWN, Columns, Features, bucketed
from vispera.model.stable import json_bytes

if TYPE_CHECKING:
    import pandas as pd

MOST_GROUPS = 2**62


@dataclass(frozen=True)
class Step:
    """One more column of the rule: its labels, and the groups seen up to and with it.

    ``keys`` (g, depth) holds the codes of each group, ``log_odds`` (g,) its smoothed rate.
    """

    name: str
    labels: tuple[str, ...]
    edges: tuple[float, ...] | None
    keys: np.ndarray
    log_odds: np.ndarray
    weights: np.ndarray

    def codes(self, columns: Columns) -> np.ndarray:
        """Label number of each row in this column."""
        if self.edges is not None:
            return bucketed(columns.numbers[self.name], np.asarray(self.edges))
        return columns.codes[self.name]


@dataclass(frozen=True)
class GroupRates:
    """Smoothed rates by ever finer groups; a row takes the finest group that was seen."""

    family: ClassVar[str] = "rule"
    base: float
    steps: tuple[Step, ...]
    rounds: None = None

    def raw(self, columns: Columns) -> np.ndarray:
        """Log-odds of the finest known group of each row."""
        return self._ladder(columns)[-1]

    def contributions(self, columns: Columns) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """What each column moved when it was added to those before it."""
        ladder = self._ladder(columns)
        moved = {
            step.name: after - before
            for step, (before, after) in zip(self.steps, pairwise(ladder), strict=True)
        }
        return moved, ladder[0]

    def files(self) -> dict[str, bytes]:
        """The table in words."""
        steps = []
        for depth, step in enumerate(self.steps, start=1):
            named = [self.steps[i].labels for i in range(depth)]
            groups = [
                [[None if code == MISSING else named[i][code] for i, code in enumerate(key)], odds, weight]
                for key, odds, weight in zip(
                    step.keys.tolist(), step.log_odds.tolist(), step.weights.tolist(), strict=True
                )
            ]
            steps.append({"column": step.name, "labels": step.labels, "edges": step.edges, "groups": groups})
        return {"model.json": json_bytes({"base": self.base, "steps": steps})}

    def _ladder(self, columns: Columns) -> list[np.ndarray]:
        ladder = [np.full(columns.n, self.base)]
        codes = np.stack([step.codes(columns) for step in self.steps], axis=1)
        sizes = [len(step.labels) for step in self.steps]
        for depth, step in enumerate(self.steps, start=1):
            known, asked = _numbered(step.keys, sizes), _numbered(codes[:, :depth], sizes)
            order = np.argsort(known)
            at = order[np.clip(np.searchsorted(known, asked, sorter=order), 0, len(known) - 1)]
            ladder.append(np.where(known[at] == asked, step.log_odds[at], ladder[-1]))
        return ladder


def load(files: Mapping[str, bytes], features: Features) -> GroupRates:
    """The table as it was written."""
    written = json.loads(files["model.json"])
    steps: list[Step] = []
    positions: list[dict] = []
    for entry in written["steps"]:
        positions.append({label: code for code, label in enumerate(entry["labels"])} | {None: MISSING})
        cells, log_odds, weights = zip(*entry["groups"], strict=True)
        keys = np.array(
            [[positions[i][label] for i, label in enumerate(cell)] for cell in cells], dtype=np.int32
        )
        edges = None if entry["edges"] is None else tuple(entry["edges"])
        steps.append(
            Step(entry["column"], tuple(entry["labels"]), edges, keys, np.array(log_odds), np.array(weights))
        )
    return GroupRates(written["base"], tuple(steps))


@dataclass(frozen=True, kw_only=True)
class Rule(CalibratedModel):
    """Rate by groups of a few columns, each group smoothed towards the coarser one.

    Parameters
    ----------
    columns
        From the coarsest to the finest: the groups of the first k columns back those of k + 1 up.
    edges
        Upper edges, inclusive, of the buckets of each numeric column.
    smoothing
        Weight in units that the coarser group's rate counts for.
    """

    serves_one_class: ClassVar[bool] = True
    columns: Sequence[str]
    edges: Mapping[str, Sequence[float]] = field(default_factory=dict)
    smoothing: float = 50.0

    def __post_init__(self):
        faults = (
            [] if self.columns else ["rule needs at least one column; give columns in conf/model/rule.yaml"]
        )
        if not self.smoothing > 0:
            faults.append(f"rule's smoothing is {self.smoothing}; allowed: above 0")
        for name, edges in self.edges.items():
            if name not in self.columns:
                faults.append(
                    f"rule has edges for '{name}', which is no column of it; {nearest(name, self.columns)}"
                )
            if not edges or any(after <= before for before, after in pairwise(edges)):
                faults.append(
                    f"rule's edges of '{name}' are {list(edges)}; allowed: one or more rising numbers"
                )
        if faults:
            raise UsageError(*faults)

    def wanted(self, x: pd.DataFrame) -> list[str]:
        """The rule's own columns; ``Declined`` where the frame has not all of them."""
        absent = [name for name in self.columns if name not in x.columns]
        if absent:
            raise Declined(
                *(
                    f"rule groups by '{name}', which is not among the features; {nearest(name, x.columns)}"
                    for name in absent
                ),
                "set model.estimator.columns to columns of this problem",
            )
        return list(self.columns)

    def learn(self, sample: Sample, later: Sample | None = None, rounds: int | None = None) -> GroupRates:
        """Weighted rates by group, from the coarsest to the finest."""
        features = sample.columns.features
        for name in self.columns:
            if name not in features.levels and name not in self.edges:
                raise Declined(
                    f"rule groups by the number '{name}' and has no edges for it; set model.estimator.edges"
                )
        base = sample.rate
        steps: list[Step] = []
        coarser = np.full(sample.columns.n, base)
        codes = np.empty((sample.columns.n, 0), dtype=np.int32)
        for name in self.columns:
            edges = None if name in features.levels else tuple(map(float, self.edges[name]))
            labels = features.levels[name] if edges is None else _bucket_labels(edges)
            empty = Step(name, labels, edges, codes, coarser, coarser)
            codes = np.column_stack([codes, empty.codes(sample.columns)])
            keys, first, group = np.unique(codes, axis=0, return_index=True, return_inverse=True)
            weight = np.bincount(group, weights=sample.weights)
            positive = np.bincount(group, weights=sample.weights * sample.y)
            rate = (positive + self.smoothing * coarser[first]) / (weight + self.smoothing)
            coarser = rate[group]
            steps.append(Step(name, labels, edges, keys, _log_odds(rate), weight))
        if np.prod([len(step.labels) + 2.0 for step in steps]) > MOST_GROUPS:
            raise Declined(f"rule has too many groups by {', '.join(self.columns)}; take fewer columns")
        return GroupRates(float(_log_odds(np.array(base))), tuple(steps))


def _bucket_labels(edges: Sequence[float]) -> tuple[str, ...]:
    return (*(f"<= {edge:g}" for edge in edges), f"> {edges[-1]:g}")


def _log_odds(rate: np.ndarray) -> np.ndarray:
    return np.log(rate / (1 - rate))


def _numbered(codes: np.ndarray, sizes: Sequence[int]) -> np.ndarray:
    number = np.zeros(len(codes), dtype=np.int64)
    for column, size in zip(codes.T, sizes, strict=False):
        number = number * (size + 2) + (column - min(UNKNOWN, MISSING))
    return number
