"""What came, under the names that a source has, taken out of a zip if it is one."""

from __future__ import annotations

import shutil
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from vispera.errors import ContractBroken

BEGINS = {b"PK\x03\x04": ".zip", b"PAR1": ".parquet"}
"""Kinds of files by their first bytes, as an address may end in anything; what begins otherwise is text."""
UNREADABLE = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError)
"""What zipfile raises for a damaged, a strangely packed and an encrypted archive."""


@dataclass(frozen=True)
class Shape:
    """How a source lies in a folder: as one ``table``, or as ``parts``.

    ``table`` has no ending, which follows from what comes. The parts lie in a ``folder`` of their own, so
    that they can take their place in one step.
    """

    table: str
    parts: tuple[str, ...]
    folder: str


def unpack(came: Sequence[Path], into: Path, shape: Shape, max_bytes: int) -> list[Path]:
    """Files of a source, written into a folder under their right names; ContractBroken if they are none."""
    if len(came) > 1:
        return [_copy(path, into / name) for path, name in zip(came, shape.parts, strict=True)]
    kind = kind_of(came[0])
    if kind != ".zip":
        return [_copy(came[0], into / f"{shape.table}{kind}")]
    try:
        with zipfile.ZipFile(came[0]) as archive:
            return [
                _extract(archive.open(member), into / name, max_bytes)
                for name, member in members(archive, shape).items()
            ]
    except UNREADABLE as broken:
        raise ContractBroken(f"a zip that cannot be read: {broken}") from None


def kind_of(path: Path) -> str:
    """``.zip``, ``.parquet`` or ``.csv``, whatever the file is called."""
    with path.open("rb") as file:
        start = file.read(4)
    return next((kind for begin, kind in BEGINS.items() if start.startswith(begin)), ".csv")


def members(archive: zipfile.ZipFile, shape: Shape) -> dict[str, zipfile.ZipInfo]:
    """Members of an archive that make up a source, by the names that they get: never by their own."""
    files = [entry for entry in archive.infolist() if not entry.is_dir()]
    named = {PurePosixPath(entry.filename).name.lower(): entry for entry in files}
    if all(part.lower() in named for part in shape.parts):
        return {part: named[part.lower()] for part in shape.parts}
    tables = {name: entry for name, entry in named.items() if name.endswith((".csv", ".parquet"))}
    if len(tables) == 1:
        [(name, entry)] = tables.items()
        return {f"{shape.table}{PurePosixPath(name).suffix}": entry}
    raise ContractBroken(f"a zip with {len(tables)} tables in it; wanted one, or {', '.join(shape.parts)}")


def _copy(source: Path, target: Path) -> Path:
    shutil.copyfile(source, target)
    return target


def _extract(packed: IO[bytes], target: Path, max_bytes: int) -> Path:
    """One member; a few bytes can be packed to become very many, so they are counted as they come."""
    left = max_bytes
    with packed, target.open("wb") as file:
        while chunk := packed.read(1 << 20):
            left -= len(chunk)
            if left < 0:
                raise ContractBroken(f"{target.name} in the zip is larger than {max_bytes / 1e6:g} MB")
            file.write(chunk)
    return target
