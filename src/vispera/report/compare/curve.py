"""Curves of many runs in little room: each along one grid, so that one number a point is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from vispera.files import read_json
from vispera.report.compare.candidate import Candidate
from vispera.report.compare.pack import shares

MOST = 150
"""Runs whose curves a page holds, best first."""
FINE, COARSE = 101, 33
"""Points a curve; the coarse ones where there are more than `FEW` runs."""
FEW = 40
BINS = ("mean_p", "rate", "low", "high")


def curves(runs: Sequence[Candidate], windows: Sequence[str]) -> dict[str, Any]:
    """Curves of the first runs that kept some, packed.

    ``{points, of: [place among the runs], windows: {window: {roc: [...], precision_recall: [...],
    calibration: [{mean_p, rate, low, high}]}}}``. ``roc`` holds the false positive rate where true and
    false positive rate add up to 0 .. 2 in even steps, ``precision_recall`` the precision at even steps of
    recall; null where a window has one class only.
    """
    read = [(place, found) for place, one in enumerate(runs) if one.full and (found := _read(one))][:MOST]
    points = FINE if len(read) <= FEW else COARSE
    return {
        "points": points,
        "of": [place for place, _ in read],
        "windows": {name: _packed([found.get(name) or {} for _, found in read], points) for name in windows},
    }


def _read(one: Candidate) -> Mapping[str, Any] | None:
    try:
        found = read_json(one.record.folder / "curves.json")["windows"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, Mapping) else None


def _packed(found: Sequence[Mapping[str, Any]], points: int) -> dict[str, list[Any]]:
    return {
        "roc": [_roc(one.get("roc"), points) for one in found],
        "precision_recall": [_precision(one.get("precision_recall"), points) for one in found],
        "calibration": [_calibration(one.get("calibration")) for one in found],
    }


def _roc(curve: Mapping[str, Any] | None, points: int) -> str | None:
    """Turned by 45 degrees the curve is a function even where it rises steeply, next to zero."""
    if not curve:
        return None
    false, true = (np.asarray(curve[f"{kind}_positive_rate"], dtype=float) for kind in ("false", "true"))
    return shares(np.interp(np.linspace(0.0, 2.0, points), false + true, false))


def _precision(curve: Mapping[str, Any] | None, points: int) -> str | None:
    if not curve:
        return None
    recall, precision = (np.asarray(curve[name], dtype=float) for name in ("recall", "precision"))
    return shares(np.interp(np.linspace(0.0, 1.0, points), recall, precision))


def _calibration(curve: Mapping[str, Any] | None) -> dict[str, str] | None:
    bins = (curve or {}).get("bins")
    if not bins:
        return None
    return {name: shares([np.nan if one.get(name) is None else one[name] for one in bins]) for name in BINS}
