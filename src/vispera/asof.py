"""What was known on a night, and nothing else.

``as_of`` is the definition: it takes away from a table all that was not known at the close of a night.
``Ledger`` answers counting questions about many nights in one pass; that it agrees with ``as_of`` on each
of them, bit for bit, is tested. Everything in the workspace that looks at the past comes through here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from vispera.clock import NEVER, dates, day
from vispera.lazy import pandas as pd
from vispera.schema import SourceColumns
from vispera.table import Table

DAY_BITS = 21
"""A day number and a window before it fit into so many bits, beside a group's code in one int64."""


def known_from(table: Table, column: str) -> np.ndarray:
    """Day from whose close on each row's value of a column is known, (n,) int32; ``NEVER`` if not yet."""
    match table.schema.column(column).known:
        case "booking":
            return table.booked
        case "outcome" | "mutable":  # of a mutable fact the table holds the last value only
            return table.resolved
        case "check_in":
            return np.where(table.resolved == NEVER, NEVER, table.arrival)


def as_of(table: Table, night: int | str) -> Table:
    """The table as it was known at the close of a night.

    Bookings made later are absent; of the others every value that became known later is missing, and
    rows of further sources that arrived later are absent. Memory: a copy of the bookings made by then.
    """
    night = day(night) if isinstance(night, str) else night
    made = table.booked <= night
    rows = table.rows[made].reset_index(drop=True)
    masked = {
        name: _nullable(rows.loc[:, name]).mask(known_from(table, name)[made] > night)
        for name in table.schema.known("mutable", "check_in", "outcome")
    }
    sources = {
        name: rows_[rows_[table.schema.sources[name].known_at] <= pd.Timestamp(night, unit="D")]
        for name, rows_ in table.sources.items()
    }
    return replace(table, rows=rows.assign(**masked), sources=sources)


def _nullable(values: pd.Series) -> pd.Series:
    """The same values, of a dtype that can hold missing ones too."""
    if values.dtype == "bool":
        return values.astype("boolean")
    return values.astype("float64") if pd.api.types.is_integer_dtype(values) else values


def is_open(table: Table, position: np.ndarray, night: np.ndarray) -> np.ndarray:
    """True where a booking was still to be decided at the close of a night, (n,) bool.

    Booked by then, arriving later, not cancelled on or before it, and in the problem's population.
    """
    decided = table.cancelled[position] & (table.resolved[position] <= night)
    waiting = (table.booked[position] <= night) & (night < table.arrival[position])
    return waiting & ~decided & table.in_population[position]


@dataclass(frozen=True)
class Snapshots:
    """(booking, night) pairs: ``position`` of the booking in its table and ``night``, both (n,)."""

    position: np.ndarray
    night: np.ndarray

    def __len__(self) -> int:
        return len(self.position)

    def take(self, chosen: np.ndarray) -> Snapshots:
        """The pairs where ``chosen`` (mask or positions) says so."""
        return Snapshots(self.position[chosen], self.night[chosen])


def scoring_night(table: Table, distance: int) -> np.ndarray:
    """Night on which each booking is looked at ``distance`` days out: then, or when it was made; (n,)."""
    return np.maximum(table.booked, table.arrival - distance)


def planned_nights(table: Table, distances: Iterable[int]) -> tuple[np.ndarray, np.ndarray]:
    """Nights on which each booking is to be looked at, (distances, n), and which of them to keep, bool.

    Of equal nights the first is kept, and none on the day of arrival. Known when the booking is made: its
    outcome plays no part.
    """
    nights = np.stack([scoring_night(table, distance) for distance in sorted(set(distances), reverse=True)])
    fresh = nights < table.arrival
    fresh[1:] &= nights[1:] != nights[:-1]  # distances shrink, so nights never run backwards
    return nights, fresh


