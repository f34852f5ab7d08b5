"""One folder without a guest: a run's, or the scores of a night; each file whole, as it was or without them.

note -> file -> the record's hash of it: killed in between, the same again ends what the note says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

from vispera.errors import VisperaError
from vispera.files import file_hash, write_bytes
from vispera.forgetting.guest import Guest
from vispera.forgetting.look import UNREAD, Files, Look, look_at
from vispera.forgetting.picture import FIGURES, PICTURE, WORDS, Redraw, without_picture
from vispera.forgetting.sifting import SIFTERS
from vispera.forgotten import FILE as NOTE
from vispera.forgotten import Forgotten, added, descent, note_of, read_forgotten
from vispera.noting import LONG, hashes_of, rehash
from vispera.record import FILE as RECORD
from vispera.record import read

HASHED = {"predictions.parquet": "predictions", "lists.csv": "lists"}
"""Files whose hash the record of a run holds, and its name there."""
SHOWN = "replay.json"
TEMPORARY = re.compile(r"\.(.+)\.[0-9a-f]{8}\.tmp")
"""What a killed process leaves of a file that it was writing."""


@dataclass(frozen=True)
class Task:
    """Whom to forget, when it was asked for, and how the picture of a night is drawn anew."""

    guest: Guest
    at: str
    redraw: Redraw


def held(folder: Path) -> Files:
    """The files of a folder that may hold rows."""
    return [(name, (folder / name).read_bytes) for name in SIFTERS if (folder / name).is_file()]


def look(folder: Path, guest: Guest) -> Look:
    """What a folder holds of a guest."""
    return look_at(held(folder), guest, pending=bool([*_abandoned(folder)]) or not _settled(folder))


def clean(folder: Path, task: Task, pictures: Path | None = None) -> None:
    """Take the guest out of every file of a folder; VisperaError for one that is damaged, after the others.

    ``pictures`` is where copies of a run's figures may lie.
    """
    for path in _abandoned(folder):
        path.unlink()
    faults = []
    for name, content_of in held(folder):
        try:
            changed(folder, name, content_of(), task, partial(without_picture, folder, pictures, task.redraw))
        except UNREAD as damage:
            faults.append(f"{folder / name}: {damage}")
    settle(folder)
    if faults:
        raise VisperaError(*faults)


def changed(
    folder: Path,
    name: str,
    content: bytes,
    task: Task,
    before: Callable[[bytes], object],
    write: Callable[[Path, bytes], object] = write_bytes,
) -> None:
    """Rewrite one file without the guest, after the note of it; nothing if it holds nothing of theirs.

    ``before`` is shown the new bytes of what a replay tells, before they are written.
    """
    sifted = SIFTERS[name](content, task.guest)
    if sifted.content is None:
        return
    if name == SHOWN:
        before(sifted.content)
    hashes = (sha256(one).hexdigest() for one in (content, sifted.content))
    was, now = hashes
    entry = Forgotten(at=task.at, file=name, rows=sifted.rows, was=was, now=now)
    write(folder / NOTE, note_of(added(read_forgotten(folder), entry)))
    write(folder / name, sifted.content)


def settle(folder: Path) -> None:
    """Let the record of a run have the hashes that its files have since; nothing where there is none."""
    if new := _unsettled(folder):
        rehash(read(folder), new)


def _settled(folder: Path) -> bool:
    try:
        return not _unsettled(folder)
    except UNREAD:  # what cannot be read is told of when it is looked at
        return True


def _unsettled(folder: Path) -> dict[str, str]:
    """New hashes, by their name in the record, of files that have lost rows since it was written."""
    entries = read_forgotten(folder)
    if not entries or not (folder / RECORD).is_file():
        return {}
    known, new = hashes_of(read(folder)), {}
    for file, name in HASHED.items():
        if name in known and (folder / file).is_file():
            now = file_hash(folder / file)
            if now != known[name] and now in descent(entries, file, known[name]):
                new[name] = now
    return new


def _abandoned(folder: Path) -> Iterator[Path]:
    """Half files that nobody is writing any more: whoever ends in this folder is killed, or waits for us."""
    own = {*SIFTERS, NOTE, RECORD, LONG, WORDS, PICTURE}
    for path in (*folder.glob(".*.tmp"), *(folder / FIGURES).glob(".*.tmp")):
        if (match := TEMPORARY.fullmatch(path.name)) and match[1] in own:
            yield path
