"""What is on the books, and already cancelled, for the same arrival date and group."""

from __future__ import annotations

import numpy as np

from vispera.asof import Ledger, Snapshots
from vispera.schema import Schema


def permitted(schema: Schema) -> tuple[str, ...]:
    """The problem's entities, one by one."""
    return schema.entities


def columns(ledger: Ledger, at: Snapshots, names: tuple[str, ...], spec) -> dict[str, np.ndarray]:
    """``on_books_<group>`` and ``off_books_<group>`` for the arrival date, missing beyond the horizon.

    Later arrivals are not counted: towards the end of a table that was selected by arrival they fade.
    """
    near = ledger.table.arrival[at.position] <= at.night + ledger.horizon_days
    made = {}
    for name in names:
        by = ("arrival_date", *name.split("+"))
        group = ledger.group(by)[at.position]
        booked = ledger.tally("booked", by).until(group, at.night)
        cancelled = ledger.tally("cancelled", by).until(group, at.night)
        made[f"on_books_{name}"] = np.where(near, booked - cancelled, np.nan)
        made[f"off_books_{name}"] = np.where(near, cancelled, np.nan)
    return made
