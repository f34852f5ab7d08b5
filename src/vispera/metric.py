"""Metrics of a set of scored rows: one function each, over rows and how often each row counts.

To add one, write one function with ``@metric(...)`` on it. It takes ``(scored, weights)`` and, by
keyword with a default, its parameters; it gives back a float, nan where the metric is not defined.
It must not depend on the order of the rows: use ``scored.ranked`` and ``scored.calls``, whose order
follows from the content alone. Judged is ``p``, which is what is delivered; ``raw`` only travels along.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from vispera.clock import days

if TYPE_CHECKING:
    import pandas as pd

Cluster = Literal["arrival", "night"]
"""What is drawn, with all its rows, when a metric is resampled: an arrival date or a scoring night."""

CLIP = float(np.finfo(np.float64).eps)
"""Log-loss takes p into [CLIP, 1 - CLIP] (2.2e-16, as scikit-learn does): one sure error costs 36."""


@dataclass(frozen=True)
class Ranked:
    """Rows by rising p, ties in an order that follows from their content.

    ``order`` are positions in the unsorted arrays; ``starts`` is where each run of equal p begins.
    """

    order: np.ndarray
    p: np.ndarray
    y: np.ndarray
    starts: np.ndarray


@dataclass(frozen=True)
class Calls:
    """Units of each night in the order in which they would be called.

    ``night`` is the position of a unit's night in ``nights``, ``rank`` its place on that night's list,
    0 first, ``hit`` whether any of its rows was cancelled. ``night_of_row`` is the same position for
    each row, ``row_of_night`` one row of each night.
    """

    nights: np.ndarray
    night: np.ndarray
    rank: np.ndarray
    hit: np.ndarray
    night_of_row: np.ndarray
    row_of_night: np.ndarray

    def hits(self, k: int) -> np.ndarray:
        """Hits among the first ``k`` calls of each night, (nights,)."""
        return np.bincount(self.night[self.hit & (self.rank < k)], minlength=len(self.nights))

    def hits_by_chance(self, k: int) -> np.ndarray:
        """Expected hits among ``k`` units of each night called at random, (nights,)."""
        return np.minimum(k, self.units) * self.positives / self.units

    @property
    def units(self) -> np.ndarray:
        """Units that could be called on each night, (nights,)."""
        return np.bincount(self.night, minlength=len(self.nights))

    @property
    def positives(self) -> np.ndarray:
        """Units of each night that would be a hit, (nights,)."""
        return np.bincount(self.night[self.hit], minlength=len(self.nights))


@dataclass(frozen=True)
class Scored:
    """Scored rows with their outcomes, all arrays (n,), in any order.

    ``y`` is 1 for cancelled later or not taken up; ``p`` the calibrated probability of it, ``raw`` the
    log-odds before calibration; ``night`` and ``arrival`` day numbers; ``unit`` the salted hash of what
    one call covers.
    """

    y: np.ndarray
    p: np.ndarray
    raw: np.ndarray
    night: np.ndarray
    arrival: np.ndarray
    unit: np.ndarray

    def __post_init__(self):
        kinds = {"y": float, "p": float, "raw": float, "night": np.int32, "arrival": np.int32}
        for name, kind in {**kinds, "unit": np.uint64}.items():
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=kind))
            if getattr(self, name).shape != self.y.shape or self.y.ndim != 1:
                raise ValueError(f"'{name}' has shape {getattr(self, name).shape}, y {self.y.shape}")
        if not np.isin(self.y, (0.0, 1.0)).all():
            raise ValueError("y must be 0 or 1 in every row")
        if not ((self.p >= 0.0) & (self.p <= 1.0)).all():
            raise ValueError("p must lie in [0, 1] in every row")

    def __len__(self) -> int:
        return len(self.y)

    @classmethod
    def from_frame(cls, predictions: pd.DataFrame) -> Scored:
        """Scored rows of a predictions frame, in its order."""
        plain = {name: predictions[name].to_numpy() for name in ("y", "p", "raw", "unit")}
        return cls(**plain, night=days(predictions["night"]), arrival=days(predictions["arrival"]))

    def take(self, chosen: np.ndarray) -> Scored:
        """The rows that a mask or positions choose."""
        return Scored(**{name: getattr(self, name)[chosen] for name in self.__dataclass_fields__})

    @cached_property
    def ranked(self) -> Ranked:
        """Rows by rising p; rows that tie in everything are the same row to every metric."""
        order = np.lexsort((self.raw, self.arrival, self.night, self.unit, self.y, self.p))
        p = self.p[order]
        return Ranked(order, p, self.y[order], _starts(p))

    @cached_property
    def calls(self) -> Calls:
        """Each night's units, riskiest first; a unit's score is the greatest of its rows."""
        by_unit = np.lexsort((self.unit, self.night))
        night, unit = self.night[by_unit], self.unit[by_unit]
        first = _starts(night, unit)
        p = np.maximum.reduceat(self.p[by_unit], first) if len(first) else self.p
        hit = np.maximum.reduceat(self.y[by_unit], first) > 0 if len(first) else self.y > 0
        listed = np.lexsort((unit[first], -p, night[first]))
        nights, row_of_night, night_of_row = np.unique(self.night, return_index=True, return_inverse=True)
        night_of_unit = np.searchsorted(nights, night[first][listed])
        rank = np.arange(len(listed)) - np.searchsorted(night_of_unit, np.arange(len(nights)))[night_of_unit]
        return Calls(nights, night_of_unit, rank, hit[listed], night_of_row, row_of_night)


def _starts(*sorted_arrays: np.ndarray) -> np.ndarray:
    """Positions at which a run of equal values begins."""
    changed = np.zeros(len(sorted_arrays[0]), dtype=bool)
    changed[:1] = True
    for values in sorted_arrays:
        changed[1:] |= values[1:] != values[:-1]
    return np.flatnonzero(changed)


@dataclass(frozen=True)
class Metric:
    """A metric with its direction, what is resampled for its interval, and its parameters.

    ``floored`` marks a metric that noise can only raise, so that resampling, which adds noise, shifts
    it: its intervals are moved back by the mean shift. ``by_chance`` is needed where a constant
    forecast leaves the value to the order of ties.
    """

    name: str
    function: Callable[..., float]
    greater_is_better: bool
    cluster: Cluster
    floored: bool = False
    by_chance: Callable[..., float] | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, scored: Scored, weights: np.ndarray | None = None) -> float:
        """Value with its parameters; ``weights`` (n,) count how often each row was drawn."""
        return self.function(scored, weights, **self.parameters)

    def chance(self, scored: Scored) -> float:
        """What a forecast reaches that knows nothing but the rate of positives among these rows."""
        if self.by_chance is not None:
            return self.by_chance(scored, **self.parameters)
        return self(replace(scored, p=np.full(len(scored), scored.y.mean() if len(scored) else 0.0)))

    def perfect(self, scored: Scored) -> float:
        """What a forecast reaches that knows every outcome."""
        return self(replace(scored, p=scored.y))

    def declared(self) -> dict[str, Any]:
        """What makes two values of this metric comparable, ready for JSON and for hashing."""
        return {
            "greater_is_better": self.greater_is_better,
            "cluster": self.cluster,
            "parameters": dict(self.parameters),
        }


METRICS: dict[str, Metric] = {}
"""Every metric by name, in the order in which they are shown."""


def metric(
    *,
    greater_is_better: bool,
    cluster: Cluster = "arrival",
    floored: bool = False,
    by_chance: Callable[..., float] | None = None,
):
    """Decorator that puts a function into ``METRICS`` under its own name."""

    def register(function: Callable[..., float]) -> Callable[..., float]:
        parameters = dict(function.__kwdefaults__ or {})
        METRICS[function.__name__] = Metric(
            function.__name__, function, greater_is_better, cluster, floored, by_chance, parameters
        )
        return function

    return register


def suite(*, k: int = 10) -> tuple[Metric, ...]:
    """Every metric, with ``k`` calls a night where one depends on capacity.

    >>> [m.name for m in suite(k=20) if m.parameters.get("k") == 20]
    ['precision_at_k']
    """
    return tuple(
        replace(m, parameters={**m.parameters, "k": k}) if "k" in m.parameters else m
        for m in METRICS.values()
    )


def _weights(scored: Scored, weights: np.ndarray | None) -> np.ndarray:
    return np.ones(len(scored)) if weights is None else np.asarray(weights, dtype=float)


def _mean(values: np.ndarray, weights: np.ndarray) -> float:
    total = weights.sum()
    return float((weights * values).sum() / total) if total > 0 else float("nan")


@metric(greater_is_better=False)
def log_loss(scored: Scored, weights: np.ndarray | None = None) -> float:
    """Mean of -log of the probability given to what happened, p clipped to [CLIP, 1 - CLIP]; in nats."""
    ranked = scored.ranked
    p = np.clip(ranked.p, CLIP, 1.0 - CLIP)
    return _mean(-np.log(np.where(ranked.y > 0, p, 1.0 - p)), _weights(scored, weights)[ranked.order])


@metric(greater_is_better=True)
def pr_auc(scored: Scored, weights: np.ndarray | None = None) -> float:
    """Average precision: precision at each threshold, weighted by the recall gained there."""
    ranked, w = scored.ranked, _weights(scored, weights)[scored.ranked.order]
    if not len(w):
        return float("nan")
    hits = np.add.reduceat(w * ranked.y, ranked.starts)[::-1]
    called = np.cumsum(np.add.reduceat(w, ranked.starts)[::-1])
    caught = np.cumsum(hits)
    if caught[-1] <= 0:
        return float("nan")
    precision = np.divide(caught, called, out=np.zeros_like(caught), where=called > 0)
    return float((hits * precision).sum() / caught[-1])


@metric(greater_is_better=True)
def roc_auc(scored: Scored, weights: np.ndarray | None = None) -> float:
    """Chance that a positive row scores above a negative one, ties counting one half."""
    ranked, w = scored.ranked, _weights(scored, weights)[scored.ranked.order]
    if not len(w):
        return float("nan")
    return area_of_levels(
        np.add.reduceat(w * ranked.y, ranked.starts), np.add.reduceat(w * (1.0 - ranked.y), ranked.starts)
    )


def area_of_levels(positive: np.ndarray, negative: np.ndarray) -> float:
    """ROC AUC of scores by how much of each class has each score, both (scores,) from the lowest on."""
    pairs = positive.sum() * negative.sum()
    below = np.cumsum(negative) - 0.5 * negative
    return float((positive * below).sum() / pairs) if pairs > 0 else float("nan")


@metric(greater_is_better=False)
def brier(scored: Scored, weights: np.ndarray | None = None) -> float:
    """Mean squared distance between p and what happened."""
    ranked = scored.ranked
    return _mean((ranked.p - ranked.y) ** 2, _weights(scored, weights)[ranked.order])


@metric(greater_is_better=False, floored=True)
def ece(scored: Scored, weights: np.ndarray | None = None, *, bins: int = 15) -> float:
    """Mean gap between p and the rate of positives, over ``bins`` bins of equal mass by p.

    Noise alone makes it positive: compare it with `evaluate.calibration`'s ``ece_of_perfect``.
    """
    ranked, w = scored.ranked, _weights(scored, weights)[scored.ranked.order]
    if not len(w) or w.sum() <= 0:
        return float("nan")
    gap = np.add.reduceat(w * (ranked.p - ranked.y), ranked.starts)
    return float(np.abs(np.bincount(mass_bins(scored, w, bins), gap, bins)).sum() / w.sum())


def mass_bins(scored: Scored, ranked_weights: np.ndarray, bins: int) -> np.ndarray:
    """Bin of each distinct p so that bins hold about equal weight, (distinct p,).

    Rows of equal p are never torn apart: together they go where the middle of their mass lies.
    """
    mass = np.add.reduceat(ranked_weights, scored.ranked.starts)
    middle = np.cumsum(mass) - 0.5 * mass
    return np.minimum((bins * middle / mass.sum()).astype(int), bins - 1)


def precision_by_chance(scored: Scored, *, k: int) -> float:
    """Expected `precision_at_k` of calling units at random, mean over nights."""
    return float((scored.calls.hits_by_chance(k) / k).mean()) if len(scored) else float("nan")


@metric(greater_is_better=True, cluster="night", by_chance=precision_by_chance)
def precision_at_k(scored: Scored, weights: np.ndarray | None = None, *, k: int = 10) -> float:
    """Share of ``k`` calls a night that reach a unit of which a row is cancelled.

    The denominator is the capacity, k on every night with a scored row, whether or not there are k
    units to call or k to find: on the protocol's windows a perfect list reaches 0.76.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    calls = scored.calls
    w = _weights(scored, weights)
    of_night = w[calls.row_of_night]
    if not np.array_equal(of_night[calls.night_of_row], w):
        raise ValueError("precision at K counts nights: every row of a night needs the same weight")
    return _mean(calls.hits(k) / k, of_night)
