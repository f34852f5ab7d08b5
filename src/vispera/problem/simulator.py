"""Hotel bookings made from a seed, in the shape of the real table, with a truth that is known.

The parts, in the order in which ``simulate`` calls them: requests for rooms (`simulator_demand`), the
sources beside the table (`simulator_sources`), the law that gives every booking its risk
(`simulator_law`, `simulator_truth`), acceptance by two hotels of fixed capacity, and the raw table with
the real one's traps (`simulator_raw`). Leaks are planted last (`simulator_leaks`): they change what is
written down, never what happened.

SIMULATED: nothing here was measured on a guest. Shares and means are rounded from the real table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from vispera.clock import NEVER, day, days
from vispera.errors import UsageError
from vispera.lazy import pandas as pd
from vispera.problem.simulator_capacity import accepted, capacities
from vispera.problem.simulator_demand import (
    LONGEST_LEAD,
    NON_REFUND,
    SEGMENTS,
    Book,
    requests,
)
from vispera.problem.simulator_law import law
from vispera.problem.simulator_leaks import LEAKS
from vispera.problem.simulator_raw import (
    AFTER_BOOKING,
    RAW_COLUMNS,
    Desk,
    booked_facts,
    desk,
    mutable_facts,
    raw_table,
    soil,
)
from vispera.problem.simulator_settings import Settings
from vispera.problem.simulator_sources import SOURCES, frames, guests, series
from vispera.problem.simulator_truth import Outcome, Truth, draw
from vispera.schema import Kind, Known

_LONGEST_STAY = 80
_SPARE = 1.7
"""Requests made for each booking wanted; what the hotels need of them depends on how often they are full."""


@dataclass(frozen=True)
class World:
    """What the hotels' system and the chain hold, by booking_id, before a leak; not for features."""

    book: Book
    entries: Desk
    outcome: Outcome
    pseudonym: np.ndarray
    sources: Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Simulation:
    """Bookings as the hotel's system holds them at the end, and all that is known about them.

    ``bookings`` is raw, in an order that follows the outcome; ``planted`` gives, for each column that a
    leak added or spoiled, how a problem would wrongly declare it: (known, kind). ``truth`` is the
    hidden truth by booking_id; ``capacity`` the rooms of City and Resort Hotel.
    """

    settings: Settings
    bookings: pd.DataFrame
    sources: Mapping[str, pd.DataFrame]
    truth: Truth
    capacity: tuple[int, int]
    world: World = field(repr=False)
    planted: Mapping[str, tuple[Known, Kind]] = field(default_factory=dict)

    def truth_for(self, booking_id, night, seen: Iterable[str] = SOURCES) -> np.ndarray:
        """P(cancelled later or no-show | open) for pairs of booking_id and night (day number or ISO).

        Either may be one value for all. ``seen`` limits the sources: then it is what the best possible
        predictor knows without the others.
        """
        nights = [day(n) if isinstance(n, str) else n for n in np.atleast_1d(night).tolist()]
        ids, nights = np.broadcast_arrays(np.atleast_1d(booking_id), nights)
        return self.truth.at(ids, nights, seen)

    @cached_property
    def scored_once(self) -> pd.DataFrame:
        """Protocol 1: ``booking_id``, ``night``, ``y`` of each booking open at max(booked, arrival - 14)."""
        truth, outcome = self.truth, self.world.outcome
        night = np.maximum(truth.booked, truth.arrival - 14)
        inside = (night < truth.arrival) & (truth.resolved > night)
        at = np.flatnonzero(inside & (self.world.book.deposit != NON_REFUND))
        y = (outcome.cancelled | outcome.absent)[at]
        return pd.DataFrame({"booking_id": at + 1, "night": night[at], "y": y.astype(np.int8)})

    def bayes_auc(self, seen: Iterable[str] | None = None, realised: bool = False) -> float:
        """ROC AUC in protocol 1 of the best possible predictor that sees these sources.

        None: those of the settings. It is the expectation over outcomes given the truth, free of the
        noise of one draw; ``realised`` takes the outcomes that happened. The ceiling that a problem
        declares is this plus 0.01.
        """
        pairs = self.scored_once
        seen = self.settings.sources if seen is None else tuple(seen)
        score = self.truth.at(pairs["booking_id"], pairs["night"], seen)
        y = pairs["y"].to_numpy() if realised else self.truth.at(pairs["booking_id"], pairs["night"])
        return _auc(y, score)


