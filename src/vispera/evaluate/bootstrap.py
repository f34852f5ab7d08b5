"""Intervals by resampling whole arrival dates or nights, the same for whatever is compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist
from zlib import crc32

import numpy as np

from vispera.interval import Interval, wilson
from vispera.metric import Cluster, Metric, Scored

LEVEL = 0.95
"""Share of resamples that an interval spans, its ends at equal tails."""

LEAST_DEFINED = 0.9
"""An interval is given where the metric is defined on this share of resamples or more."""


@dataclass(frozen=True)
class Resamples:
    """How often each cluster was drawn, (resamples, clusters), and the cluster of each row, (n,)."""

    counts: np.ndarray
    cluster_of_row: np.ndarray

    def __iter__(self) -> Iterator[np.ndarray]:
        """Weights of all rows, (n,), one resample after the other."""
        return (counts[self.cluster_of_row] for counts in self.counts)

    def sums(self, values: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
        """Weighted sum of row values by group on each resample, (resamples, groups)."""
        clusters = self.counts.shape[1]
        by_cluster = np.bincount(self.cluster_of_row * groups + group, values, clusters * groups)
        return self.counts @ by_cluster.reshape(clusters, groups)


def resample(scored: Scored, cluster: Cluster, *, resamples: int, seed: int, window: str) -> Resamples:
    """Draws of as many clusters as there are, with replacement.

    They follow from the seed, the window's name and the cluster's dates alone: two models scored on the
    same rows get the same draws, and a further window changes none.
    """
    dates, cluster_of_row = np.unique(getattr(scored, cluster), return_inverse=True)
    rng = np.random.default_rng([seed, crc32(f"{window}/{cluster}".encode())])
    drawn = rng.integers(0, max(len(dates), 1), size=(resamples, len(dates)))
    counts = np.zeros((resamples, len(dates)))
    np.add.at(counts, (np.arange(resamples)[:, None], drawn), 1.0)
    return Resamples(counts, cluster_of_row)


def draws(metric: Metric, scored: Scored, resamples: Resamples) -> np.ndarray:
    """The metric on each resample, (resamples,); nan where it is not defined."""
    return np.array([metric(scored, weights) for weights in resamples])


def interval(value: float, drawn: np.ndarray, *, recentre: bool = False, level: float = LEVEL) -> Interval:
    """Percentile interval around a value from its resamples, which spans a share ``level`` of them.

    ``recentre`` first moves the draws so that their mean is the value; see ``Metric.floored``.
    """
    if not np.isfinite(value):
        return Interval(None, None, None)
    defined = drawn[np.isfinite(drawn)]
    if not len(drawn) or len(defined) < LEAST_DEFINED * len(drawn):
        return Interval(float(value), None, None)
    tails = [50.0 * (1.0 - level), 50.0 * (1.0 + level)]
    low, high = np.percentile(defined, tails) - (defined.mean() - value if recentre else 0.0)
    return Interval(float(value), float(low), float(high))


def estimate(metric: Metric, scored: Scored, resamples: Resamples) -> Interval:
    """A metric's value with its interval; a floored metric's low end is never below zero."""
    found = interval(metric(scored), draws(metric, scored, resamples), recentre=metric.floored)
    if metric.floored and found.low is not None:
        return Interval(found.value, max(found.low, 0.0), found.high)
    return found


def rate_intervals(y: np.ndarray, group: np.ndarray, groups: int, resamples: Resamples) -> np.ndarray:
    """Low and high end of the rate of positives in each group of rows, (groups, 2); nan in an empty one.

    Wilson's interval, at the number of independent rows that the group is worth by its spread over the
    resamples: unlike a percentile it is no point where none, or all, of a few rows are positive. Without
    resamples rows are taken as independent.
    """
    rows = np.bincount(group, minlength=groups).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = np.bincount(group, y, groups) / rows
        counts = resamples.sums(np.ones_like(y), group, groups)
        drawn = np.ma.masked_invalid(resamples.sums(y, group, groups) / counts)
        spread = np.ma.filled(drawn.var(axis=0), 0.0) if len(drawn) else np.zeros(groups)
        worth = np.minimum(np.where(spread > 0, rate * (1.0 - rate) / spread, rows), rows)
        ends = wilson(rate, worth, NormalDist().inv_cdf(0.5 + LEVEL / 2))
        return np.clip(np.stack(ends, axis=1), 0.0, 1.0)
