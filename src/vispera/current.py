"""A folder of numbered folders, of which one small file names the one to read.

``CURRENT`` holds one line, ``<folder> <sha256>``: the folder beside it that is to be read, and the sha256 of
that file in it from which the hashes of all others follow. It is replaced by a rename, so that a reader sees
the old one or the new one; the folders themselves are never changed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from vispera.errors import ContractBroken
from vispera.files import write_bytes

CURRENT = "CURRENT"
LINE = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*) ([0-9a-f]{64})\n")


@dataclass(frozen=True)
class Pointer:
    """Name of the folder that is to be read, and the sha256 of its sealing file."""

    name: str
    seal: str


def pointed(place: Path) -> Pointer | None:
    """What ``CURRENT`` of a folder says; None if there is none yet; ContractBroken if it is damaged."""
    path = Path(place) / CURRENT
    try:
        line = path.read_bytes().decode("ascii", "replace")
    except FileNotFoundError:
        return None
    if (found := LINE.fullmatch(line)) is None:
        raise ContractBroken(f"{path} is damaged: wanted one line, the folder to read and its sha256")
    return Pointer(found[1], found[2])


def point(place: Path, pointer: Pointer) -> None:
    """Let ``CURRENT`` name another folder, in one step; nothing is written if it does already."""
    line = f"{pointer.name} {pointer.seal}\n"
    if LINE.fullmatch(line) is None:
        raise ValueError(f"no line of {CURRENT}: {line!r}")
    if not (Path(place) / pointer.name).is_dir():
        raise FileNotFoundError(f"{place} holds no folder {pointer.name}")
    path = Path(place) / CURRENT
    if not path.is_file() or path.read_bytes() != line.encode("ascii"):
        write_bytes(path, line.encode("ascii"))
