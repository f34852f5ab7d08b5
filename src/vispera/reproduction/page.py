"""A verdict, or what differs between two runs, as lines for a terminal and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from vispera.files import plain
from vispera.redact import Redactor
from vispera.reproduction.cause import CAUSES, Difference
from vispera.reproduction.outcome import Part
from vispera.reproduction.side import Side
from vispera.reproduction.verdict import Reproduction

SCHEMA = 1
"""Number of the shape of reproduction.json, and of what ``diff json=true`` prints."""
MOST = 12
"""Differences of one cause that are told on a terminal; the JSON holds all."""
WIDEST = 70
"""Characters of a value on a terminal."""


def verdict_lines(told: Reproduction) -> Iterator[str]:
    """The page about one reproduction."""
    yield f"run {told.run}, made again from its record with the {told.code} code"
    yield f"verdict    {told.verdict.upper()} (exit {told.exit_code})"
    yield from (f"  because  {fault}" for fault in told.faults)
    if told.attempts:
        yield from part_lines(told.attempts[0].parts)
    if told.attempts and told.attempts[0].parts:
        own = ": no bit of a number may differ" if not told.tolerance else ""
        yield f"tolerance  {told.tolerance:g}{own}"
    yield from (f"note       {note}" for note in told.notes)
    for cause in told.causes:
        yield f"{'SHOWN' if cause.shown else 'possible':<10} {cause.name}; {cause.why}"
        yield from difference_lines(cause.differences)
    yield f"folder     {told.folder}"


def part_lines(parts: Iterable[Part]) -> Iterator[str]:
    """A line for each thing that was compared."""
    for part in parts:
        state = "identical" if part.same else "different"
        yield f"  {part.name:<12} {state}{f'; {part.told}' if part.told else ''}"


def difference_lines(found: Sequence[Difference]) -> Iterator[str]:
    """A line ``what: recorded -> here`` for each difference, the first of many."""
    for one in found[:MOST]:
        yield f"  {one.what}: {_short(one.recorded)} -> {_short(one.here)}"
    if len(found) > MOST:
        yield f"  and {len(found) - MOST} more; json=true shows all"


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


def in_json(value: Any) -> str:
    """Text of a JSON value, secrets taken out of every text in it.

    What stood under a secret's key was taken out of the records already; by their form alone commits would
    be taken for keys here.
    """
    redactor = Redactor()

    def clean(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: clean(item) for key, item in node.items()}
        if isinstance(node, list):
            return [clean(item) for item in node]
        return redactor.text(node) if isinstance(node, str) else node

    return json.dumps(clean(plain(value, finite=True)), indent=1, ensure_ascii=False)


def verdict_json(told: Reproduction, home: Path) -> dict[str, Any]:
    """Content of reproduction.json; folders are told from the workspace."""
    attempts = [{**plain(one), "folder": str(one.folder.relative_to(told.folder))} for one in told.attempts]
    shown = {**plain(told), "attempts": attempts, "folder": str(told.folder.relative_to(home))}
    return {"schema": SCHEMA, "exit_code": told.exit_code, **shown}


def diff_lines(one: Side, other: Side, found: Sequence[Difference], parts: Sequence[Part]) -> Iterator[str]:
    """The page about two runs: what differs, cause by cause, and what came of it."""
    yield f"{one.record.id} ({one.record.state}) -> {other.record.id} ({other.record.state})"
    for cause in CAUSES:
        mine = [difference for difference in found if difference.cause == cause]
        yield f"{cause:<14} {unlike(cause, one, other) if not mine else f'{len(mine)} differ'}"
        yield from difference_lines(mine)
    if not parts:
        yield "results        one of them has left nothing to compare"
        return
    same = all(part.same for part in parts)
    yield f"results        {'identical' if same else 'different'}"
    yield from part_lines(parts)


def unlike(cause: str, one: Side, other: Side) -> str:
    """``the same``, or which of the two runs says nothing of that cause."""
    known = {
        "data": lambda side: side.data_hash,
        "code": lambda side: side.record.code.get("commit"),
        "configuration": lambda side: side.config,
    }.get(cause, lambda side: side.environment)
    silent = [side.record.id for side in (one, other) if not known(side)]
    return f"not recorded by {' and '.join(silent)}" if silent else "the same"


def diff_json(one: Side, other: Side, found: Sequence[Difference], parts: Sequence[Part]) -> dict[str, Any]:
    """The same as JSON."""
    return {
        "schema": SCHEMA,
        "runs": [one.record.id, other.record.id],
        "differences": plain(found),
        "results": plain(parts),
        "identical": bool(parts) and all(part.same for part in parts),
    }
