"""Share of bookings cancelled by group, as known on the night, smoothed towards the overall rate."""

from __future__ import annotations

import numpy as np

from vispera.asof import Ledger, Snapshots
from vispera.schema import Schema


def permitted(schema: Schema) -> tuple[str, ...]:
    """The problem's entities, one by one."""
    return schema.entities


def columns(ledger: Ledger, at: Snapshots, names: tuple[str, ...], spec) -> dict[str, np.ndarray]:
    """``rate_<group>``, and ``rate_overall``: NaN before anything had matured.

    The counts themselves are no features: they only grow, so a model would read the date from them.
    """
    overall = share(*_matured(ledger, at, ()))
    made = {"rate_overall": overall}
    for name in names:
        made[f"rate_{name}"] = share(*_matured(ledger, at, tuple(name.split("+"))), overall, spec.smoothing)
    return made


def share(
    part: np.ndarray, whole: np.ndarray, prior: np.ndarray | None = None, smoothing: float = 0.0
) -> np.ndarray:
    """(part + smoothing x prior) / (whole + smoothing), NaN where that is nothing of nothing; all (n,).

    >>> share(np.array([1, 0]), np.array([4, 0]), np.array([0.1, 0.1]), 10.0).round(3).tolist()
    [0.143, 0.1]
    """
    top = part + smoothing * prior if prior is not None else part.astype(np.float64)
    bottom = whole + smoothing
    return np.divide(top, bottom, out=np.full(len(part), np.nan), where=bottom > 0)


def _matured(ledger: Ledger, at: Snapshots, by: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Cancelled and all bookings of each pair's group that had matured by its night, both (n,)."""
    group = ledger.group(by)[at.position]
    cancelled = ledger.tally("matured_cancelled", by).until(group, at.night)
    return cancelled, ledger.tally("matured", by).until(group, at.night)
