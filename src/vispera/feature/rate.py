"""Share of bookings cancelled by group, as known on the night, smoothed towards the overall rate."""

from __future__ import annotations

import numpy as np

from vispera.asof import Ledger, Snapshots
from vispera.schema import Schema


def permitted(schema: Schema) -> tuple[str, ...]:
    """The problem's entities, one by one."""
    return schema.entities


def columns(ledger: Ledger, at: Snapshots, names: tuple[str, ...], spec) -> dict[str, np.ndarray]:
    """``rate_<group>`` of all that had matured, and ``rate_<days>_<group>`` of what did in the last days.

    The second are smoothed towards the rate of all groups in those days, which itself leans on the first;
    ``rate_overall`` is NaN before anything had matured. The counts themselves are no features: they only
    grow, so a model would read the date from them.
    """
    overall = share(*_matured(ledger, at, ()))
    made = {"rate_overall": overall}
    for name in names:
        made[f"rate_{name}"] = share(*_matured(ledger, at, tuple(name.split("+"))), overall, spec.smoothing)
    if spec.rate_days:
        lately = share(*_matured(ledger, at, (), spec.rate_days), overall, spec.smoothing)
        made[f"rate_{spec.rate_days}_overall"] = lately
        for name in names:
            counts = _matured(ledger, at, tuple(name.split("+")), spec.rate_days)
            made[f"rate_{spec.rate_days}_{name}"] = share(*counts, lately, spec.smoothing)
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


def _matured(
    ledger: Ledger, at: Snapshots, by: tuple[str, ...], days: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Cancelled and all bookings of each pair's group matured by its night, or in the last days; (n,)."""
    group, night = ledger.group(by)[at.position], ledger.known(at.night)
    tallies = ledger.tally("matured_cancelled", by), ledger.tally("matured", by)
    counts = [tally.within(group, night, days) if days else tally.until(group, night) for tally in tallies]
    return counts[0], counts[1]
