"""``vispera data``: the table of a problem, fetched if it can be, checked and canonical."""

from __future__ import annotations

from dataclasses import dataclass

from vispera.invocation import Invocation
from vispera.problem import Problem


@dataclass(frozen=True, kw_only=True)
class DataSettings:
    """Where the source lies, if the problem needs one, and where canonical tables are kept."""

    path: str | None = None
    cache: str = "data"


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """What ``vispera data`` takes."""

    problem: Problem
    data: DataSettings
    seed: int = 0


def run(arguments: Arguments, invocation: Invocation) -> int:
    """Fetch the table where it is not here, canonicalise it where needed, and tell what it holds."""
    problem = arguments.problem
    files = problem.fetch()
    for line in describe(problem.load(), problem.simulated):
        print(line)
    for file in files:
        print(f"  read from {file}")
    return 0


def describe(table, simulated: bool) -> list[str]:
    """Lines that tell what a table holds, what was set aside, and what is odd about it."""
    arrival = table.rows["arrival_date"]
    lines = [
        f"{table.source}: {len(table):,} bookings{' (SIMULATED)' if simulated else ''}, "
        f"arrivals {arrival.min():%Y-%m-%d} to {arrival.max():%Y-%m-%d}",
        f"  cancelled or not taken up: {int(table.cancelled.sum()):,} ({table.cancelled.mean():.1%}); "
        f"in the population: {int(table.in_population.sum()):,}",
        *(f"  source {name}: {len(rows):,} rows" for name, rows in table.sources.items()),
        *(f"  set aside, {reason}: {count:,}" for reason, count in table.quarantined.items()),
        *(f"  odd but kept, {what}: {count:,}" for what, count in table.flagged.items()),
        f"  content sha256 {table.content_hash}",
        f"  kept in {table.folder}",
    ]
    return lines
