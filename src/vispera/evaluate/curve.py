"""The curves behind the figures, thinned to what an eye can see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from vispera.clock import iso
from vispera.evaluate.bootstrap import Resamples, rate_intervals
from vispera.metric import METRICS, Metric, Scored, ece, mass_bins

POINTS = 200
"""Most points that a curve is written with."""

PERFECT_DRAWS = 200
"""Outcomes drawn to learn what gap a perfect forecast would show."""

HISTOGRAM_BARS = 100


def window_curves(
    scored: Scored, metrics: Sequence[Metric], resamples: Resamples, seed: int
) -> dict[str, Any]:
    """Curves of one window.

    ``{roc: {false_positive_rate, true_positive_rate}, precision_recall: {recall, precision},
    calibration: see `calibration`, precision_by_night: see `precision_by_night`}``; the first two are
    null where the window has one class only.
    """
    parameters = {m.name: m.parameters for m in metrics}
    bins = parameters.get("ece", METRICS["ece"].parameters)["bins"]
    k = parameters.get("precision_at_k", METRICS["precision_at_k"].parameters)["k"]
    return {
        "roc": roc(scored),
        "precision_recall": precision_recall(scored),
        "calibration": calibration(scored, resamples, bins=bins, seed=seed),
        "precision_by_night": precision_by_night(scored, k=k),
    }


def _caught(scored: Scored) -> tuple[np.ndarray, np.ndarray] | None:
    """True and false positives at each falling threshold, from (0, 0); None with one class only."""
    positives = np.add.reduceat(scored.ranked.y, scored.ranked.starts)[::-1]
    negatives = np.add.reduceat(1.0 - scored.ranked.y, scored.ranked.starts)[::-1]
    if not positives.sum() or not negatives.sum():
        return None
    return np.cumsum(np.r_[0.0, positives]), np.cumsum(np.r_[0.0, negatives])


def roc(scored: Scored) -> dict[str, list[float]] | None:
    """True against false positive rate, from (0, 0) to (1, 1)."""
    caught = _caught(scored)
    if caught is None:
        return None
    true, false = caught[0] / caught[0][-1], caught[1] / caught[1][-1]
    kept = _thin(true + false)
    return {"false_positive_rate": _plain(false[kept]), "true_positive_rate": _plain(true[kept])}


def precision_recall(scored: Scored) -> dict[str, list[float]] | None:
    """Precision at each recall, from the highest threshold on; points lie evenly in recall."""
    caught = _caught(scored)
    if caught is None:
        return None
    true, called = caught[0][1:], caught[0][1:] + caught[1][1:]
    kept = _thin(true)
    return {"recall": _plain(true[kept] / true[-1]), "precision": _plain(true[kept] / called[kept])}


def calibration(scored: Scored, resamples: Resamples, *, bins: int, seed: int) -> dict[str, Any]:
    """What was predicted and what happened, in bins of equal mass by p.

    ``{bins: [{rows, least_p, most_p, mean_p, rate, low, high}], mean_p, rate, ece, ece_of_perfect:
    {mean, high}, histogram: {edges, rows}}``. ``ece_of_perfect`` is what sampling noise alone gives to a
    forecast whose p are all true, and its 95th percentile; it takes rows as independent, so with many
    twins the real floor lies somewhat higher.
    """
    ranked, ones = scored.ranked, np.ones(len(scored))
    sizes = np.diff(np.r_[ranked.starts, len(scored)])
    group_of_ranked = np.repeat(mass_bins(scored, ones, bins), sizes)
    group = np.empty_like(group_of_ranked)
    group[ranked.order] = group_of_ranked
    ends = rate_intervals(scored.y, group, bins, resamples)
    edges = np.linspace(0.0, float(ranked.p[-1]) or 1.0, HISTOGRAM_BARS + 1)
    return {
        "bins": [
            _bin(ranked.p[inside], ranked.y[inside], *ends[i])
            for i in range(bins)
            if (inside := group_of_ranked == i).any()
        ],
        "mean_p": float(ranked.p.mean()),
        "rate": float(ranked.y.mean()),
        "ece": ece(scored, bins=bins),
        "ece_of_perfect": _ece_of_perfect(ranked.p, group_of_ranked, bins, seed),
        "histogram": {"edges": _plain(edges), "rows": np.histogram(ranked.p, edges)[0].tolist()},
    }


def _bin(p: np.ndarray, y: np.ndarray, low: float, high: float) -> dict[str, Any]:
    ends = {"least_p": p[0], "most_p": p[-1], "mean_p": p.mean(), "rate": y.mean(), "low": low, "high": high}
    return {"rows": len(p), **{name: round(float(value), 6) for name, value in ends.items()}}


def _ece_of_perfect(p: np.ndarray, group: np.ndarray, bins: int, seed: int) -> dict[str, float]:
    rng = np.random.default_rng([seed, bins])
    found = [
        np.abs(np.bincount(group, p - (rng.random(len(p)) < p), bins)).sum() / len(p)
        for _ in range(PERFECT_DRAWS)
    ]
    return {"mean": round(float(np.mean(found)), 6), "high": round(float(np.percentile(found, 95)), 6)}


def precision_by_night(scored: Scored, *, k: int) -> dict[str, Any]:
    """Hits of the first k calls by night, of a perfect list, and expected of a random one.

    ``{k, nights_a_point, night: [iso], hits, perfect, random: [per night]}``. Beyond 200 nights,
    neighbours are averaged, and ``night`` is the first of each ``nights_a_point``.
    """
    calls = scored.calls
    width = -(-len(calls.nights) // POINTS)
    first = np.arange(0, len(calls.nights), width)

    def by_point(values: np.ndarray) -> list[float]:
        return _plain(np.add.reduceat(values, first) / np.diff(np.r_[first, len(values)]))

    return {
        "k": k,
        "nights_a_point": int(width),
        "night": [iso(night) for night in calls.nights[first]],
        "hits": by_point(calls.hits(k)),
        "perfect": by_point(np.minimum(k, calls.positives)),
        "random": by_point(calls.hits_by_chance(k)),
    }


def _thin(along: np.ndarray) -> np.ndarray:
    """At most ``POINTS`` positions, evenly along a rising coordinate, both ends kept."""
    wanted = np.linspace(along[0], along[-1], POINTS)
    return np.unique(np.r_[0, np.searchsorted(along, wanted[1:-1]), len(along) - 1])


def _plain(values: np.ndarray) -> list[float]:
    return [round(float(value), 6) for value in values]
