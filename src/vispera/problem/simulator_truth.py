"""The hidden truth: the risk of every booking on every day, and probabilities that follow from it.

A booking that is open meets two risks on each day after its booking day, and one at the end:

- *other plans*: hazard ``rate x pace(days left) x calendar(day)``. The pace rises towards arrival; the
  calendar carries the social trend and the popularity of the hotel's attractions.
- *second thoughts* soon after booking: ``regret`` in all, of which 1 - exp(-s / regret_days) has passed
  s days after the booking.
- *no-show* on the day of arrival: hazard ``absence``.

So P(cancelled later or no-show | open at the close of night t) = 1 - exp(-H), where H is the sum of the
hazards still to come. Rooms of one request share their draws with probability 0.9 (in the real table 90%
of twin units agree); shared and own draws have equal hazards, so the formula stays exact whatever is
known of the other rooms.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from vispera.clock import NEVER, day, iso
from vispera.errors import UsageError
from vispera.files import replacing
from vispera.lazy import pandas as pd
from vispera.problem.simulator_sources import SOURCES

FILE_NAME = "truth.npz"
GRID = 16
"""Quantiles over which an unseen guest history is averaged."""
ABSENCE_POWER = 0.6
"""The log-hazard of a no-show follows 0.6 of the log-hazard of other plans."""
_TWINS_SHARE = 0.9
_BY_BOOKING = ("hotel", "booked", "arrival", "resolved", "regret", "absence", "guest", "called")


@dataclass(frozen=True)
class Truth:
    """Hidden risks of bookings number 1 to n, in that order.

    Parameters
    ----------
    hotel, booked, arrival, resolved
        Hotel code and days, (n,); ``resolved`` is the day on which the outcome became known.
    rate
        (2, n): before, and from, the first day ``change`` of a drifted law.
    regret, absence
        Hazards in all, (n,).
    guest
        Log-hazard that the guest's history adds, already contained in rate and absence, (n,); NaN for
        bookings whose risk does not depend on the guest.
    pace
        Hazard by days left, (longest lead,).
    trend, popularity, level
        Log-hazard by day from ``first`` on: (days,), (2, days) by hotel, (days,).
    called, call
        Night after which each booking was called, (n,); shares of later cancellations that a call
        prevents and of stays that it destroys, (2,).
    """

    hotel: np.ndarray
    booked: np.ndarray
    arrival: np.ndarray
    resolved: np.ndarray
    rate: np.ndarray
    regret: np.ndarray
    absence: np.ndarray
    guest: np.ndarray
    called: np.ndarray
    pace: np.ndarray
    trend: np.ndarray
    popularity: np.ndarray
    level: np.ndarray
    first: np.ndarray
    change: np.ndarray
    regret_days: np.ndarray
    call: np.ndarray

    def __len__(self) -> int:
        return len(self.arrival)

    def __call__(self, night: str | int) -> pd.DataFrame:
        """``booking_id`` and ``p`` of every booking that is open at the close of a night."""
        number = day(night) if isinstance(night, str) else int(night)
        at = np.flatnonzero((self.booked <= number) & (number < self.arrival) & (self.resolved > number))
        return pd.DataFrame({"booking_id": at + 1, "p": self.at(at + 1, np.full(len(at), number))})

    def at(self, booking_id, night, seen: Iterable[str] = SOURCES) -> np.ndarray:
        """P(cancelled later or no-show | open) for pairs of booking and night, (m,) float64.

        With fewer sources ``seen`` it is the best that can be known without the others:
        E[truth | all columns, sources seen, open]. A guest history that is not seen is averaged over
        its distribution among bookings, weighted by the chance that the booking is then still open; a
        trend or popularity that is not seen is replaced by its mean over time.

        Raises
        ------
        UsageError
            If a booking does not exist, or a night lies outside of booking date and arrival.
        """
        i = np.asarray(booking_id, dtype=np.int64) - 1
        t = np.asarray(night, dtype=np.int64)
        self.check(i, t)
        tables = self.tables(frozenset(seen))
        now, start = self.arrival[i] - t, self.arrival[i] - self.booked[i]
        regret = self.regret[i] * (np.exp(-(t - self.booked[i]) / self.regret_days) - self._regret_end(i))
        to_come = self.plans(tables, i, now)
        if "guest_history" in seen:
            return self._after_calls(i, t, -np.expm1(-(to_come + regret + self.absence[i])), tables)
        passed = self.plans(tables, i, start) - to_come
        fixed = np.isnan(self.guest[i])
        centre = np.where(fixed, 0.0, self.guest[i])
        effects = np.nanquantile(self.guest, (np.arange(GRID) + 0.5) / GRID)
        total, weight = np.zeros(len(i)), np.zeros(len(i))
        for effect in effects:
            shift = np.where(fixed, 0.0, effect - centre)
            plans, absent = np.exp(shift), np.exp(ABSENCE_POWER * shift)
            still_open = np.exp(-passed * plans)
            risk = -np.expm1(-(to_come * plans + regret + self.absence[i] * absent))
            total += still_open * risk
            weight += still_open
        return self._after_calls(i, t, total / weight, tables)

    def tables(self, seen: frozenset[str] = frozenset(SOURCES)) -> list[np.ndarray]:
        """Hazard of other plans still to come at rate 1, by hotel, arrival and days left, per law."""
        days = np.arange(len(self.trend))
        trend = np.exp(self.trend)
        popularity = np.exp(self.popularity)
        trend = trend if "social_trend" in seen else np.full_like(trend, trend.mean())
        if "attraction_popularity" not in seen:
            popularity = np.broadcast_to(popularity.mean(axis=1, keepdims=True), popularity.shape)
        calendar = trend * popularity * np.exp(self.level)
        drifted = days + int(self.first) >= int(self.change)
        laws = [calendar * ~drifted, calendar * drifted] if drifted.any() else [calendar]
        return [self._accumulated(law) for law in laws]

    def _accumulated(self, calendar: np.ndarray) -> np.ndarray:
        arrivals = np.arange(int(self.arrival.min()), int(self.arrival.max()) + 1) - int(self.first)
        back = arrivals[:, None] - np.arange(len(self.pace))[None, :]
        daily = self.pace * calendar[:, np.maximum(back, 0)]
        return np.concatenate([np.zeros((*daily.shape[:2], 1)), np.cumsum(daily, axis=2)], axis=2)

    def plans(self, tables: list[np.ndarray], i: np.ndarray, left: np.ndarray) -> np.ndarray:
        """Hazard of other plans that bookings at positions ``i`` still meet with days ``left``, (m,)."""
        a = self.arrival[i] - int(self.arrival.min())
        return sum(
            (self.rate[law, i] * table[self.hotel[i], a, left] for law, table in enumerate(tables)),
            start=np.zeros(len(i)),
        )

    def _regret_end(self, i: np.ndarray) -> np.ndarray:
        return np.exp(-(self.arrival[i] - self.booked[i]) / self.regret_days)

    def check(self, i: np.ndarray, t: np.ndarray) -> None:
        """UsageError unless each booking at these positions exists and can be open on its night."""
        if len(i) and (i.min() < 0 or i.max() >= len(self)):
            raise UsageError(f"booking_id must lie between 1 and {len(self)}")
        wrong = (t < self.booked[i]) | (t >= self.arrival[i])
        if wrong.any():
            w = int(np.flatnonzero(wrong)[0])
            booked, arrival = iso(int(self.booked[i[w]])), iso(int(self.arrival[i[w]]))
            raise UsageError(
                f"booking {i[w] + 1} is not open on {iso(int(t[w]))}: booked {booked}, arrival {arrival}"
            )

    def _after_calls(
        self, i: np.ndarray, t: np.ndarray, p: np.ndarray, tables: list[np.ndarray]
    ) -> np.ndarray:
        """Probabilities with the effect of calls already made; calls still to come are left out."""
        reached = self.called[i] <= t
        if not reached.any():
            return p
        prevented, destroyed = self.call
        b, night, later = i[reached], self.called[i[reached]], p[reached]
        between = self.plans(tables, b, self.arrival[b] - night) - self.plans(
            tables, b, self.arrival[b] - t[reached]
        )
        between += self.regret[b] * (
            np.exp(-(night - self.booked[b]) / self.regret_days)
            - np.exp(-(t[reached] - self.booked[b]) / self.regret_days)
        )
        # Without a call: gone since the call, going later, staying. A call turns some of the first and
        # second into stays; those whom it talks out leave on the day of the call.
        lasting = np.exp(-between)
        going, staying, saved = lasting * later, lasting * (1 - later), (1 - lasting) * prevented
        on_the_night = t[reached] == night
        lost = np.where(on_the_night, staying * destroyed, 0.0)
        still = np.where(on_the_night, 1.0, going + staying * (1 - destroyed) + saved)
        result = p.copy()
        result[reached] = (going * (1 - prevented) + lost) / still
        return result

    def take(self, chosen: np.ndarray) -> Truth:
        """Truth of the bookings at these positions."""
        return replace(
            self, rate=self.rate[:, chosen], **{name: getattr(self, name)[chosen] for name in _BY_BOOKING}
        )

    def write(self, folder: Path) -> Path:
        """Path of the file, written whole or not at all, apart from the table and its sources."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / FILE_NAME
        arrays: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self)}
        with replacing(path) as temporary, temporary.open("wb") as file:
            np.savez(file, **arrays)
        return path

    @classmethod
    def read(cls, folder: Path) -> Truth:
        """The truth that ``write`` left in a folder."""
        with np.load(folder / FILE_NAME, allow_pickle=False) as arrays:
            return cls(**{f.name: arrays[f.name] for f in fields(cls)})


