"""Metrics by permitted slice, silent where a slice is too small to say anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from vispera.evaluate.bootstrap import estimate, rate_intervals, resample
from vispera.metric import Metric, Scored

if TYPE_CHECKING:
    import pandas as pd

LEAST_ROWS = 100
LEAST_POSITIVES = 10
LEAST_NEGATIVES = 10
MOST_LEVELS = 20
"""Levels of a category beyond the most frequent so many are taken together as ``OTHER``."""

OTHER = "(other)"
MISSING = "(missing)"
BUCKETS = 4
"""Numbers of more distinct values than ``MOST_VALUES`` are cut at their quartiles."""

MOST_VALUES = 6
METRICS_SHOWN = ("log_loss", "roc_auc", "brier")


def slice_table(
    scored: Scored,
    by: Mapping[str, np.ndarray] | pd.DataFrame | None,
    windows: Mapping[str, np.ndarray],
    metrics: Sequence[Metric],
    resamples: int,
    seed: int,
) -> dict[str, Any]:
    """Slices of each window by column and level.

    ``{least_rows, least_positives, least_negatives, columns: {column: {window: [{level, rows,
    positives, rate, rate_low, rate_high, mean_p, metrics: {name: {value, low, high}}} or {level, rows,
    suppressed: reason}]}}}``. Levels are the same in every window.
    """
    shown = [m for m in metrics if m.name in METRICS_SHOWN]
    columns: dict[str, Any] = {}
    for column, values in ({} if by is None else by).items():
        labels, level_of_row = levels(values)
        if len(level_of_row) != len(scored):
            raise ValueError(f"slice '{column}' has {len(level_of_row)} values for {len(scored)} rows")
        columns[str(column)] = {
            window: [
                _slice(scored.take(rows), label, shown, resamples, seed, f"{window}/{column}/{label}")
                for i, label in enumerate(labels)
                if (rows := np.flatnonzero(inside & (level_of_row == i))).size
            ]
            for window, inside in windows.items()
        }
    least = {"rows": LEAST_ROWS, "positives": LEAST_POSITIVES, "negatives": LEAST_NEGATIVES}
    return {**{f"least_{what}": number for what, number in least.items()}, "columns": columns}


def _slice(
    scored: Scored, label: str, metrics: Sequence[Metric], resamples: int, seed: int, stream: str
) -> dict[str, Any]:
    positives = int(scored.y.sum())
    reason = too_small(len(scored), positives)
    if reason:
        return {"level": label, "rows": len(scored), "suppressed": reason}
    drawn = resample(scored, "arrival", resamples=resamples, seed=seed, window=stream)
    low, high = rate_intervals(scored.y, np.zeros(len(scored), dtype=int), 1, drawn)[0]
    return {
        "level": label,
        "rows": len(scored),
        "positives": positives,
        "rate": float(scored.y.mean()),
        "rate_low": float(low),
        "rate_high": float(high),
        "mean_p": float(scored.ranked.p.mean()),
        "metrics": {m.name: estimate(m, scored, drawn).as_dict() for m in metrics},
    }


def too_small(rows: int, positives: int) -> str | None:
    """Why a slice is not shown, or None where it is.

    >>> too_small(500, 4)
    'fewer than 10 positives'
    """
    if rows < LEAST_ROWS:
        return f"fewer than {LEAST_ROWS} rows"
    if positives < LEAST_POSITIVES:
        return f"fewer than {LEAST_POSITIVES} positives"
    if rows - positives < LEAST_NEGATIVES:
        return f"fewer than {LEAST_NEGATIVES} negatives"
    return None


def levels(values: np.ndarray | pd.Series) -> tuple[list[str], np.ndarray]:
    """Labels of the slices of one column, and the position of each row's label in them.

    Numbers are cut at their quartiles, the last bucket closed at both ends; rare categories share one
    slice; a missing value is a slice of its own.
    """
    import pandas as pd

    series: pd.Series = pd.Series(values).reset_index(drop=True).infer_objects()
    missing = series.isna().to_numpy()
    is_number = pd.api.types.is_numeric_dtype(series) and not pd.api.types.is_bool_dtype(series)
    labels, level_of_row = _of_numbers(series) if is_number else _of_names(series.astype(str), missing)
    if missing.any():
        level_of_row = np.where(missing, len(labels), level_of_row)
        labels = [*labels, MISSING]
    return labels, level_of_row


def _of_numbers(series: pd.Series) -> tuple[list[str], np.ndarray]:
    numbers = series.to_numpy(dtype=float, na_value=np.nan)
    distinct = np.unique(numbers[~np.isnan(numbers)])
    if len(distinct) <= MOST_VALUES:
        return [f"{value:.10g}" for value in distinct], np.searchsorted(distinct, numbers)
    edges = np.unique(np.nanquantile(numbers, np.linspace(0.0, 1.0, BUCKETS + 1), method="higher"))
    labels = [f"{low:.10g} to under {high:.10g}" for low, high in pairwise(edges)]
    labels[-1] = labels[-1].replace("under ", "")
    return labels, np.clip(np.searchsorted(edges, numbers, side="right") - 1, 0, len(labels) - 1)


def _of_names(series: pd.Series, missing: np.ndarray) -> tuple[list[str], np.ndarray]:
    names = series.to_numpy(dtype=object)
    counts = Counter(names[~missing])
    labels = sorted(counts, key=lambda name: (-counts[name], name))
    positions = {name: min(i, MOST_LEVELS) for i, name in enumerate(labels)}
    shown = labels if len(labels) <= MOST_LEVELS else [*labels[:MOST_LEVELS], OTHER]
    return shown, np.array([positions.get(name, -1) for name in names])
