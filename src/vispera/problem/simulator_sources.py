"""The three sources beside the table, each row with the day on which it became known.

========================  =====  =========================================  =======================
source                    key    columns                                    late rows
========================  =====  =========================================  =======================
``guest_history``         guest  ``past_stays``, ``past_cancellations``     10%, by 1 to 30 days
``social_trend``          none   ``trend`` of a day                         10%, by a few days
``attraction_popularity`` hotel  ``popularity`` of a week, by hotel         15%, by 1 to 6 days
========================  =====  =========================================  =======================

Guest history counts what a guest did in other houses of the chain, never in this table, so that it
cannot be rebuilt from it. Trend and popularity are in standard deviations around 0. Rows are sorted by
key, ``known_at`` and the day that they are about: of rows that became known together, the last is newest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vispera.clock import dates
from vispera.lazy import pandas as pd
from vispera.problem.simulator_demand import HOTELS, Book, weekday

SOURCES = ("guest_history", "social_trend", "attraction_popularity")

GUEST_EFFECT = 4.2
"""Log-hazard by which a guest who always cancelled elsewhere exceeds one who never did."""
TREND_EFFECT = 0.35
POPULARITY_EFFECT = -0.35
"""Log-hazard by standard deviation of the trend of the day and of the week's popularity."""

_NO_HISTORY_RATE = 0.3
_TREND_MEMORY = 45.0
_POPULARITY_MEMORY = 10.0


@dataclass(frozen=True)
class Guests:
    """Stays and cancellations elsewhere by booking, (n,) each, as they were on the booking day."""

    stays: np.ndarray
    cancellations: np.ndarray

    @property
    def effect(self) -> np.ndarray:
        """Log-hazard of each booking that its guest's history adds; 0 without history, (n,)."""
        rate = (self.cancellations + 2 * _NO_HISTORY_RATE) / (self.stays + self.cancellations + 2)
        return GUEST_EFFECT * (rate - _NO_HISTORY_RATE)

    def take(self, chosen: np.ndarray) -> Guests:
        """Bookings at these positions, or where this mask is true."""
        return Guests(self.stays[chosen], self.cancellations[chosen])


@dataclass(frozen=True)
class Series:
    """Trend by day, (days,), and popularity by hotel and day, (2, days); day 0 is ``first``."""

    first: int
    trend: np.ndarray
    popularity: np.ndarray


def guests(rng: np.random.Generator, book: Book) -> Guests:
    """What the guest of each booking did elsewhere before it; two in five guests are new to the chain."""
    count = int(book.guest.max()) + 1
    new = rng.random(count) < 0.4
    events = np.where(new, 0, rng.geometric(0.16, count))
    unreliable = rng.beta(0.5, 1.1, count)
    cancelled = rng.binomial(events, unreliable)
    a_year = np.where(new, 0.0, rng.exponential(0.6, count))
    # Counts grow evenly with time: at any later booking a guest has at least as many as before.
    since = np.maximum(book.booked - int(book.booked.min()), 0) / 365.0
    more = np.floor(a_year[book.guest] * since)
    more_cancelled = np.floor(more * unreliable[book.guest])
    return Guests(
        ((events - cancelled)[book.guest] + more - more_cancelled).astype(np.int64),
        (cancelled[book.guest] + more_cancelled).astype(np.int64),
    )


def series(rng: np.random.Generator, first: int, last: int) -> Series:
    """A slowly changing daily trend and a weekly popularity of each hotel's attractions."""
    length = last - first + 1
    weeks = length // 7 + 2
    popularity = np.stack([_wander(rng, weeks, _POPULARITY_MEMORY) for _ in HOTELS])
    # Weeks begin on Monday; every day of a week has the popularity of its week.
    week = (np.arange(length) + weekday(np.array(first))) // 7
    return Series(first, _wander(rng, length, _TREND_MEMORY), popularity[:, week])


def frames(
    rng: np.random.Generator, book: Book, history: Guests, world: Series, pseudonym: np.ndarray
) -> dict[str, pd.DataFrame]:
    """The sources as they are delivered, one frame by name, sorted by key and time."""
    return {
        "guest_history": _guest_rows(rng, book, history, pseudonym),
        "social_trend": _trend_rows(rng, world),
        "attraction_popularity": _popularity_rows(rng, world),
    }


def _guest_rows(rng: np.random.Generator, book: Book, history: Guests, pseudonym: np.ndarray) -> pd.DataFrame:
    """One row a request of a guest with history; none for guests who are new to the chain."""
    _, first_room = np.unique(book.unit, return_index=True)
    asked = first_room[(history.stays + history.cancellations)[first_room] > 0]
    late = np.where(rng.random(len(asked)) < 0.1, rng.integers(1, 31, len(asked)), 0)
    rows = pd.DataFrame(
        {
            "guest_id": pseudonym[asked],
            "known_at": dates(book.booked[asked] + late),
            "past_stays": history.stays[asked],
            "past_cancellations": history.cancellations[asked],
        }
    )
    # Two rows that became known on one day: the fuller one counts, whatever the order of the file.
    rows = rows.sort_values(["guest_id", "known_at", "past_stays", "past_cancellations"])
    overtaken = rows.duplicated(["guest_id", "known_at"], keep="last").to_numpy()
    return rows.iloc[~overtaken].reset_index(drop=True)


def _trend_rows(rng: np.random.Generator, world: Series) -> pd.DataFrame:
    """One row a day; while the feed is down rows pile up, and come together when it is back."""
    days = world.first + np.arange(len(world.trend))
    up = rng.random(len(days)) >= 0.1
    up[-1] = True
    next_up = np.minimum.accumulate(np.where(up, days, days[-1])[::-1])[::-1]
    return pd.DataFrame(
        {"known_at": dates(next_up), "trend_date": dates(days), "trend": np.round(world.trend, 4)}
    )


def _popularity_rows(rng: np.random.Generator, world: Series) -> pd.DataFrame:
    """One row a hotel and week, known on its Monday or before the next."""
    days = world.first + np.arange(len(world.trend))
    monday = np.flatnonzero(weekday(days) == 0)
    parts = []
    for h, hotel in enumerate(HOTELS):
        late = np.where(rng.random(len(monday)) < 0.15, rng.integers(1, 7, len(monday)), 0)
        columns = {
            "hotel": hotel,
            "known_at": dates(days[monday] + late),
            "week": dates(days[monday]),
            "popularity": np.round(world.popularity[h, monday], 4),
        }
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def _wander(rng: np.random.Generator, length: int, memory: float) -> np.ndarray:
    """First-order autoregression, of mean 0 and variance 1; its correlation is 1/e after ``memory`` steps."""
    keep = np.exp(-1 / memory)
    shocks = rng.normal(0, np.sqrt(1 - keep**2), length)
    values = np.empty(length)
    level = rng.normal()
    for i, shock in enumerate(shocks):
        level = keep * level + shock
        values[i] = level
    return (values - values.mean()) / values.std()
