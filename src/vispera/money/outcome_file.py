"""The file in which a call centre tells what became of its calls: contract 1, written and read.

list -> read_list() -> template()       the file to be filled in
                    -> read_outcomes()  what it tells of each listed unit

``docs/call-outcomes.md`` says the same for those who fill it in. No column holds a word about a guest, and a
further one, such as a note, is refused rather than passed over: what was never sent need not be kept safe,
found and forgotten when a guest asks for it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from vispera.clock import day, iso
from vispera.money.records import records, refuse

CONTRACT = 1
"""Number of the contract."""
COPIED = ("night", "unit", "arm")
"""Columns that are copied from the list as they stand there."""
COLUMNS = (*COPIED, "called_at", "reached", "answer")
VALUES: Mapping[str, tuple[str, ...]] = {
    "arm": ("call", "control"),
    "reached": ("yes", "no", ""),
    "answer": ("comes", "cancels", "undecided", ""),
}
UNIT = re.compile(r"[0-9a-f]{16}")
LIST_NAME = "lists.csv"


@dataclass(frozen=True)
class Listed:
    """A unit on the list of a night, a day number, and whether it was to be called or left uncalled."""

    night: int
    unit: str
    arm: str


@dataclass(frozen=True)
class Told:
    """What the call centre tells of a listed unit; ``reached`` and ``answer`` are empty where nothing is."""

    listed: Listed
    called: bool
    reached: str
    answer: str


def read_list(path: Path) -> tuple[Listed, ...]:
    """Units of a ``lists.csv``, or of the one in a folder, in its order; further columns are passed over.

    Raises
    ------
    UsageError
        If there is no such file.
    ContractBroken
        If it is no list, or a unit stands on it twice and would be called twice; all faults at once.
    """
    path = path / LIST_NAME if path.is_dir() else path
    rows, faults = records(path, "list", COPIED, others=True)
    found: dict[str, tuple[int, Listed]] = {}
    for line, row in rows:
        wrong = list(_copied_faults(row))
        if not wrong and row["unit"] in found:
            first, _ = found[row["unit"]]
            wrong = [f"unit {row['unit']} stands on line {first} already; a unit is listed once"]
        faults += [f"{path.name}, line {line}: {fault}" for fault in wrong]
        if not wrong:
            found[row["unit"]] = line, Listed(day(row["night"]), row["unit"], row["arm"])
    refuse(path, faults)
    return tuple(listed for _, listed in found.values())


def template(listed: Iterable[Listed]) -> bytes:
    """The file to be filled in: a row for each unit in the order of the list, its last three values empty."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows((iso(one.night), one.unit, one.arm, "", "", "") for one in listed)
    return text.getvalue().encode()


def read_outcomes(path: Path, listed: Sequence[Listed]) -> tuple[Told, ...]:
    """What a file tells, in its order, held against the list that it answers.

    A night may be missing from the file, but no unit of a night that is in it. That a unit was called which
    was to be left uncalled is no fault of the file: it is what happened.

    Raises
    ------
    UsageError
        If there is no such file.
    ContractBroken
        With a line for each fault, and the line of the file on which it is.
    """
    rows, faults = records(path, "outcomes", COLUMNS, others=False)
    whole = not faults
    on_list = {one.unit: one for one in listed}
    seen: dict[str, int] = {}
    told: list[Told] = []
    for line, row in rows:
        wrong = list(_copied_faults(row)) or list(_place_faults(row, on_list, seen))
        if not wrong:
            seen[row["unit"]] = line
        wrong += _call_faults(row)
        faults += [f"{path.name}, line {line}: {fault}" for fault in wrong]
        if not wrong:
            told.append(Told(on_list[row["unit"]], bool(row["called_at"]), row["reached"], row["answer"]))
    named = {row["unit"] for _, row in rows}
    covered = {on_list[unit].night for unit in seen}
    faults += [
        f"{path.name}: unit {one.unit} of the list of {iso(one.night)} has no row; wanted one, called or not"
        for one in listed
        if whole and one.night in covered and one.unit not in named
    ]
    refuse(path, faults)
    return tuple(told)


def _copied_faults(row: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with the values that are copied from the list."""
    if not _is_date(row["night"]):
        yield f"night={_shown(row['night'])}; wanted a date such as 2017-03-16, copied from the list"
    if not UNIT.fullmatch(row["unit"]):
        yield (
            f"unit={_shown(row['unit'])}; wanted 16 hexadecimal digits, copied from the list; "
            "a spreadsheet alters them unless the column is imported as text"
        )
    if row["arm"] not in VALUES["arm"]:
        yield f"arm={_shown(row['arm'])}; allowed: {', '.join(VALUES['arm'])}"


def _place_faults(
    row: Mapping[str, str], listed: Mapping[str, Listed], seen: Mapping[str, int]
) -> Iterator[str]:
    """Whether the row is on the list, as it says there, and here for the first time."""
    unit, night, arm = row["unit"], row["night"], row["arm"]
    if unit not in listed:
        yield f"unit {unit} is not on the list; copy night, unit and arm from it"
        return
    if unit in seen:
        yield f"unit {unit} stands on line {seen[unit]} already; wanted one row a unit"
    if night != iso(listed[unit].night):
        yield f"unit {unit} is not on the list of {night}, it is on that of {iso(listed[unit].night)}"
    if arm != listed[unit].arm:
        yield f"arm='{arm}', but the list says '{listed[unit].arm}'; copy it, whatever was done"


def _call_faults(row: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with what is told of the call."""
    called, reached, answer = row["called_at"], row["reached"], row["answer"]
    if called:
        yield from _time_faults(called, row["night"])
    wrong = [column for column in ("reached", "answer") if row[column] not in VALUES[column]]
    for column in wrong:
        allowed = ", ".join(value or "empty" for value in VALUES[column])
        yield f"{column}={_shown(row[column])}; allowed: {allowed}"
    if "reached" not in wrong:
        if called and not reached:
            yield "reached is empty although called_at is not; wanted yes or no"
        if reached and not called:
            yield f"reached='{reached}' without called_at; wanted the time of the call"
        if answer and reached != "yes":
            yield f"answer={_shown(answer)} of a guest who was not reached; wanted it empty, or reached=yes"


def _time_faults(called: str, night: str) -> Iterator[str]:
    try:
        at = datetime.fromisoformat(called)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        yield f"called_at={_shown(called)}; wanted a time with zone, such as 2017-03-17T09:30+01:00, or empty"
    elif _is_date(night) and at.date() <= date.fromisoformat(night):
        yield f"called_at={_shown(called)}; wanted a later day: the list was made at the close of {night}"


def _shown(value: str) -> str:
    """A value in quotes, cut where somebody wrote more than a value."""
    return repr(value if len(value) <= 30 else f"{value[:29]}…")


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
