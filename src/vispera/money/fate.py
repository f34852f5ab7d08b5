"""What became of listed units, by the table that has their outcomes: freed in time, lost late, or come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vispera.asof import is_open
from vispera.clock import NEVER
from vispera.money.outcome_file import Listed
from vispera.table import Table

FATES = ("freed", "late", "came")
"""``freed``: cancelled within some days after the night of the list and before the day of arrival, so that
the room can be sold again. ``late``: cancelled later than that, or not turned up. ``came``: neither."""


@dataclass(frozen=True)
class Fates:
    """What became of m listed units, in the order in which they were given.

    ``share`` (m, 3) is the part of a unit's bookings, open on its night, that met each of ``FATES``; nan
    where the table has no such booking (``lost``), or does not yet tell what became of one (``open``), (m,)
    bool each.
    """

    share: np.ndarray
    lost: np.ndarray
    open: np.ndarray


def fates(table: Table, listed: Sequence[Listed], within_days: int) -> Fates:
    """What became of listed units; of a unit, only bookings that were open on its night count."""
    units, row_unit = np.unique(table.unit, return_inverse=True)
    wanted = np.array([int(one.unit, 16) for one in listed], dtype=np.uint64)
    place = np.minimum(np.searchsorted(units, wanted), len(units) - 1)
    known = units[place] == wanted if len(units) else np.zeros(len(wanted), dtype=bool)
    on_list = np.full(len(units), -1)
    on_list[place[known]] = np.flatnonzero(known)
    position = np.flatnonzero(on_list[row_unit] >= 0)
    which = on_list[row_unit[position]]
    night = np.array([one.night for one in listed], dtype=np.int64)[which]
    opened = is_open(table, position, night)
    position, which, night = position[opened], which[opened], night[opened]

    rooms = np.bincount(which, minlength=len(wanted))
    waiting = np.bincount(which, table.resolved[position] == NEVER, len(wanted)) > 0
    met = _met(table, position, night + within_days)
    counts = np.stack([np.bincount(which, of, len(wanted)) for of in met], axis=1)
    share = np.full(counts.shape, np.nan)
    told = (rooms > 0) & ~waiting
    share[told] = counts[told] / rooms[told, None]
    return Fates(share, rooms == 0, waiting)


def _met(table: Table, position: np.ndarray, until: np.ndarray) -> np.ndarray:
    """Whether bookings met each of ``FATES``, (3, n) bool; in time is not after ``until``."""
    gone, when = table.cancelled[position], table.resolved[position]
    freed = gone & (when <= until) & (when < table.arrival[position])
    return np.stack([freed, gone & ~freed, ~gone])
