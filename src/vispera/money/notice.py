"""How late those cancel who are still open so many days before arrival, as it was known on a night."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vispera.asof import is_open
from vispera.lazy import pandas as pd
from vispera.table import Table


@dataclass(frozen=True)
class Notice:
    """Counts (nights, horizon + 1, horizon + 1) of matured bookings that were lost.

    ``counts[t, k, j]``: of those that had arrived by night t and were open k days before arrival, so many
    were cancelled j days before it; j is 0 for those who did not turn up.
    """

    counts: np.ndarray

    @classmethod
    def of(cls, table: Table, nights: np.ndarray, horizon_days: int) -> Notice:
        """As known at the close of each of the nights, which rise."""
        days = np.arange(horizon_days + 1)
        counts = np.zeros((len(nights) + 1, len(days), len(days)))
        lost = np.flatnonzero(table.cancelled & table.in_population)
        left = np.clip(table.arrival[lost] - table.resolved[lost], 0, horizon_days)
        since = np.searchsorted(nights, table.arrival[lost])
        for k in days[1:]:
            there = is_open(table, lost, table.arrival[lost] - k)
            np.add.at(counts, (since[there], k, left[there]), 1.0)
        return cls(counts.cumsum(axis=0)[:-1])

    def kept(self) -> pd.DataFrame:
        """Counts of the last night, for where the history is not: one row for each k and j that has any."""
        last = self.counts[-1]
        k, j = np.nonzero(last)
        return pd.DataFrame({"open_before": k, "lost_before": j, "lost": last[k, j]})

    @classmethod
    def of_kept(cls, kept: pd.DataFrame, nights: int, horizon_days: int) -> Notice:
        """The same counts on each of so many nights."""
        counts = np.zeros((horizon_days + 1, horizon_days + 1))
        counts[kept["open_before"].to_numpy(), kept["lost_before"].to_numpy()] = kept["lost"].to_numpy()
        return cls(np.broadcast_to(counts, (nights, *counts.shape)))

    def lift(self, resale: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Mean of resale(k) - resale(days left when they cancelled anyway), (nights, horizon + 1).

        ``resale`` gives the probability of selling again a room freed so many days before arrival. Where
        nobody was lost yet, the next cancellation is taken to come tomorrow, which makes the least of a call.
        """
        days = np.arange(self.counts.shape[1])
        chance = resale(days)
        seen = self.counts.sum(axis=2)
        tomorrow = chance[np.maximum(days - 1, 0)]
        later = np.divide(
            self.counts @ chance, seen, out=np.broadcast_to(tomorrow, seen.shape).copy(), where=seen > 0
        )
        return chance - later
