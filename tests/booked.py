"""Small tables of bookings, made up: small enough to look at every possibility, odd enough to matter.

Rooms of one unit that differ in other facts, cancellations on every day up to the last, no-shows, prices
that are equal, below zero or missing, bookings outside the population, and bookings made on the day itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from vispera.clock import dates, day
from vispera.decision import Costs, Decision, Worth
from vispera.money.book import Book, may_be_called, read_book
from vispera.money.price import Prices
from vispera.money.value import hindsight, prospect
from vispera.problem import Problem
from vispera.problem.canonical import sort_by_content
from vispera.replay.ground import Ground
from vispera.schema import Schema, SplitSettings
from vispera.table import Table

START, HORIZON = day("2017-01-20"), 6
COSTS = Costs(3.0, 0.6, 0.6, 0.01, 0.73, 0.7, 5.0)
WORTH = Worth("adr", "nights", ("hotel", "room"))
SCHEMA = Schema(
    columns={
        "booking": {
            "date": ("booking_date", "arrival_date"),
            "category": ("hotel", "room", "guest", "view", "deposit"),
            "integer": ("nights",),
            "flag": ("do_not_call",),
        },
        "mutable": {"number": ("adr",)},
        "outcome": {"date": ("outcome_date",), "flag": ("cancelled",)},
    },
    unit=("hotel", "booking_date", "arrival_date", "room", "guest", "nights"),
    exclude={"deposit": ("kept",)},
    nullable=("adr",),
)


@dataclass(frozen=True, kw_only=True)
class Small(Problem):
    """A decided problem; its table is made by the tests themselves."""

    name: str = "small"
    schema: Schema = SCHEMA
    split: SplitSettings = field(default_factory=lambda: SplitSettings(horizon_days=HORIZON))
    decision: Decision = field(
        default_factory=lambda: Decision(capacity=2, costs=COSTS, worth=WORTH, do_not_call="do_not_call")
    )

    def load(self) -> Table:
        return bookings(0)


SMALL = Small()


def table_of(rows: pd.DataFrame, schema: Schema = SCHEMA) -> Table:
    """A table in canonical order, its categories made of the words in it."""
    words = {
        name: pd.Categorical(rows[name], categories=sorted(rows[name].unique()))
        for name in schema.of_kind("category", rows)
    }
    return Table(sort_by_content(rows.assign(**words)), schema, "made up", "")


def bookings(seed: int, count: int = 60, span: int = 40) -> Table:
    """Some bookings that arrive within so many days of ``START``, a third of them in twos and threes."""
    rng = np.random.default_rng(seed)
    arrival = START + rng.integers(0, span, count)
    booked = arrival - rng.integers(0, 2 * HORIZON, count)
    facts = pd.DataFrame(
        {
            "booking_date": dates(booked),
            "arrival_date": dates(arrival),
            "hotel": rng.choice(["City", "Resort"], count),
            "room": rng.choice(["A", "B", "C"], count, p=[0.6, 0.3, 0.1]),
            "guest": rng.choice(["Ana", "Íñigo", "Li"], count),
            "deposit": rng.choice(["none", "kept"], count, p=[0.9, 0.1]),
            "nights": rng.integers(0, 5, count),
        }
    )
    facts = facts.iloc[np.repeat(np.arange(count), rng.choice([1, 2, 3], count, p=[0.7, 0.2, 0.1]))]
    n = len(facts)
    cancelled = rng.random(n) < 0.4
    arrives, made = (facts[name].to_numpy() for name in ("arrival_date", "booking_date"))
    gone = made + (rng.random(n) * ((arrives - made).astype("timedelta64[D]").astype(int) + 1)).astype(
        int
    ).astype("timedelta64[D]")
    rest = {
        "view": rng.choice(["sea", "yard"], n),
        "do_not_call": rng.random(n) < 0.1,
        "adr": rng.choice([-5.0, 0.0, 60.0, 80.0, 80.0, 95.5, 120.0, np.nan], n),
        "outcome_date": np.where(cancelled, gone, arrives).astype("datetime64[s]"),
        "cancelled": cancelled,
    }
    order = [column.name for column in SCHEMA.all]
    return table_of(facts.assign(**rest).reset_index(drop=True)[order])


def season_of(table: Table, nights: int = 8, after: int = 20) -> Book:
    """The open books of some nights in the midst of it."""
    return read_book(SMALL, table, START + after, START + after + nights - 1)


def ground_of(
    seed: int, nights: int = 8, capacity: int = 2, costs: Costs = COSTS, table: Table | None = None
) -> Ground:
    """Everything that ways of calling meet, of some nights of a small table."""
    table = bookings(seed) if table is None else table
    book, prices = season_of(table, nights), Prices(table, WORTH)
    seen, known = hindsight(book, prices), prospect(book, prices, HORIZON)
    nobody = np.zeros(len(book), dtype=bool)
    return Ground(book, known, seen, may_be_called(SMALL, book), nobody, costs, capacity)


def risks(ground: Ground, seed: int = 0) -> np.ndarray:
    """Probabilities of the pairs, made up, (n,)."""
    return np.random.default_rng(seed).uniform(0.02, 0.95, len(ground.book.at))


def shuffled(table: Table, seed: int) -> Table:
    """The same bookings in a random order."""
    order = np.random.default_rng(seed).permutation(len(table))
    return replace(table, rows=table.rows.iloc[order].reset_index(drop=True))
