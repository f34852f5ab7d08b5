"""How risky which booking is: the law behind each ``truth``, and how a law drifts.

``default``
    Log-hazards add up over hotel, segment, customer type, agent, room, nights, party, repeated guests,
    earlier cancellations, season and a few pairs of them; guest history, social trend and attraction
    popularity come on top. Standard deviation of the whole about 1.
``rule``
    Only segment and customer type matter: log-hazards +1.0 for Transient and -1.0 otherwise, +0.7 for
    online agencies, -0.7 for Direct and Corporate. In the last fortnight all risk lies on the day of
    arrival, so a table of rates says all there is, and every call comes in time.
``noise``
    Every booking has the same probability. In the last fortnight it is spent within two days of
    its beginning (or of the booking): nothing predicts, and no call comes in time.
``interaction``
    Log-hazard +1.25 where exactly one of two things holds, lead over 55 days (half of all bookings) and
    arrival from Thursday to Saturday, -1.25 otherwise; each alone says nothing. Timing as in ``rule``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from vispera.clock import NEVER
from vispera.problem.simulator_demand import CUSTOMERS, LONGEST_LEAD, NON_REFUND, SEGMENTS, TOP_AGENTS, Book
from vispera.problem.simulator_sources import (
    POPULARITY_EFFECT,
    TREND_EFFECT,
    Guests,
    Series,
)
from vispera.problem.simulator_truth import ABSENCE_POWER, Truth

TRUTHS = ("default", "rule", "noise", "interaction")
DRIFTS = ("prior", "concept", "feature", "data_bug")
PRIOR_FACTOR = 1.8
"""By this a prior drift multiplies every hazard from its date on."""

_NON_REFUND_CANCELLED = 0.993
_FLAT_RISK = 0.10
_FORTNIGHT = 14


@dataclass(frozen=True)
class _Law:
    """Log-hazard of each booking, its level, and the clocks that spread it over time."""

    log_hazard: np.ndarray
    pace: np.ndarray
    regret: np.ndarray
    absence: np.ndarray
    regret_days: float = 10.0


def law(
    rng: np.random.Generator,
    book: Book,
    history: Guests,
    world: Series,
    kind: str,
    drift: tuple[str, int] | None,
) -> Truth:
    """Hidden risks of every booking; outcomes are not yet drawn (``resolved`` is NEVER)."""
    agents = rng.normal(0, 0.45, 2000)
    made = _LAWS[kind](book, agents)
    uses_sources = kind == "default"
    guest = history.effect if uses_sources else np.zeros(len(book))
    log_hazard = np.stack([made.log_hazard, made.log_hazard])
    change, level = NEVER, np.zeros(len(world.trend))
    if drift is not None:
        drift_kind, date = drift
        if drift_kind == "concept":
            change, log_hazard[1] = date, _reversed(made.log_hazard)
        elif drift_kind == "prior":
            level[np.arange(len(level)) + world.first >= date] = np.log(PRIOR_FACTOR)
    later = (book.arrival >= change).astype(np.int64)
    own = np.where(later, log_hazard[1], log_hazard[0])
    absence = made.absence * np.exp(ABSENCE_POWER * (own - made.log_hazard + guest))
    if drift is not None and drift[0] == "prior":
        absence = np.where(book.arrival >= drift[1], absence * PRIOR_FACTOR, absence)
    truth = Truth(
        hotel=book.hotel,
        booked=book.booked,
        arrival=book.arrival,
        resolved=np.full(len(book), NEVER, dtype=np.int64),
        rate=np.exp(log_hazard + guest),
        regret=made.regret,
        absence=absence,
        guest=guest,
        called=np.full(len(book), NEVER, dtype=np.int64),
        pace=made.pace,
        trend=world.trend * TREND_EFFECT * uses_sources,
        popularity=world.popularity * POPULARITY_EFFECT * uses_sources,
        level=level,
        first=np.array(world.first),
        change=np.array(change),
        regret_days=np.array(made.regret_days),
        call=np.zeros(2),
    )
    return _non_refund(book, truth)


def _non_refund(book: Book, truth: Truth) -> Truth:
    """The truth with Non Refund bookings nearly all cancelled, at the common pace, whoever the guest."""
    i = np.flatnonzero(book.deposit == NON_REFUND)
    rate = truth.rate.copy()
    rate[:, i] = 1.0
    of_rate_one = replace(truth, rate=rate)
    rate[:, i] = -np.log(1 - _NON_REFUND_CANCELLED) / of_rate_one.plans(of_rate_one.tables(), i, book.lead[i])
    guest, regret, absence = truth.guest.copy(), truth.regret.copy(), truth.absence.copy()
    guest[i], regret[i], absence[i] = np.nan, 0.0, 0.0
    return replace(truth, rate=rate, guest=guest, regret=regret, absence=absence)


def _reversed(log_hazard: np.ndarray) -> np.ndarray:
    """Log-hazards with what was risky now safe, at the same mean hazard."""
    turned = -log_hazard
    return turned + np.log(np.exp(log_hazard).mean() / np.exp(turned).mean())


def _default(book: Book, agents: np.ndarray) -> _Law:
    x = np.array([0.20, -0.20])[book.hotel]
    x = x + np.array([0.35, -0.55, 0.0, -0.3, -0.3, -0.4, 0.0, 0.0])[book.segment]
    x += np.array([0.2, -0.35, -0.4, -0.6])[book.customer]
    # The largest agents are near the average of their segment: two thirds of all bookings are theirs.
    large = np.isin(book.agent, TOP_AGENTS)
    x += np.where(book.agent > 0, agents[book.agent], 0.0) * np.where(large, 0.2, 1.0)
    x += np.array([0.0, 0.25, 0.1, -0.1, 0.1, -0.2, 0.0, 0.0])[book.room]
    x += np.clip(0.12 * (book.nights - 3), -0.3, 0.6)
    x += np.where(book.adults == 1, -0.25, 0.0) + np.where(book.children > 0, 0.25, 0.0)
    x += np.where(book.repeated > 0, -1.0, 0.0) + np.where(book.previous_cancellations > 0, 1.0, 0.0)
    x += 0.2 * np.sin(2 * np.pi * (book.month - 2) / 12)
    short, late_week = book.lead <= 30, book.weekday >= 4
    online, party = book.segment == 0, book.customer == 1
    x += np.where(online & short & (book.hotel == 0), 0.5, 0.0)
    x += np.where((book.nights >= 4) & (book.adults >= 2) & late_week, 0.6, 0.0)
    x += np.where(party & ~short, -0.4, 0.0)
    x += np.where(online & ~short & (book.nights <= 2), -0.45, 0.0)
    x *= 1.21
    left = np.arange(LONGEST_LEAD)
    pace = 0.00105 + 0.0020 * np.exp(-left / 30) + 0.0020 * np.exp(-left / 3)
    return _Law(x, pace, 0.055 * np.exp(0.5 * x), 0.011 * np.exp(ABSENCE_POWER * x))


def _late(x: np.ndarray, level: float) -> _Law:
    """Risk of the last fortnight on the day of arrival, whatever the lead; before, an even pace."""
    pace = np.full(LONGEST_LEAD, 0.0016)
    pace[:_FORTNIGHT] = 0.0
    pace[0] = level
    return _Law(x, pace, np.zeros(len(x)), 0.15 * level * np.exp(x))


def _rule(book: Book, agents: np.ndarray) -> _Law:
    x = np.where(book.customer == CUSTOMERS.index("Transient"), 1.0, -1.0)
    x += np.where(book.segment == 0, 0.7, 0.0)
    x += np.where(np.isin(book.segment, (SEGMENTS.index("Direct"), SEGMENTS.index("Corporate"))), -0.7, 0.0)
    return _late(x, 0.028)


def _interaction(book: Book, agents: np.ndarray) -> _Law:
    one = (book.lead > 55) ^ np.isin(book.weekday, (3, 4, 5))
    return _late(np.where(one, 1.25, -1.25), 0.055)


def _noise(book: Book, agents: np.ndarray) -> _Law:
    risk, regret_days = -np.log(1 - _FLAT_RISK), 0.5
    pace = np.full(LONGEST_LEAD, 0.0016)
    pace[:_FORTNIGHT] = 0.0
    pace[_FORTNIGHT - 2 : _FORTNIGHT] = risk / 2
    short = book.lead < _FORTNIGHT
    spent = 1 - np.exp(-np.maximum(book.lead, 1) / regret_days)
    # A hazard of e^-60 is none, and unlike -inf it can be added to.
    x = np.where(short, -60.0, 0.0)
    return _Law(x, pace, np.where(short, risk / spent, 0.0), np.zeros(len(book)), regret_days)


_LAWS = {"default": _default, "rule": _rule, "noise": _noise, "interaction": _interaction}
