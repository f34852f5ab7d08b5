"""The note beside a file that lost rows when a guest was forgotten: when, how many, and both hashes.

``forgotten.json`` tells readers why a file has another hash than when it was written. Nothing in it says who
was forgotten. It is written before the file is, so that a killed process leaves a note of what was to come,
and never a changed file without one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from vispera.errors import ContractBroken

FILE = "forgotten.json"
SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class Forgotten:
    """Rows that a file lost.

    Attributes
    ----------
    at
        UTC, ISO 8601.
    file
        Its name in the folder of the note.
    rows
        How many went.
    was, now
        sha256 of the file before and after.
    """

    at: str
    file: str
    rows: int
    was: str
    now: str


def read_forgotten(folder: Path) -> tuple[Forgotten, ...]:
    """What the files of a folder lost, in that order; nothing if there is no note; ContractBroken else."""
    path = Path(folder) / FILE
    try:
        told = json.loads(path.read_bytes())
        if told["schema"] != SCHEMA:
            raise ContractBroken(f"{path} has schema {told['schema']!s:.20}; this version reads {SCHEMA}")
        return tuple(Forgotten(**entry) for entry in told["entries"])
    except FileNotFoundError:
        return ()
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ContractBroken(f"{path} is damaged: it is no note of what was forgotten") from None


def lost(folder: Path, file: str, now: str) -> int:
    """How many rows a file with that sha256 has lost; 0 if no note leads to it."""
    rows = 0
    for entry in reversed(read_forgotten(folder)):
        if entry.file == file and entry.now == now:
            rows, now = rows + entry.rows, entry.was
    return rows


def note_of(entries: Iterable[Forgotten]) -> bytes:
    """The note as its file holds it."""
    told = {"schema": SCHEMA, "entries": [asdict(entry) for entry in entries]}
    return (json.dumps(told, indent=1) + "\n").encode()


def added(entries: Iterable[Forgotten], new: Forgotten) -> tuple[Forgotten, ...]:
    """The entries and a new one; one that was noted of the same file, and never done, gives way."""
    never = [entry for entry in entries if entry.file == new.file and entry.was == new.was]
    return (*(entry for entry in entries if entry not in never), new)


def descent(entries: Iterable[Forgotten], file: str, first: str) -> dict[str, int]:
    """By sha256 that a file may have since it had the ``first``: how many rows had gone by then."""
    lost = {first: 0}
    for entry in entries:
        if entry.file == file and entry.was in lost:
            lost[entry.now] = lost[entry.was] + entry.rows
    return lost
