"""What lies between two sets of predictions of the same rows, and whether it is more than noise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vispera.clock import days
from vispera.errors import Declined
from vispera.evaluate.bootstrap import LEVEL, draws, interval, resample
from vispera.evaluate.window import masks
from vispera.interval import Interval
from vispera.metric import Metric, Scored

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 1
"""Number of the shape of a paired difference."""

PLAIN: dict[str, Callable[[Any], np.ndarray]] = {
    "window": lambda values: values.astype(str).to_numpy(),
    "unit": lambda values: values.to_numpy(np.uint64),
    "arrival": days,
    "y": lambda values: values.to_numpy(float),
}
"""What must be equal row by row, each in a type that two writers of the same value share."""


def paired_difference(
    a: pd.DataFrame, b: pd.DataFrame, metrics: Sequence[Metric], *, resamples: int, seed: int
) -> dict[str, Any]:
    """Metrics of ``a`` minus those of ``b``, by window, both on the same resamples.

    Returns ``{schema, level, resamples, seed, windows: {window: {metric: {value, low, high, verdict}}}}``
    with a verdict on ``a``: ``better`` or ``worse`` where the interval leaves out zero, else ``within
    noise``; ``not defined`` where a metric is not.

    Raises
    ------
    Declined
        If the two were not scored on the same rows, nights and windows, or their outcomes differ.
    """
    a, b = aligned(a, b)
    one, other = Scored.from_frame(a), Scored.from_frame(b)
    windows = {
        name: _differences(one.take(inside), other.take(inside), metrics, resamples, seed, name)
        for name, inside in masks(a).items()
    }
    return {"schema": SCHEMA, "level": LEVEL, "resamples": resamples, "seed": seed, "windows": windows}


def _differences(
    a: Scored, b: Scored, metrics: Sequence[Metric], resamples: int, seed: int, window: str
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for m in metrics:
        drawn = resample(a, m.cluster, resamples=resamples, seed=seed, window=window)
        gaps = draws(m, a, drawn) - draws(m, b, drawn)
        gap = interval(m(a) - m(b), gaps, recentre=m.floored)
        found[m.name] = {**gap.as_dict(), "verdict": verdict(gap, m.greater_is_better)}
    return found


def verdict(gap: Interval, greater_is_better: bool) -> str:
    """``better``, ``worse``, ``within noise`` or ``not defined``.

    >>> verdict(Interval(-0.004, -0.007, -0.001), greater_is_better=False)
    'better'
    """
    if gap.low is None or gap.high is None:
        return "not defined"
    if gap.low <= 0.0 <= gap.high:
        return "within noise"
    return "better" if (gap.low > 0.0) == greater_is_better else "worse"


def aligned(a: pd.DataFrame, b: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both frames in one order of rows; Declined with what differs where they cannot be."""
    keys = [(frame["row_key"].to_numpy(np.uint64), days(frame["night"])) for frame in (a, b)]
    only_a, only_b = (
        len(set(zip(*keys[i], strict=True)) - set(zip(*keys[1 - i], strict=True))) for i in (0, 1)
    )
    if only_a or only_b or len(a) != len(b):
        raise Declined(
            f"the two sets of predictions ({len(a)} and {len(b)} rows) are not of the same rows: "
            f"{only_a} rows are only in the first, {only_b} only in the second. "
            "Compare runs with the same comparison key."
        )
    a, b = (frame.iloc[np.lexsort(key)] for frame, key in zip((a, b), keys, strict=True))
    for column, plain in PLAIN.items():
        differing = int((plain(a[column]) != plain(b[column])).sum())
        if differing:
            raise Declined(
                f"the two sets of predictions differ in '{column}' in {differing} rows of {len(a)}"
            )
    return a, b
