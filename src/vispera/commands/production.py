"""``vispera production``: which version is in use, or was on a day, who made it so and why.

history, checked -> what each alias named -> all that was done; with verify= every version, and the head
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from vispera.clock import day
from vispera.commands.named import Named
from vispera.errors import ContractBroken, UsageError, nearest
from vispera.files import plain
from vispera.invocation import Invocation
from vispera.registry import ALIASES, Alias, Registry
from vispera.registry.chain import holding, present, until
from vispera.registry.entry import Entry

SCHEMA = 1
"""Number of the shape that ``json=true`` prints."""
PROMOTE = 'vispera promote run=best by="NAME" reason="..."'


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """What ``vispera production`` takes.

    Attributes
    ----------
    on
        The end of that day in UTC; None: now.
    verify
        True: every version is read byte for byte. A hash: that of an entry which must be there.
    """

    registry: Registry
    problem: Named
    alias: Alias | None = None
    on: date | None = None
    verify: bool | str = False
    json: bool = False

    def __post_init__(self):
        head = self.verify
        if isinstance(head, str) and not (len(head) == 64 and set(head) <= set("0123456789abcdef")):
            told = nearest(head, ["true", "false"])
            raise UsageError(
                f"verify={head}: wanted true, or a hash of 64 hexadecimal digits as promote prints it; {told}"
            )


def run(arguments: Arguments, invocation: Invocation) -> int:
    """0 after it is told; ContractBroken with all that is not what was written."""
    history = arguments.registry.history(arguments.problem.name)
    verified = list(verify(arguments, history)) if arguments.verify else []
    day_asked = None if arguments.on is None else day(arguments.on)
    shown = history if day_asked is None else until(history, day_asked)
    if arguments.json:
        print(json.dumps(as_json(arguments, shown, verified), indent=1, ensure_ascii=False))
    else:
        print(*lines(arguments, shown, verified), sep="\n")
    return 0


def verify(arguments: Arguments, history: Sequence[Entry]) -> Iterator[str]:
    """A line for each thing that fits its hashes; ContractBroken with everything that does not."""
    if isinstance(arguments.verify, str):
        found = holding(history, arguments.verify)
        since = len(history) - found.number
        behind = f"{since} added since" if since else "the last one"
        yield f"entry {found.number} has that hash ({behind}): nothing was cut off or written anew before it"
    faults, files = [], 0
    last = {entry.version: entry for entry in history}
    for _, entry in sorted(last.items()):
        try:
            files += len(arguments.registry.fetch(entry).files)
        except ContractBroken as damage:
            faults += damage.faults
    if faults:
        raise ContractBroken(*faults)
    yield f"{counted(len(history), 'entry', 'entries')}, each with the hash of the one before it"
    yield f"{counted(len(last), 'version', 'versions')}, {files} files, every byte as it was promoted"


def counted(number: int, one: str, many: str) -> str:
    """``1 entry``, ``2 entries``.

    >>> counted(1, "entry", "entries")
    '1 entry'
    """
    return f"{number:,} {one if number == 1 else many}"


def lines(arguments: Arguments, shown: Sequence[Entry], verified: Sequence[str]) -> Iterator[str]:
    """What each alias names, then all that was done, the newest first."""
    on = "now" if arguments.on is None else f"at the end of {arguments.on}, UTC"
    yield f"{arguments.problem.name}, {on}"
    asked = ALIASES if arguments.alias is None else (arguments.alias,)
    for alias in asked:
        yield f"  {alias:<10}  {state(present(shown, alias))}"
    done = [entry for entry in reversed(shown) if entry.alias in asked]
    if done:
        yield ""
        yield "history, the newest first"
        yield from map(line, done)
    elif arguments.on is None:
        yield f"nobody has promoted anything; type {PROMOTE}"
    yield from (f"verified: {told}" for told in verified)


def state(entry: Entry | None) -> str:
    """What an alias names, since when, by whom and why."""
    if entry is None:
        return "none"
    return (
        f"version {entry.version}, run {entry.run}, since {when(entry)}\n"
        f"  {'':<10}  by {entry.by}: {entry.reason}"
    )


def line(entry: Entry) -> str:
    """One entry of the history."""
    was = "none" if entry.was is None else entry.was
    waived = f" [waived: {', '.join(entry.waived)}]" if entry.waived else ""
    head = (
        f"  {entry.number:>4}  {when(entry)}  {entry.action:<8}  {entry.alias:<10}  {was} -> {entry.version}"
    )
    return f"{head}  {entry.by}: {entry.reason}{waived}"


def when(entry: Entry) -> str:
    """``2026-11-26 15:40 UTC``."""
    return f"{entry.at[:16].replace('T', ' ')} UTC"


def as_json(arguments: Arguments, shown: Sequence[Entry], verified: Sequence[str]) -> dict[str, Any]:
    """The same for another program."""
    asked = ALIASES if arguments.alias is None else (arguments.alias,)
    return {
        "schema": SCHEMA,
        "problem": arguments.problem.name,
        "on": plain(arguments.on),
        "aliases": {alias: plain(present(shown, alias)) for alias in asked},
        "history": [plain(entry) for entry in shown if entry.alias in asked],
        "head": shown[-1].hash if shown else None,
        "verified": list(verified),
    }
