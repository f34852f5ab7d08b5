"""What a night in a room costs, as it was known on a night: the median of the stays that had matured."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from vispera.asof import Snapshots, known_from
from vispera.clock import NEVER, dates
from vispera.decision import Worth
from vispera.lazy import pandas as pd
from vispera.table import Table


@dataclass(frozen=True)
class Prices:
    """Prices of a table's bookings as of any night."""

    table: Table
    worth: Worth

    def own(self) -> np.ndarray:
        """What each booking paid or would have paid a night, (n,) EUR; known only once its outcome is.

        A rate below zero is an error of the source and counts as nothing.
        """
        return np.maximum(self.table.rows[self.worth.price].to_numpy(np.float64), 0.0)

    def as_of(self, at: Snapshots) -> np.ndarray:
        """Price of each pair's booking as known on its night, (pairs,) EUR a night; NaN before any stay.

        The median over the matured stays of the same columns ``by`` and month of arrival. Where there was no
        such stay yet, a coarser group answers: without the last column, without the month, all stays.
        """
        found = np.full(len(at), np.nan)
        asked, pair = np.unique(at.night, return_inverse=True)
        for number, night in enumerate(asked):
            pairs = np.flatnonzero(pair == number)
            for level in self._levels:
                open_ = pairs[np.isnan(found[pairs])]
                if not len(open_):
                    break
                found[open_] = level.medians(int(night))[level.group[at.position[open_]]]
        return found

    @cached_property
    def _levels(self) -> list[_Level]:
        """Groups of ever coarser kind, the exact one first."""
        by, months = self.worth.by, self._months
        ladder = [(by, months), (by[:-1], months), (by, None), (by[:-1], None), ((), None)]
        price = self.own()
        stays = np.flatnonzero(~self.table.cancelled & (self._known < NEVER) & np.isfinite(price))
        return [_Level.of(self._code(columns, month), stays, price, self._known) for columns, month in ladder]

    @cached_property
    def _known(self) -> np.ndarray:
        """Day from which each booking's price and that it was a stay are known, (n,)."""
        return np.maximum(known_from(self.table, self.worth.price), self.table.resolved)

    @cached_property
    def _months(self) -> np.ndarray:
        return pd.DatetimeIndex(dates(self.table.arrival)).month.to_numpy(np.int64)

    def _code(self, columns: tuple[str, ...], month: np.ndarray | None) -> np.ndarray:
        """Number of each booking's group, (n,); which number a group has means nothing."""
        keys = {name: self.table.rows[name].reset_index(drop=True) for name in columns}
        if month is not None:
            keys["month of arrival"] = pd.Series(month)
        if not keys:
            return np.zeros(len(self.table), dtype=np.int64)
        grouped = pd.DataFrame(keys).groupby(list(keys), sort=False, dropna=False, observed=True)
        return grouped.ngroup().to_numpy()


@dataclass(frozen=True)
class _Level:
    """Stays sorted by group and price, so that the median of any part of them is found by counting."""

    group: np.ndarray
    sorted_group: np.ndarray
    sorted_price: np.ndarray
    sorted_known: np.ndarray
    groups: int

    @classmethod
    def of(cls, group: np.ndarray, stays: np.ndarray, price: np.ndarray, known: np.ndarray) -> _Level:
        order = stays[np.lexsort((price[stays], group[stays]))]
        groups = int(group.max()) + 1 if len(group) else 0
        return cls(group, group[order], price[order], known[order], groups)

    def medians(self, night: int) -> np.ndarray:
        """Median price of each group by the close of a night, (groups,); NaN where there was no stay."""
        there = self.sorted_known <= night
        group, price = self.sorted_group[there], self.sorted_price[there]
        count = np.bincount(group, minlength=self.groups)
        start = np.cumsum(count) - count
        found = np.full(self.groups, np.nan)
        some = count > 0
        low, high = start + (count - 1) // 2, start + count // 2
        found[some] = (price[low[some]] + price[high[some]]) / 2
        return found
