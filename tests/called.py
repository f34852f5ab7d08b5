"""A simulated season in which a list was given out, part of it left to the lot, and the calls were made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from conftest import problem
from vispera.asof import open_book
from vispera.clock import day, iso
from vispera.money.fate import FATES
from vispera.money.outcome_file import Listed, Told
from vispera.problem.canonical import canonicalise
from vispera.problem.hotel_form import to_canonical_names
from vispera.problem.simulator import Settings, Simulation, after_calls, simulate
from vispera.table import Table

HORIZON = 14
FIRST = "2016-05-01"


def in_canonical_form(simulation: Simulation) -> tuple[Table, np.ndarray]:
    """The table of a simulation, and the booking_id of each of its rows."""
    schema = problem("simulated").schema
    raw = to_canonical_names(simulation.bookings)
    made = canonicalise(raw, schema, "simulated")
    table = Table(made.rows, schema, "simulated", made.content_hash)
    return table, raw["booking_id"].to_numpy()[made.source_row]


@dataclass(frozen=True)
class Season:
    """What was listed, what the world would have been without a call, and what it was with them.

    ``bookings`` has a row for each open booking of a listed unit: booking_id, night, unit (its place on the
    list).
    """

    listed: tuple[Listed, ...]
    bookings: pd.DataFrame
    before: Simulation
    after: Simulation

    @cached_property
    def table(self) -> Table:
        return in_canonical_form(self.after)[0]

    @property
    def told(self) -> list[Told]:
        """What an obedient call centre that reaches everybody would tell."""
        return [
            Told(
                one,
                one.arm == "call",
                "yes" if one.arm == "call" else "",
                "comes" if one.arm == "call" else "",
            )
            for one in self.listed
        ]

    def truth(self, within_days: int) -> dict[str, float]:
        """Expected difference by fate, had all listed been called, nights weighed as they are compared."""
        s, outcome, world = self.before.settings, self.before.world.outcome, self.before.truth
        at = self.bookings["booking_id"].to_numpy() - 1
        gone = (outcome.cancelled | outcome.absent)[at]
        night = self.bookings["night"].to_numpy()
        in_time = (
            gone & (outcome.resolved[at] <= night + within_days) & (outcome.resolved[at] < world.arrival[at])
        )
        # who is talked out cancels on the morning after the night, in time unless that is the day of arrival
        talked_out = s.call_destroys * ~gone
        saved = s.call_prevents
        tomorrow = night + 1 < world.arrival[at]
        flows = {
            "freed": talked_out * tomorrow - saved * in_time,
            "late": talked_out * ~tomorrow - saved * (gone & ~in_time),
            "came": saved * gone - talked_out,
        }
        unit = self.bookings["unit"].to_numpy()
        rooms = np.bincount(unit)
        nights = np.array([one.night for one in self.listed])
        control = np.array([one.arm == "control" for one in self.listed])
        _, which = np.unique(nights, return_inverse=True)
        one, other = np.bincount(which, control), np.bincount(which, ~control)
        weight = (one * other / (one + other) / (one + other))[which]
        return {
            fate: float(np.average(np.bincount(unit, flows[fate]) / rooms, weights=weight)) for fate in FATES
        }


def season(settings: Settings, *, nights: int, size: int, control_share: float, seed: int) -> Season:
    """So many nights with lists of so many units, drawn by lot from the open book, and their calls made."""
    before = simulate(settings)
    table, booking_id = in_canonical_form(before)
    rng = np.random.default_rng(seed)
    listed: list[Listed] = []
    rows: list[pd.DataFrame] = []
    done = np.empty(0, dtype=np.uint64)
    for night in range(day(FIRST), day(FIRST) + nights):
        book = open_book(table, night, HORIZON)
        unit = table.unit[book.position]
        chosen = rng.permutation(np.setdiff1d(unit, done))[:size]
        done = np.append(done, chosen)
        for one in chosen:
            inside = book.position[unit == one]
            rows.append(pd.DataFrame({"booking_id": booking_id[inside], "night": night, "unit": len(listed)}))
            listed.append(Listed(night, f"{one:016x}", "control" if rng.random() < control_share else "call"))
    bookings = pd.concat(rows, ignore_index=True)
    called = bookings["unit"].map(lambda place: listed[place].arm == "call")
    after = after_calls(before, bookings.loc[called, ["booking_id", "night"]])
    return Season(tuple(listed), bookings, before, after)


def without_outcomes_from(table: Table, night: int) -> Table:
    """The table as it would be at the close of a night, outcomes that were then to come missing."""
    later = table.resolved > night
    rows = table.rows.assign(
        outcome_date=table.rows["outcome_date"].mask(later),
        cancelled=table.rows["cancelled"].astype("boolean").mask(later),
    )
    return replace(table, rows=rows)


def write_list(path: Path, listed: tuple[Listed, ...]) -> Path:
    """A list as it is given out, with a column that nobody needs here."""
    rows = [(iso(one.night), place, one.unit, one.arm) for place, one in enumerate(listed, start=1)]
    pd.DataFrame(rows, columns=pd.Index(["night", "rank", "unit", "arm"])).to_csv(
        path, index=False, lineterminator="\r\n"
    )
    return path


def write_told(path: Path, told: list[Told]) -> Path:
    """The file that comes back."""
    rows = [
        {
            "night": iso(one.listed.night),
            "unit": one.listed.unit,
            "arm": one.listed.arm,
            "called_at": f"{iso(one.listed.night + 1)}T09:30+01:00" if one.called else "",
            "reached": one.reached,
            "answer": one.answer,
        }
        for one in told
    ]
    pd.DataFrame(rows).to_csv(path, index=False, lineterminator="\r\n")
    return path
