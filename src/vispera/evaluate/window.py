"""The windows of a predictions frame: which rows are judged together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vispera.clock import days

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("row_key", "unit", "night", "arrival", "window", "y", "raw", "p")
"""Columns of a predictions frame, one row a scored (booking, night)."""

POOLED = "tuning"
"""Name under which the rows of all windows called ``tuning-...`` are judged together."""


def masks(predictions: pd.DataFrame) -> dict[str, np.ndarray]:
    """Rows of each window by name, (n,) bool: in order of time, the pooled one after its parts."""
    missing = [name for name in COLUMNS if name not in predictions]
    if missing:
        raise ValueError(f"predictions lack {', '.join(missing)}; they need {', '.join(COLUMNS)}")
    window = predictions["window"].astype(str).to_numpy()
    night = days(predictions["night"])
    names = sorted({str(name) for name in window}, key=lambda name: (night[window == name].min(), name))
    found = {name: window == name for name in names}
    parts = [name for name in found if name.startswith(f"{POOLED}-")]
    if not parts:
        return found
    later = {name: found.pop(name) for name in list(found) if name not in parts}
    return {**found, POOLED: np.any([found[name] for name in parts], axis=0), **later}
