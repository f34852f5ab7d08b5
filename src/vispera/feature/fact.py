"""Booking facts as they stand, with the days left and the calendar that follow from the dates."""

from __future__ import annotations

import numpy as np

from vispera.asof import Ledger, Snapshots
from vispera.clock import dates
from vispera.lazy import pandas as pd
from vispera.schema import Schema


def permitted(schema: Schema) -> tuple[str, ...]:
    """Booking columns that the problem permits as features."""
    return schema.permitted


def columns(ledger: Ledger, at: Snapshots, names: tuple[str, ...], spec) -> dict[str, pd.Series | np.ndarray]:
    """The facts of each pair's booking, days left and calendar; categories stay categories."""
    table = ledger.table
    rows = table.rows.iloc[at.position]
    arrival = pd.DatetimeIndex(dates(table.arrival[at.position]))
    made: dict[str, pd.Series | np.ndarray] = {
        "days_left": (table.arrival[at.position] - at.night).astype(np.float64),
        "days_since_booking": (at.night - table.booked[at.position]).astype(np.float64),
        "arrival_weekday": arrival.day_of_week.to_numpy(dtype=np.float64),
        "booking_weekday": pd.DatetimeIndex(dates(table.booked[at.position])).day_of_week.to_numpy(
            np.float64
        ),
    }
    for name in names:
        values = rows[name].reset_index(drop=True)
        categorical = isinstance(values.dtype, pd.CategoricalDtype)
        made[name] = values if categorical else values.to_numpy(dtype=np.float64, na_value=np.nan)
    return made