@dataclass(frozen=True)
class Outcome:
    """What happened to each booking: the day it became known, cancelled, not taken up; (n,) each."""

    resolved: np.ndarray
    cancelled: np.ndarray
    absent: np.ndarray

    def take(self, chosen: np.ndarray) -> Outcome:
        """Outcomes of the bookings at these positions."""
        return Outcome(self.resolved[chosen], self.cancelled[chosen], self.absent[chosen])


def draw(rng: np.random.Generator, truth: Truth, unit: np.ndarray, nights: np.ndarray) -> Outcome:
    """An outcome of each booking from its hazards; who stays becomes known at check-out."""
    everyone = np.arange(len(truth))
    own = rng.random(len(truth)) >= _TWINS_SHARE
    patience = [
        np.where(own, rng.exponential(size=len(truth)), rng.exponential(size=int(unit.max()) + 1)[unit])
        for _ in range(3)
    ]
    cancelled_on = np.minimum(
        _day_of_other_plans(truth, everyone, patience[0]), _day_of_second_thoughts(truth, patience[1])
    )
    cancelled = cancelled_on < NEVER
    absent = ~cancelled & (patience[2] < truth.absence)
    stayed_until = truth.arrival + np.where(absent, 0, nights)
    return Outcome(np.where(cancelled, cancelled_on, stayed_until), cancelled, absent)


