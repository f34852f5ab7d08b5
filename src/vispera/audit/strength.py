"""How much one feature alone tells of the outcome, by its levels and out of sample."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist

import numpy as np

from vispera.interval import wilson
from vispera.lazy import pandas as pd
from vispera.metric import area_of_levels

MOST_VALUES = 50
"""Numbers of more distinct values than this are cut into ``BINS`` of equal mass."""
BINS = 20
SMOOTHING = 20.0
"""Units of the overall rate mixed into the rate of a level."""
SURE = NormalDist().inv_cdf(0.9995)
"""Standard errors of an interval that one level in a thousand leaves by chance."""
LIKELY = NormalDist().inv_cdf(0.975)
LEAST_UNITS = 30


@dataclass(frozen=True)
class Level:
    """One value of a feature, or range of values: ``hits`` of ``units``, and the interval of their rate."""

    label: str
    units: int
    hits: float
    low: float
    high: float


@dataclass(frozen=True)
class Strength:
    """ROC AUC of a feature alone, out of sample, the low end of its 95% interval, and its larger levels."""

    auc: float
    low: float
    rate: float
    levels: tuple[Level, ...]


def strength(values: pd.Series, y: np.ndarray, unit: np.ndarray) -> Strength:
    """What a feature tells of the outcome when each level is rated by the other half of the units.

    So a feature is as strong downwards as upwards, or by a level in its middle, and one that only has many
    levels is not. A unit counts as one, with the mean outcome of its rows; ``values``, ``y`` and ``unit``
    have length n.
    """
    codes, labels = coded(values)
    _, place, size = np.unique(unit, return_inverse=True, return_counts=True)
    weight = 1.0 / size[place]
    shape = (2, len(labels))
    cell = (unit % 2).astype(np.int64) * len(labels) + codes
    hits = np.bincount(cell, weight * y, shape[0] * shape[1]).reshape(shape)
    units = np.bincount(cell, weight, shape[0] * shape[1]).reshape(shape)
    rate = hits.sum() / units.sum()
    told = ((hits + SMOOTHING * rate) / (units + SMOOTHING))[::-1]  # by the other half
    _, score = np.unique(told, return_inverse=True)
    positive, negative = (np.bincount(score.ravel(), part.ravel()) for part in (hits, units - hits))
    auc = area_of_levels(positive, negative)
    spread = spread_of_area(auc, positive.sum(), negative.sum())
    found = [
        Level(label, round(n), float(k), *map(float, wilson(k / n, n, SURE)))
        for label, n, k in zip(labels, units.sum(axis=0), hits.sum(axis=0), strict=True)
        if n >= LEAST_UNITS
    ]
    return Strength(auc, auc - LIKELY * spread, float(rate), tuple(found))


def coded(values: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Code of each row's level, (n,), and the levels' labels; missing values are the first level."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.codes.to_numpy().astype(np.int64) + 1, ["missing", *map(str, values.cat.categories)]
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    distinct = np.unique(numbers[~np.isnan(numbers)])
    if len(distinct) <= MOST_VALUES:
        codes = np.searchsorted(distinct, numbers) + 1
        labels = [f"{value:g}" for value in distinct]
    else:
        edges = np.unique(np.nanquantile(numbers, np.linspace(0, 1, BINS + 1)[1:-1]))
        codes = np.searchsorted(edges, numbers, side="right") + 1
        bounds = ["", *(f"{edge:.4g}" for edge in edges), ""]
        labels = [f"{low} to under {high}".strip() for low, high in pairwise(bounds)]
        labels[0], labels[-1] = labels[0].removeprefix("to "), f"{bounds[-2]} or more"
    return np.where(np.isnan(numbers), 0, codes), ["missing", *labels]


def spread_of_area(auc: float, positives: float, negatives: float) -> float:
    """Standard error of a ROC AUC, inf without both classes (Hanley, McNeil, Radiology 143 (1982) 29-36)."""
    if min(positives, negatives) < 1:
        return float("inf")
    both_positive, both_negative = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = (
        auc * (1 - auc)
        + (positives - 1) * (both_positive - auc**2)
        + (negatives - 1) * (both_negative - auc**2)
    ) / (positives * negatives)
    return float(np.sqrt(max(variance, 0.0)))
