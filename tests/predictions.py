"""Predictions frames in the shape of the real problem's, for tests of metrics and figures."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from vispera.clock import dates, day
from vispera.metric import Scored

WINDOWS = (
    ("tuning-1", "2016-07-07", 7000, 0.083),
    ("tuning-2", "2016-09-08", 7289, 0.105),
    ("tuning-3", "2016-11-10", 4906, 0.119),
    ("tuning-4", "2017-01-12", 6482, 0.099),
    ("test", "2017-03-16", 7282, 0.087),
)
"""Name, first night, rows and rate of positives of protocol 1's windows."""


def scored(y: ArrayLike, p: ArrayLike, night: ArrayLike = 1, unit: ArrayLike | None = None) -> Scored:
    """A hand-written sample; every row is a unit of its own unless said otherwise."""
    y = np.asarray(y)
    unit = np.arange(len(y)) if unit is None else np.asarray(unit, dtype=np.uint64)
    night = np.broadcast_to(np.asarray(night), len(y))
    return Scored(y, np.asarray(p), np.zeros(len(y)), night, night + 1, unit)


def simulate(
    seed: int = 1, *, windows=WINDOWS, nights: int = 63, skill: float = 0.9, noise: float = 0.0
) -> pd.DataFrame:
    """Predictions with twins, days that go wrong together, and ``noise`` added to the log-odds.

    Two calls that differ in ``noise`` alone have the same rows and outcomes.
    """
    frames = [
        _window(np.random.default_rng([seed, i]), name, day(start), rows, rate, nights, skill, noise)
        for i, (name, start, rows, rate) in enumerate(windows)
    ]
    predictions = pd.concat(frames, ignore_index=True)
    return predictions.assign(row_key=np.arange(len(predictions), dtype=np.uint64) * 7919)


def _window(rng, name, start, rows, rate, nights, skill, noise) -> pd.DataFrame:
    night = start + rng.integers(0, nights, rows)
    arrival = night + np.where(rng.random(rows) < 0.7, 14, rng.integers(1, 14, rows))
    bad_day = rng.normal(0.0, 0.35, nights + 14)[arrival - start]
    raw = np.log(rate / (1 - rate)) - 0.45 + skill * (rng.gamma(1.5, 0.8, rows) - 1.0)
    risk = 1 / (1 + np.exp(-(raw + bad_day)))
    lot = rng.random(rows)
    twins = np.repeat(np.arange(rows), np.where(rng.random(rows) < 0.1, rng.integers(2, 6, rows), 1))[:rows]
    unit = rng.integers(0, 2**63, rows, dtype=np.uint64)[twins]
    lot = np.where(rng.random(rows) < 0.8, lot[twins], rng.random(rows))
    told = raw[twins] + noise * rng.normal(0.0, 1.0, rows)
    return pd.DataFrame(
        {
            "unit": unit,
            "night": dates(night[twins]),
            "arrival": dates(arrival[twins]),
            "window": name,
            "y": (lot < risk[twins]).astype(np.int8),
            "raw": told,
            "p": 1 / (1 + np.exp(-told)),
        }
    )
