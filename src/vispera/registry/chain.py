"""A history as a whole: whether it is the one that was written, and what an alias named when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from vispera.clock import iso
from vispera.errors import ContractBroken, Declined, UsageError
from vispera.registry.entry import ROLLBACK, Entry, read_entry

NAME = re.compile(r"\d{6}\.json")
PROBLEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def named(problem: str) -> str:
    """The name of a problem as it is; UsageError for what is none, such as one that leads elsewhere."""
    if not PROBLEM.fullmatch(problem):
        raise UsageError(f"problem={problem}: no problem is called so; type problem=simulated")
    return problem


def name_of(number: int) -> str:
    """File of the entry with that number.

    >>> name_of(7)
    '000007.json'
    """
    return f"{number:06}.json"


def read_chain(problem: str, files: Mapping[str, bytes]) -> list[Entry]:
    """The entries that files hold, by name, oldest first; ContractBroken with a line for all that is wrong.

    Seen is whatever was edited, taken out, added or put elsewhere, but for a cut tail: the shorter history
    fits itself. Who kept the hash of the last entry sees that too, see `holding`.
    """
    faults = [
        f"history of {problem}: {name} is no entry" for name in sorted(files) if not NAME.fullmatch(name)
    ]
    entries: dict[int, Entry] = {}
    numbers = sorted(int(name[:6]) for name in files if NAME.fullmatch(name))
    for number in range(1, max(numbers, default=0) + 1):
        where = f"history of {problem}: entry {number}"
        if number not in numbers:
            faults.append(f"{where} is missing")
            continue
        try:
            entries[number] = read_entry(files[name_of(number)], where)
        except ContractBroken as fault:
            faults += fault.faults
    faults += _misplaced(problem, entries)
    if faults:
        raise ContractBroken(*faults)
    return list(entries.values())


def _misplaced(problem: str, entries: Mapping[int, Entry]) -> Iterator[str]:
    """A line for each entry that is whole and does not belong where it stands."""
    named: dict[str, int] = {}
    for number, entry in entries.items():
        where = f"history of {problem}: entry {number}"
        if entry.number != number or entry.problem != problem:
            yield f"{where} was put here from elsewhere: it is entry {entry.number} of {entry.problem}"
        elif number == 1 and entry.before is not None:
            yield f"{where} follows another one, and there is none before it"
        elif number - 1 in entries and entry.before != entries[number - 1].hash:
            yield f"{where} does not follow entry {number - 1}: one of the two is not what was written"
        elif number - 1 in entries and entry.was != named.get(entry.alias):
            yield f"{where} says that {entry.alias} was another version than it was"
        named[entry.alias] = entry.version


def unchanged(there: Sequence[Entry], seen: Sequence[Entry]) -> None:
    """Nothing, if nobody has added an entry meanwhile; Declined with what was done otherwise."""
    if list(there) == list(seen):
        return
    last = there[-1] if there else None
    newest = f"{last.by} let {last.alias} be version {last.version}" if last else "it is empty"
    raise Declined(
        f"the history changed while this was being judged ({newest}), so nothing was done; "
        "look with vispera production, then type the same again"
    )


def known(seen: Sequence[Entry], version: int | None) -> Entry:
    """The last entry that names a version, of those that were seen."""
    return next(entry for entry in reversed(seen) if entry.version == version)


def holding(entries: Sequence[Entry], head: str) -> Entry:
    """The entry with that hash; ContractBroken if it is not there: the history was cut, or written anew."""
    for entry in entries:
        if entry.hash == head:
            return entry
    raise ContractBroken(
        f"no entry has the hash {head}: the history was cut behind the promotion that gave it, or is another "
        f"one; {len(entries)} entries are there"
    )


def present(entries: Sequence[Entry], alias: str) -> Entry | None:
    """The entry that says what an alias names; None if it never named anything."""
    return next((entry for entry in reversed(entries) if entry.alias == alias), None)


def until(entries: Sequence[Entry], day: int) -> list[Entry]:
    """The entries up to the end of a day, in UTC."""
    return [entry for entry in entries if entry.at[:10] <= iso(day)]


def wanted(entries: Sequence[Entry], problem: str, alias: str, version: int | None = None) -> Entry:
    """The entry of an alias, or the last one that names a version; UsageError with what there is instead."""
    if version is None:
        found = present(entries, alias)
        there = ", ".join(sorted({entry.alias for entry in entries}))
        instead = f"there is a {there}" if there else "nobody has promoted anything of it"
    else:
        found = next((entry for entry in reversed(entries) if entry.version == version), None)
        there = ", ".join(map(str, sorted({entry.version for entry in entries})))
        instead = f"versions: {there}" if there else "nobody has promoted anything of it"
    if found is not None:
        return found
    asked = f"no {alias}" if version is None else f"no version {version}"
    typed = 'vispera promote run=best by="NAME" reason="..."'
    raise UsageError(f"problem '{problem}' has {asked}; {instead}; type problem=ANOTHER, or {typed}")


def line_of(entries: Sequence[Entry], alias: str) -> list[Entry]:
    """What an alias would go back through: the entries of its versions, the present one last.

    A rollback takes away what it goes back from, so that the next one goes further back.
    """
    line: list[Entry] = []
    for entry in (entry for entry in entries if entry.alias == alias):
        if entry.action == ROLLBACK:
            while line and line[-1].version != entry.version:
                line.pop()
        if not line or line[-1].version != entry.version:
            line.append(entry)
    return line
