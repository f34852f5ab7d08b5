"""Bookings and cancellations of the last days by group."""

from __future__ import annotations

import numpy as np

from vispera.asof import Ledger, Snapshots
from vispera.schema import Schema


def permitted(schema: Schema) -> tuple[str, ...]:
    """The problem's entities, one by one."""
    return schema.entities


def columns(ledger: Ledger, at: Snapshots, names: tuple[str, ...], spec) -> dict[str, np.ndarray]:
    """``booked_<days>_<group>`` and ``cancelled_<days>_<group>``, arrivals within the horizon only."""
    made = {}
    for name in names:
        by = tuple(name.split("+"))
        group = ledger.group(by)[at.position]
        for window in spec.days:
            for event in ("booked", "cancelled"):
                count = ledger.tally(f"{event}_soon", by).within(group, at.night, window)
                made[f"{event}_{window}_{name}"] = count.astype(np.float64)
    return made
