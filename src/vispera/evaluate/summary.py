"""Everything that a run tells about how good it is, in the shape in which it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vispera.clock import iso
from vispera.evaluate.bootstrap import LEVEL, Resamples, estimate, resample
from vispera.evaluate.curve import window_curves
from vispera.evaluate.slices import slice_table
from vispera.evaluate.window import POOLED, masks
from vispera.metric import Metric, Scored

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 1
"""Number of the shape of metrics.json, curves.json and slices.json."""


@dataclass(frozen=True)
class Evaluation:
    """What a run reached, in plain dicts that are written as they are; there is no NaN in them.

    ``metrics``: ``{schema, level, resamples, seed, metrics: {name: {greater_is_better, cluster,
    parameters}}, windows: {window: {first_night, last_night, nights, rows, positives, units, rate,
    metrics: {name: {value, low, high, chance, perfect}}}}}``. Null stands for "not defined on this
    sample"; ``chance`` is what knowing the window's rate alone would reach, ``perfect`` what knowing
    every outcome would.

    ``curves``: see `curve.window_curves`; ``slices``: see `slices.slice_table`.
    """

    metrics: dict[str, Any]
    curves: dict[str, Any]
    slices: dict[str, Any]

    @property
    def headline(self) -> list[dict[str, Any]]:
        """Metrics of the pooled tuning windows and of the test window for record.json, to 6 digits.

        Of all windows, where the split has neither.
        """
        windows = self.metrics["windows"]
        shown = [name for name in (POOLED, "test") if name in windows] or list(windows)
        return [
            {
                "name": name,
                "window": window,
                **{end: _digits(found[end]) for end in ("value", "low", "high")},
                "greater_is_better": self.metrics["metrics"][name]["greater_is_better"],
            }
            for window in shown
            for name, found in windows[window]["metrics"].items()
        ]


def evaluate(
    predictions: pd.DataFrame,
    metrics: Sequence[Metric],
    *,
    resamples: int,
    seed: int,
    by: Mapping[str, np.ndarray] | pd.DataFrame | None = None,
) -> Evaluation:
    """Metrics with intervals, curves and slices of every window and of the tuning windows pooled.

    Parameters
    ----------
    predictions
        One row a scored (booking, night), with the columns of `COLUMNS`; their order does not matter.
    metrics
        For example ``vispera.metric.suite(k=capacity)``.
    resamples, seed
        Bootstrap resamples, 200 or more for an interval that holds still, and what they follow from. With 0
        there are no intervals.
    by
        Values of the permitted slicing columns, each in the order of the predictions' rows.
    """
    windows = masks(predictions)
    scored = Scored.from_frame(predictions)
    summary: dict[str, Any] = {}
    curves: dict[str, Any] = {}
    for name, chosen in windows.items():
        sample = scored.take(chosen)
        drawn = {
            cluster: resample(sample, cluster, resamples=resamples, seed=seed, window=name)
            for cluster in ("arrival", "night")
        }
        summary[name] = _window(sample, metrics, drawn)
        curves[name] = window_curves(sample, metrics, drawn["arrival"], seed)
    settings = {"schema": SCHEMA, "level": LEVEL, "resamples": resamples, "seed": seed}
    declared = {m.name: m.declared() for m in metrics}
    broken_down = {name: windows[name] for name in (POOLED, "test") if name in windows}
    return Evaluation(
        {**settings, "metrics": declared, "windows": summary},
        {**settings, "windows": curves},
        {**settings, **slice_table(scored, by, broken_down, metrics, resamples, seed)},
    )


def _window(sample: Scored, metrics: Sequence[Metric], drawn: Mapping[str, Resamples]) -> dict[str, Any]:
    calls = sample.calls
    return {
        "first_night": iso(calls.nights[0]),
        "last_night": iso(calls.nights[-1]),
        "nights": len(calls.nights),
        "rows": len(sample),
        "positives": int(sample.y.sum()),
        "units": int(calls.units.sum()),
        "rate": float(sample.y.mean()),
        "metrics": {
            m.name: {
                **estimate(m, sample, drawn[m.cluster]).as_dict(),
                "chance": _defined(m.chance(sample)),
                "perfect": _defined(m.perfect(sample)),
            }
            for m in metrics
        },
    }


def _defined(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _digits(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.6g}")
