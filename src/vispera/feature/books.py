"""What is on the books, and already cancelled, for the same arrival date and group."""

from __future__ import annotations

import numpy as np

from vispera.asof import Ledger, Snapshots
from vispera.feature.rate import share
from vispera.schema import Schema

DATE = "arrival_date"


def permitted(schema: Schema) -> tuple[str, ...]:
    """The problem's entities, one by one."""
    return schema.entities


def columns(ledger: Ledger, at: Snapshots, names: tuple[str, ...], spec) -> dict[str, np.ndarray]:
    """Bookings of the arrival date by group, missing beyond the horizon.

    In the form ``share`` one ``off_books_<group>``, cancelled among all made so far, smoothed towards the
    share of all groups; in the form ``count`` that number, and ``on_books_<group>``. Later arrivals are not
    counted: towards the end of a table that was selected by arrival they fade.
    """
    near = ledger.table.arrival[at.position] <= ledger.known(at.night) + ledger.horizon_days
    overall = share(*_of_the_date(ledger, at, ()))
    made = {}
    for name in names:
        cancelled, booked = _of_the_date(ledger, at, tuple(name.split("+")))
        if spec.form == "share":
            made[f"off_books_{name}"] = share(cancelled, booked, overall, spec.smoothing)
        else:
            made[f"off_books_{name}"] = cancelled.astype(np.float64)
            made[f"on_books_{name}"] = (booked - cancelled).astype(np.float64)
    return {name: np.where(near, values, np.nan) for name, values in made.items()}


def _of_the_date(ledger: Ledger, at: Snapshots, by: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Cancelled by the night and booked by it, for each pair's arrival date and group, both (n,)."""
    dated = (DATE, *by)
    group, night = ledger.group(dated)[at.position], ledger.known(at.night)
    cancelled = ledger.tally("cancelled", dated).until(group, night)
    return cancelled, ledger.tally("booked", dated).until(group, night)