def simulate(settings: Settings) -> Simulation:
    """A table of exactly ``settings.rows`` bookings with its sources, truth and planted leak, if any."""
    s = settings
    rooms = capacities(s.rows, s.months)
    asked = _requests(s)
    world = series(_rng(s, "series"), s.first - LONGEST_LEAD - 7, s.last + _LONGEST_STAY)
    history = guests(_rng(s, "guests"), asked)
    drift = (s.drift_kind, day(s.drift_date)) if s.drift_kind and s.drift_date else None
    truth = law(_rng(s, "law"), asked, history, world, s.truth, drift)
    outcome = draw(_rng(s, "outcome"), truth, asked.unit, asked.nights)
    order = _admitted(_rng(s, "admission"), asked, outcome, rooms, s.rows)
    book, outcome, history = asked.take(order), outcome.take(order), history.take(order)
    pseudonym = _pseudonyms(book.guest)
    delivered = frames(_rng(s, "late"), book, history, world, pseudonym)
    sources = {name: delivered[name] for name in s.sources}
    entries = desk(_rng(s, "desk"), book, s.do_not_call)
    hidden = World(_written(s, book), entries, outcome, pseudonym, sources)
    bookings, sources = _delivered(s, hidden)
    return Simulation(
        settings=s,
        bookings=bookings,
        sources=sources,
        truth=replace(truth.take(order), resolved=outcome.resolved),
        capacity=(int(rooms[0]), int(rooms[1])),
        world=hidden,
        planted=LEAKS[s.leak].planted if s.leak else {},
    )


def _delivered(s: Settings, world: World) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """The raw table and the sources, with the leak of the settings planted."""
    bookings = raw_table(_rng(s, "order"), world.book, world.entries, world.outcome, world.pseudonym)
    sources = dict(world.sources)
    return LEAKS[s.leak].plant(_rng(s, "leak"), bookings, sources) if s.leak else (bookings, sources)


