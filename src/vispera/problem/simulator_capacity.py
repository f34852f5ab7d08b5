"""Which requests two hotels of fixed capacity can take, day by day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_ROOMS_OF_REAL = (226, 187)
_ROWS_A_MONTH_OF_REAL = 4500


def capacities(rows: int, months: int) -> np.ndarray:
    """Rooms of the two hotels, in the proportion to bookings a month that the real hotels have.

    >>> capacities(103_500, 23).tolist()
    [226, 187]
    """
    scaled = np.array(_ROOMS_OF_REAL) * rows / months / _ROWS_A_MONTH_OF_REAL
    return np.maximum(np.rint(scaled).astype(np.int64), 4)


def accepted(
    hotel: np.ndarray,
    booked: np.ndarray,
    arrival: np.ndarray,
    nights: np.ndarray,
    released: np.ndarray,
    rooms: np.ndarray,
) -> np.ndarray:
    """True for bookings that found a free room on each of their nights, (n,) bool.

    Day by day, rooms of bookings cancelled on that day are ``released``; then the day's requests are
    taken while every night still has room. A refusal depends on what happened to *other* bookings by
    the booking day only, so it tells nothing about the future of the booking itself.
    """
    first = int(arrival.min())
    width = int((arrival + nights).max()) - first + 1
    limit = np.repeat(rooms, width)
    cell = hotel * width + arrival - first
    coming = _Expanded.by_day(booked, cell, nights)
    leaving = _Expanded.by_day(released, cell, nights)
    taken, inside = np.zeros(2 * width, dtype=np.int64), np.zeros(len(hotel), dtype=bool)
    for today in range(int(booked.min()), int(booked.max()) + 1):
        who, cells = leaving.on(today)
        gone = cells[inside[who]]
        if len(gone):
            taken -= np.bincount(gone, minlength=2 * width)
        who, cells = coming.on(today)
        full = taken[cells] + _rank_within(cells) >= limit[cells]
        inside[coming.bookings_on(today)] = True
        if full.any():
            inside[who[full]] = False
        taken += np.bincount(cells[inside[who]], minlength=2 * width)
    return inside


@dataclass(frozen=True)
class _Expanded:
    """(booking, night) pairs sorted by the day on which something happens to the booking."""

    order: np.ndarray
    who: np.ndarray
    cell: np.ndarray
    booking_start: np.ndarray
    pair_start: np.ndarray
    first: int

    @classmethod
    def by_day(cls, happens: np.ndarray, cell: np.ndarray, nights: np.ndarray) -> _Expanded:
        first = int(happens.min())
        order = np.argsort(happens, kind="stable")
        # Bookings that are never released carry a day far beyond the last: they lie after every slice.
        span = np.arange(int(np.minimum(happens, first + 10_000).max()) - first + 2)
        starts = np.searchsorted(happens[order] - first, span)
        who = np.repeat(order, nights[order])
        before = np.concatenate([[0], np.cumsum(nights[order])])
        within = np.arange(len(who)) - np.repeat(before[:-1], nights[order])
        return cls(order, who, cell[who] + within, starts, before[starts], first)

    def _slice(self, starts: np.ndarray, today: int) -> slice:
        at = today - self.first
        return slice(starts[at], starts[at + 1]) if 0 <= at < len(starts) - 1 else slice(0, 0)

    def on(self, today: int) -> tuple[np.ndarray, np.ndarray]:
        pairs = self._slice(self.pair_start, today)
        return self.who[pairs], self.cell[pairs]

    def bookings_on(self, today: int) -> np.ndarray:
        return self.order[self._slice(self.booking_start, today)]


def _rank_within(cells: np.ndarray) -> np.ndarray:
    """How many earlier elements are equal to each element."""
    order = np.argsort(cells, kind="stable")
    ordered = cells[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    rank = np.empty(len(cells), dtype=np.int64)
    rank[order] = np.arange(len(cells)) - np.repeat(starts, np.diff(np.r_[starts, len(cells)]))
    return rank
