"""The counts behind a model's rates as small tables, so that it can score where the history is not."""

from __future__ import annotations

import numpy as np

from vispera.asof import Ledger
from vispera.feature import FeatureSpec
from vispera.lazy import pandas as pd


def tables(ledger: Ledger, spec: FeatureSpec, night: int) -> dict[str, pd.DataFrame]:
    """By group of the spec's rates and recent counts, what was known at the close of a night.

    Each frame has one row a group: the group's columns, ``matured`` and ``matured_cancelled`` (whole counts,
    of which rates are made; with ``_<days>`` those of the last days), and for each window ``booked_<days>``
    and ``cancelled_<days>``. The table ``overall`` is the same for all bookings together.
    """
    schema = ledger.table.schema
    names = dict.fromkeys((*spec.chosen("rates", schema), *spec.chosen("recent", schema)))
    if not names:
        return {}
    groups = {"overall": ()} | {name: tuple(name.split("+")) for name in names}
    return {name.replace("+", "-and-"): _counts(ledger, by, spec, night) for name, by in groups.items()}


def _counts(ledger: Ledger, by: tuple[str, ...], spec: FeatureSpec, night: int) -> pd.DataFrame:
    made = np.flatnonzero(ledger.table.booked <= night)
    group = ledger.group(by)[made]
    _, first = np.unique(group, return_index=True)
    rows = ledger.table.rows.iloc[made[first]][list(by)].astype("str").reset_index(drop=True)
    asked, nights = group[first], np.full(len(first), night)
    counts = {}
    for event in ("matured", "matured_cancelled"):
        counts[event] = ledger.tally(event, by).until(asked, nights)
        if spec.rate_days:
            counts[f"{event}_{spec.rate_days}"] = ledger.tally(event, by).within(
                asked, nights, spec.rate_days
            )
    for window in spec.days:
        for event in ("booked", "cancelled"):
            counts[f"{event}_{window}"] = ledger.tally(f"{event}_soon", by).within(asked, nights, window)
    return rows.assign(**counts).sort_values(list(by) or ["matured"], ignore_index=True)