def snapshots(table: Table, distances: Iterable[int]) -> Snapshots:
    """Each booking at several distances in days before arrival, where it was open, repeats dropped.

    Sorted by the booking's place in the table (which is sorted by content), then by night.
    """
    everyone = np.arange(len(table))
    nights, fresh = planned_nights(table, distances)
    opened = np.stack([is_open(table, everyone, night) for night in nights])
    position, distance = np.nonzero((fresh & opened).T)
    return Snapshots(position, nights[distance, position])


def open_book(table: Table, night: int, horizon_days: int) -> Snapshots:
    """The bookings that are open on a night and arrive within the horizon."""
    everyone = np.arange(len(table))
    near = table.arrival <= night + horizon_days
    position = np.flatnonzero(near & is_open(table, everyone, np.full(len(table), night)))
    return Snapshots(position, np.full(len(position), night, dtype=np.int32))


def open_books(table: Table, first: int, last: int, horizon_days: int) -> Snapshots:
    """The open books of all nights from ``first`` to ``last``, what `open_book` gives of each, in one pass.

    Sorted by night, then by the booking's place in the table. Time and memory go with the pairs found.
    """
    decided = np.where(table.cancelled, table.resolved, NEVER)
    begins = np.maximum(np.maximum(table.booked, table.arrival - horizon_days), first)
    ends = np.minimum(np.minimum(table.arrival, decided) - 1, last)
    nights = np.where(table.in_population, np.maximum(ends - begins + 1, 0), 0)
    position = np.repeat(np.arange(len(table)), nights)
    before = np.repeat(np.cumsum(nights) - nights, nights)
    night = (np.repeat(begins, nights) + np.arange(len(position)) - before).astype(np.int32)
    order = np.lexsort((position, night))
    return Snapshots(position[order], night[order])


class Tally:
    """Dated events by group; tells how many had happened in a group by the close of a night."""

    def __init__(self, group: np.ndarray, when: np.ndarray):
        happened = when < NEVER
        self._events = np.sort(_stamp(group[happened], when[happened]))

    def until(self, group: np.ndarray, night: np.ndarray) -> np.ndarray:
        """Events of a group on or before a night, (n,) int64; both arguments (n,)."""
        return self._rank(group, night) - self._rank(group, np.full_like(night, -1))

    def within(self, group: np.ndarray, night: np.ndarray, window_days: int) -> np.ndarray:
        """Events of a group in the last ``window_days`` days, the night's own day included, (n,) int64."""
        return self._rank(group, night) - self._rank(group, night - window_days)

    def _rank(self, group: np.ndarray, night: np.ndarray) -> np.ndarray:
        return np.searchsorted(self._events, _stamp(group, night), side="right")


def _stamp(group: np.ndarray, when: np.ndarray) -> np.ndarray:
    return (group.astype(np.int64) << DAY_BITS) + when.astype(np.int64) + (1 << (DAY_BITS - 2))


KnownBy = Callable[[np.ndarray], np.ndarray]
"""Gives for nights (n,) those whose knowledge is had on them, (n,): earlier ones, or the same."""


def each_night(night: np.ndarray) -> np.ndarray:
    """The same nights: on each what was known at its close."""
    return night


