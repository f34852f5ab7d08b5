"""Days as whole numbers, and the one place that reads the wall clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np  # imported in the two functions that need it: `runs` and `--help` do not

EPOCH = date(1970, 1, 1)
NEVER = 2**30
"""A day later than every date: what is not known by any night."""


def now() -> datetime:
    """Present time in UTC; everything written with a time takes it from here."""
    return datetime.now(UTC)


def day(value: date | datetime | str) -> int:
    """Days since 1970-01-01 of a date, an ISO text or a timestamp.

    >>> day("2017-03-16")
    17241
    """
    if isinstance(value, str):
        value = date.fromisoformat(value)
    elif isinstance(value, datetime):
        value = value.date()
    return (value - EPOCH).days


def iso(day_number: int) -> str:
    """ISO date of a day number.

    >>> iso(17241)
    '2017-03-16'
    """
    return (EPOCH + timedelta(days=int(day_number))).isoformat()


def local_moment(day_number: int, clock: str) -> datetime:
    """Moment of a day at a time of the local clock; ValueError if that is none.

    >>> local_moment(17241, "06:30").strftime("%Y-%m-%d %H:%M")
    '2017-03-16 06:30'
    """
    return datetime.combine(
        EPOCH + timedelta(days=int(day_number)), clock_time.fromisoformat(clock)
    ).astimezone()


def days(values) -> np.ndarray:
    """Day numbers, int32, of a datetime series or array; missing dates become ``NEVER``."""
    import numpy as np

    dates = np.asarray(values, dtype="datetime64[D]")
    numbers = dates.astype(np.int64)
    return np.where(np.isnat(dates), NEVER, numbers).astype(np.int32)


def dates(day_numbers) -> np.ndarray:
    """datetime64[s] of day numbers; ``NEVER`` becomes missing."""
    import numpy as np

    numbers = np.asarray(day_numbers, dtype=np.int64)
    result = numbers.astype("datetime64[D]").astype("datetime64[s]")
    result[numbers >= NEVER] = np.datetime64("NaT")
    return result