def _day_of_other_plans(truth: Truth, everyone: np.ndarray, patience: np.ndarray) -> np.ndarray:
    """First day by which the hazard since booking exceeds a booking's patience; NEVER if none does."""
    tables = truth.tables()
    lead = truth.arrival - truth.booked
    at_booking = truth.plans(tables, everyone, lead)
    gone = np.flatnonzero((at_booking >= patience) & (lead > 0))
    # Bisection over days left: the hazard passed since booking falls as days left grow.
    low, high = np.zeros(len(gone), dtype=np.int64), lead[gone]
    for _ in range(int(lead.max()).bit_length()):
        middle = (low + high + 1) // 2
        passed = at_booking[gone] - truth.plans(tables, gone, middle) >= patience[gone]
        low, high = np.where(passed, middle, low), np.where(passed, high, middle - 1)
        high = np.maximum(high, low)
    result = np.full(len(everyone), NEVER, dtype=np.int64)
    result[gone] = truth.arrival[gone] - low
    return result


def _day_of_second_thoughts(truth: Truth, patience: np.ndarray) -> np.ndarray:
    result = np.full(len(truth), NEVER, dtype=np.int64)
    gone = np.flatnonzero(patience < truth.regret)
    since = np.ceil(-truth.regret_days * np.log1p(-patience[gone] / truth.regret[gone])).astype(np.int64)
    on = truth.booked[gone] + np.maximum(since, 1)
    result[gone] = np.where(on <= truth.arrival[gone], on, NEVER)
    return result
