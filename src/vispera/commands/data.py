"""``vispera data``: the table of a problem, fetched if it can be, checked and canonical."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from vispera.clock import day, iso
from vispera.errors import UsageError
from vispera.files import write_folder
from vispera.invocation import Invocation
from vispera.problem import Problem
from vispera.problem.extract import extract_of
from vispera.table import Table


@dataclass(frozen=True, kw_only=True)
class DataSettings:
    """Where the source lies, if the problem needs one, and where canonical tables are kept."""

    path: str | None = None
    cache: str = "data"


@dataclass(frozen=True, kw_only=True)
class ExtractOf:
    """``night`` of which the open bookings are written below the folder ``to``; None: no extract."""

    night: str | None = None
    to: Path = Path("extracts")


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """What ``vispera data`` takes."""

    problem: Problem
    data: DataSettings
    extract: ExtractOf = field(default_factory=ExtractOf)
    seed: int = 0


def run(arguments: Arguments, invocation: Invocation) -> int:
    """Fetch the table where it is not here, canonicalise it where needed, and tell what it holds."""
    problem = arguments.problem
    files = problem.fetch()
    table = problem.load()
    if arguments.extract.night is not None:
        return write_extract(table, arguments.extract, arguments.extract.night)
    for line in describe(table, problem.simulated):
        print(line)
    for file in files:
        print(f"  read from {file}")
    return 0


def write_extract(table: Table, asked: ExtractOf, night: str) -> int:
    """0, after the open bookings of a night lie in a folder of their own, as `vispera score` reads them."""
    try:
        number = day(night)
    except ValueError:
        raise UsageError(f"extract.night={night}: wanted a date, such as extract.night=2017-03-16") from None
    first, last = int(table.booked.min()), int(table.arrival.max())
    if not first <= number < last:
        raise UsageError(f"extract.night={night}: bookings are open from {iso(first)} to {iso(last - 1)}")
    folder = asked.to.expanduser().absolute() / iso(number)
    try:
        write_folder(folder, extract_of(table, number))
    except FileExistsError:
        raise UsageError(f"{folder} is there already; take it away, or type extract.to=FOLDER") from None
    print(f"{folder}: {', '.join(sorted(path.name for path in folder.iterdir()))}")
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