class Ledger:
    """The dated events of a table, grouped as asked, each tally made once.

    Every count is whole, so no answer depends on the order of the rows. ``known`` gives the night (n,) of
    which a night (n,) knows the counts: itself, unless the ledger was `stopped`. Events:

    ``matured``, ``matured_cancelled``
        Bookings of the population that were open at the horizon, and those of them that were cancelled
        or not taken up, by the day of arrival: an outcome known earlier is a biased sample, because the
        early ones are all cancellations.
    ``booked``, ``cancelled``
        All bookings by the day they were made, all cancellations and no-shows by the day they were known.
    ``booked_soon``, ``cancelled_soon``
        The same, of arrivals within the horizon of that day only. A table that was selected by arrival
        lacks the far arrivals of its last days, so that counts of all would fade towards its end.
    """

    def __init__(self, table: Table, horizon_days: int):
        self.table = table
        self.horizon_days = horizon_days
        self._tallies: dict[tuple[str, tuple[str, ...]], Tally] = {}
        self._groups: dict[tuple[str, ...], np.ndarray] = {}
        self.known: KnownBy = each_night

    def stopped(self, known: KnownBy) -> Ledger:
        """The same ledger, asked about nights when it knew no more than on the nights that ``known`` gives.

        That is what scoring has of it where the history is not: what a model's artefact kept.
        """
        stopped = copy(self)
        stopped.known = known
        return stopped

    def tally(self, event: str, by: tuple[str, ...]) -> Tally:
        """Events of a kind by the values of some columns, made once."""
        if (event, by) not in self._tallies:
            self._tallies[event, by] = self._tally(event, by)
        return self._tallies[event, by]

    def group(self, by: tuple[str, ...]) -> np.ndarray:
        """Code of each row's values of some columns, (n,) int64, made once."""
        if by not in self._groups:
            self._groups[by] = self._group(by)
        return self._groups[by]

    def _tally(self, event: str, by: tuple[str, ...]) -> Tally:
        chosen, when = self._events(event)
        return Tally(self.group(by)[chosen], when[chosen])

    def _group(self, by: tuple[str, ...]) -> np.ndarray:
        """Of no columns: all rows are one group."""
        if not by:
            return np.zeros(len(self.table), dtype=np.int64)
        return self.table.rows.groupby(list(by), observed=True, dropna=False, sort=False).ngroup().to_numpy()

    def _events(self, event: str) -> tuple[np.ndarray, np.ndarray]:
        """Rows for which an event counts, (n,) bool, and the day on which it became known, (n,) int32."""
        table, horizon = self.table, self.horizon_days
        match event:
            case "matured":
                return self._open_at_horizon, table.arrival
            case "matured_cancelled":
                return self._open_at_horizon & table.cancelled, table.arrival
            case "booked":
                return np.ones(len(table), dtype=bool), table.booked
            case "cancelled":
                return table.cancelled, table.resolved
            case "booked_soon":
                return table.arrival <= table.booked + horizon, table.booked
            case "cancelled_soon":
                return table.cancelled & (table.arrival <= table.resolved + horizon), table.resolved
        raise KeyError(event)

    @cached_property
    def _open_at_horizon(self) -> np.ndarray:
        everyone = np.arange(len(self.table))
        return is_open(self.table, everyone, scoring_night(self.table, self.horizon_days))


def latest(table: Table, source: str, at: Snapshots) -> pd.DataFrame:
    """Latest row of a further source that had arrived by each pair's night, its columns, (n, columns).

    Rows count from the close of their day of arrival in the workspace, not of the day that they speak of.
    """
    declared = table.schema.sources[source]
    columns, key = list(declared.columns), declared.key
    asked = pd.DataFrame({"night": dates(at.night), "pair": np.arange(len(at))})
    if key:
        asked[key] = table.rows[key].astype("str").array[at.position]
    rows = _in_order(table.sources[source], declared)
    joined = pd.merge_asof(
        asked.sort_values("night", kind="stable"), rows, left_on="night", right_on=declared.known_at, by=key
    )
    return joined.sort_values("pair").loc[:, columns].reset_index(drop=True)


def latest_rows(rows: pd.DataFrame, declared: SourceColumns, night: int) -> pd.DataFrame:
    """Of a further source, the row of each key that `latest` would find on a night."""
    known = _in_order(rows.loc[rows[declared.known_at] <= pd.Timestamp(night, unit="D")], declared)
    last = known.drop_duplicates(declared.key, keep="last") if declared.key else known.tail(1)
    return last.reset_index(drop=True)


def _in_order(rows: pd.DataFrame, declared: SourceColumns) -> pd.DataFrame:
    """Rows of a source from the first to the last that counts."""
    key, about = ([name] if name else [] for name in (declared.key, declared.about))
    ordered = rows.sort_values([declared.known_at, *about, *declared.columns])
    return ordered.loc[:, [declared.known_at, *about, *declared.columns, *key]]