def _requests(s: Settings) -> Book:
    """Enough requests, one row a room, in an order that means nothing."""
    shift = day(s.drift_date) if s.drift_kind == "feature" and s.drift_date else None
    largest = max(2, min(45, int(capacities(s.rows, s.months).min()) // 2))
    units = requests(_rng(s, "requests"), int(s.rows * _SPARE), s.first, s.last, largest, shift)
    units = soil(_rng(s, "soil"), units)
    return units.take(np.repeat(np.arange(len(units)), units.rooms))


def _admitted(
    rng: np.random.Generator, asked: Book, outcome: Outcome, rooms: np.ndarray, rows: int
) -> np.ndarray:
    """Positions of exactly ``rows`` bookings that found a room, in the order of booking.

    Requests are equally likely to come first, so a prefix of them is a smaller demand of the same kind.
    The smallest prefix that fills the table is sought by secants; the few rows too many go at random.
    """
    released = np.where(outcome.cancelled, outcome.resolved, NEVER)
    facts = (asked.hotel, asked.booked, asked.arrival, asked.nights, released)
    shuffled = np.argsort(rng.random(int(asked.unit.max()) + 1)[asked.unit], kind="stable")
    size, best = min(len(asked), int(rows * 1.15)), np.empty(0, dtype=np.int64)
    low, high = (0, 0), (len(asked) + 1, len(asked) + 1)
    for _ in range(12):
        chosen = shuffled[:size]
        kept = chosen[accepted(*(part[chosen] for part in facts), rooms)]
        if len(kept) >= rows:
            best, high = kept, (size, len(kept))
            if len(kept) <= rows * 1.003 + 5:
                break
        else:
            low = (size, len(kept))
        if low[0] >= len(asked) or high[0] - low[0] <= 1:
            break
        step = int(size * rows * 1.001 / len(kept))
        size = step if low[0] < step < high[0] else (low[0] + high[0]) // 2
        size = min(size, len(asked))
    if len(best) < rows:
        raise UsageError(
            f"the hotels are too full for {rows} bookings in these months; give rows=..., months=... nearer "
            "to the default of 40000 and 26"
        )
    best = rng.choice(best, rows, replace=False)
    return best[np.lexsort((rng.random(rows), asked.booked[best]))]


def _written(s: Settings, book: Book) -> Book:
    """The bookings as they are written down, which after a data bug is not as they are."""
    if s.drift_kind != "data_bug" or s.drift_date is None:
        return book
    broken = book.booked >= day(s.drift_date)
    return replace(
        book,
        agent=np.where(broken, 0, book.agent),
        segment=np.where(broken, SEGMENTS.index("Undefined"), book.segment),
    )


def extract(simulation: Simulation, night: str | int) -> pd.DataFrame:
    """The open book of a night as the hotel's system would export it at the close of that night.

    Bookings made by then, with arrival after it and no outcome yet, in the order of booking: raw
    columns without those that check-in and outcome write, mutable ones as they were on that night.
    """
    number = day(night) if isinstance(night, str) else int(night)
    world, truth = simulation.world, simulation.truth
    at = np.flatnonzero((truth.booked <= number) & (number < truth.arrival) & (truth.resolved > number))
    book, entries = world.book.take(at), world.entries.take(at)
    columns = {
        "booking_id": (at + 1).astype(np.int32),
        **booked_facts(book, world.pseudonym[at]),
        **mutable_facts(book, entries, np.full(len(at), number)),
        "do_not_call": entries.do_not_call,
    }
    planted = LEAKS[simulation.settings.leak].on_the_night if simulation.settings.leak else {}
    names = [name for name in RAW_COLUMNS if name not in AFTER_BOOKING]
    return pd.DataFrame({name: columns[name] for name in names}).assign(**planted)


def after_calls(simulation: Simulation, calls: pd.DataFrame) -> Simulation:
    """The same world, had these calls been made: ``booking_id`` and ``night`` (day number or date).

    A call on the morning after the night prevents a later cancellation or no-show with probability
    ``settings.call_prevents`` and makes one who would have stayed cancel that day with probability
    ``settings.call_destroys``. Every booking that is not called keeps its outcome to the day; rooms freed
    or kept by calls are not sold again.

    Raises
    ------
    UsageError
        If a booking is called twice or was not open on the night.
    """
    s, world, truth = simulation.settings, simulation.world, simulation.truth
    night = calls["night"]
    number = (
        night.to_numpy(np.int64) if pd.api.types.is_numeric_dtype(night) else days(night).astype(np.int64)
    )
    at = calls["booking_id"].to_numpy(dtype=np.int64) - 1
    truth.check(at, number)
    faults = []
    if len(np.unique(at)) < len(at):
        faults.append("a booking is called twice; keep its first call")
    closed = truth.resolved[at] <= number
    if closed.any():
        faults.append(f"{int(closed.sum())} calls go to bookings that were no longer open on the night")
    if faults:
        raise UsageError(*faults)
    draws = _rng(s, "calls").random((2, len(truth)))[:, at]
    gone = (world.outcome.cancelled | world.outcome.absent)[at]
    saved, lost = gone & (draws[0] < s.call_prevents), ~gone & (draws[1] < s.call_destroys)
    resolved, cancelled, absent = (
        part.copy() for part in (world.outcome.resolved, world.outcome.cancelled, world.outcome.absent)
    )
    resolved[at[saved]] = truth.arrival[at[saved]] + world.book.nights[at[saved]]
    cancelled[at[saved]] = absent[at[saved]] = False
    resolved[at[lost]], cancelled[at[lost]] = number[lost] + 1, True
    outcome = Outcome(resolved, cancelled, absent)
    called = truth.called.copy()
    called[at] = number
    world = replace(world, outcome=outcome)
    bookings, sources = _delivered(s, world)
    return replace(
        simulation,
        bookings=bookings,
        sources=sources,
        truth=replace(
            truth, resolved=resolved, called=called, call=np.array([s.call_prevents, s.call_destroys])
        ),
        world=world,
    )


def write_truth(simulation: Simulation, folder: Path) -> Path:
    """Path of the file with the hidden truth; ``Truth.read(folder)`` gives it back."""
    return simulation.truth.write(folder)


def _rng(s: Settings, part: str) -> np.random.Generator:
    """A stream of its own for each part, so that a switch of one part leaves the others alone."""
    return np.random.default_rng([s.seed, *part.encode()])


def _pseudonyms(guest: np.ndarray) -> np.ndarray:
    """Numbers of nine digits, one to one with guests, that tell nothing."""
    return 100_000_000 + (guest * 514_229_771 + 39_088_169) % 899_999_963


def _auc(y: np.ndarray, score: np.ndarray) -> float:
    """ROC AUC of scores where ``y`` is an outcome or its probability; ties count half."""
    # Equal risks that were summed in another order differ in their last bits: they are ties.
    _, level = np.unique(np.round(score, 10), return_inverse=True)
    hits, misses = np.bincount(level, weights=y), np.bincount(level, weights=1.0 - y)
    return float(hits @ (np.cumsum(misses) - misses / 2) / (hits.sum() * misses.sum()))
