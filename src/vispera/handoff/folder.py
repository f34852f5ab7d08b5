"""One folder of a hand-off: what is in it, how readers come to it, how it goes."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from vispera.current import Pointer, point
from vispera.handoff.manifest import JSON, PROPERTIES, About, as_json, as_properties, manifest
from vispera.handoff.published import LINES, LIST, sha256
from vispera.handoff.rows import as_jsonl, read_rows

UNIT = re.compile(r"[0-9a-f]{16}")


def with_lines(files: Mapping[str, bytes], about: About) -> tuple[dict[str, bytes], int]:
    """The files of a list, ``list.jsonl`` too, and its number of rows; ValueError if it is no list."""
    if taken := {LINES, JSON, PROPERTIES} & set(files):
        raise ValueError(f"{', '.join(sorted(taken))} is made when a list is published")
    columns, rows = read_rows(files[LIST])
    if columns != tuple(about.columns):
        raise ValueError(f"{LIST} has the columns {columns}, wanted {tuple(about.columns)}")
    units = [row["unit"] for row in rows]
    if len(set(units)) != len(units) or not all(map(UNIT.fullmatch, units)):
        raise ValueError(f"{LIST} holds a unit twice, or one that is not 16 hexadecimal digits")
    return {**files, LINES: as_jsonl(about.columns, rows)}, len(rows)


def sealed(files: Mapping[str, bytes], about: About, number: int, rows: int) -> dict[str, bytes]:
    """The files of a folder with its two manifests."""
    hashes = {name: sha256(content) for name, content in files.items()}
    told = manifest(about, number, rows, hashes)
    written = as_json(told)
    return {**files, JSON: written, PROPERTIES: as_properties(told, {JSON: sha256(written)})}


def point_to(folder: Path) -> Path:
    """The same folder, which ``CURRENT`` beside it names from now on."""
    point(folder.parent, Pointer(folder.name, sha256((folder / PROPERTIES).read_bytes())))
    return folder


def take_away(folder: Path) -> None:
    """Let a folder be gone whole, should this end half way."""
    going = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.tmp")
    folder.rename(going)
    shutil.rmtree(going)


def sweep(place: Path) -> None:
    """Take away what a killed process had begun to write or to take away; nobody else is writing here."""
    for path in place.glob(".*.tmp"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
