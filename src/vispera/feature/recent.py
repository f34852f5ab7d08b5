"""Bookings and cancellations of the last days by group."""

from __future__ import annotations

import numpy as np

from vispera.asof import Ledger, Snapshots
from vispera.feature.rate import share
from vispera.schema import Schema


def permitted(schema: Schema) -> tuple[str, ...]:
    """The problem's entities, one by one."""
    return schema.entities


def columns(ledger: Ledger, at: Snapshots, names: tuple[str, ...], spec) -> dict[str, np.ndarray]:
    """Movements of the last days, arrivals within the horizon only.

    In the form ``share`` one ``cancelled_<days>_<group>``, cancellations among bookings and cancellations,
    smoothed towards the share of all groups; in the form ``count`` that number and ``booked_<days>_<group>``.
    """
    made = {}
    for window in spec.days:
        everyone = _moved(ledger, at, (), window)
        overall = share(everyone[0], everyone[0] + everyone[1])
        for name in names:
            cancelled, booked = _moved(ledger, at, tuple(name.split("+")), window)
            if spec.form == "share":
                moved = cancelled + booked
                made[f"cancelled_{window}_{name}"] = share(cancelled, moved, overall, spec.smoothing)
            else:
                made[f"cancelled_{window}_{name}"] = cancelled.astype(np.float64)
                made[f"booked_{window}_{name}"] = booked.astype(np.float64)
    return made


def _moved(ledger: Ledger, at: Snapshots, by: tuple[str, ...], window: int) -> tuple[np.ndarray, np.ndarray]:
    """Cancellations and bookings of each pair's group in the last days, both (n,)."""
    group, night = ledger.group(by)[at.position], ledger.known(at.night)
    cancelled, booked = (
        ledger.tally(f"{event}_soon", by).within(group, night, window) for event in ("cancelled", "booked")
    )
    return cancelled, booked
