"""What a night in a room costs, as it was known on a night: the median of the stays that had matured."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from vispera.asof import Snapshots, known_from
from vispera.clock import NEVER, dates
from vispera.decision import Worth
from vispera.feature.snapshot import as_text, found_in
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

    def kept(self, night: int) -> pd.DataFrame:
        """All prices as of one night, for where the history is not: one row a group of each level.

        Columns ``level`` (0 the exact one), ``month`` of arrival (0: any), those of ``by`` as text (empty
        where the level does not ask), and ``price``.
        """
        frames = []
        for number, (level, (by, month)) in enumerate(zip(self._levels, ladder(self.worth), strict=True)):
            price = level.medians(night)
            _, first = np.unique(level.group, return_index=True)
            keys = as_text(self.table.rows.iloc[first], by)
            keys = keys.reindex(columns=list(self.worth.by), fill_value="")
            months = self._months[first] if month else np.zeros(len(first), dtype=np.int64)
            frame = pd.DataFrame({"level": number, "month": months}).join(keys).assign(price=price)
            frames.append(frame[np.isfinite(price)])
        whole = pd.concat(frames, ignore_index=True)
        return whole.sort_values([name for name in whole if name != "price"], ignore_index=True)

    @cached_property
    def _levels(self) -> list[_Level]:
        """Groups of ever coarser kind, the exact one first."""
        price = self.own()
        stays = np.flatnonzero(~self.table.cancelled & (self._known < NEVER) & np.isfinite(price))
        codes = [self._code(by, self._months if month else None) for by, month in ladder(self.worth)]
        return [_Level.of(code, stays, price, self._known) for code in codes]

    @cached_property
    def _known(self) -> np.ndarray:
        """Day from which each booking's price and that it was a stay are known, (n,)."""
        return np.maximum(known_from(self.table, self.worth.price), self.table.resolved)

    @cached_property
    def _months(self) -> np.ndarray:
        return months_of(self.table)

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
class KeptPrices:
    """Prices of tonight's bookings from what `Prices.kept` left in an artefact; they are of one night."""

    table: Table
    worth: Worth
    kept: pd.DataFrame

    def as_of(self, at: Snapshots) -> np.ndarray:
        """As `Prices.as_of`, (pairs,) EUR a night, whatever the nights of the pairs are."""
        found = np.full(len(self.table), np.nan)
        rows = self.table.rows.assign(month=months_of(self.table))
        for number, (by, month) in enumerate(ladder(self.worth)):
            level = self.kept.loc[self.kept["level"] == number].astype({"month": "str"})
            if len(level):
                place = found_in(level, rows, (*(("month",) if month else ()), *by))
                prices = np.append(level["price"].to_numpy(np.float64), np.nan)
                found = np.where(np.isnan(found), prices[place], found)
        return found[at.position]


def ladder(worth: Worth) -> list[tuple[tuple[str, ...], bool]]:
    """Columns, and whether the month counts too, of ever coarser groups, the exact one first."""
    by = worth.by
    return [(by, True), (by[:-1], True), (by, False), (by[:-1], False), ((), False)]


def months_of(table: Table) -> np.ndarray:
    """Month of arrival of each booking, (n,) int64, 1 to 12."""
    return pd.DatetimeIndex(dates(table.arrival)).month.to_numpy(np.int64)


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
