"""Share of bookings cancelled by group, as known on the night, smoothed towards the overall rate."""

from __future__ import annotations

import numpy as np

from vispera.asof import Ledger, Snapshots
from vispera.schema import Schema


def permitted(schema: Schema) -> tuple[str, ...]:
    """The problem's entities, one by one."""
    return schema.entities


def columns(ledger: Ledger, at: Snapshots, names: tuple[str, ...], spec) -> dict[str, np.ndarray]:
    """``rate_<group>``: (cancelled + s x overall rate) / (matured + s).

    The counts themselves are no features: they only grow, so a model would read the date from them.
    """
    bookings, cancelled = _matured(ledger, at, ())
    overall = np.divide(cancelled, bookings, out=np.full(len(at), np.nan), where=bookings > 0)
    made = {"rate_overall": overall}
    for name in names:
        count, hits = _matured(ledger, at, tuple(name.split("+")))
        made[f"rate_{name}"] = (hits + spec.smoothing * overall) / (count + spec.smoothing)
    return made


def _matured(ledger: Ledger, at: Snapshots, by: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Bookings of each pair's group that had matured by its night, and those cancelled, both (n,)."""
    group = ledger.group(by)[at.position]
    bookings = ledger.tally("matured", by).until(group, at.night)
    return bookings, ledger.tally("matured_cancelled", by).until(group, at.night)
