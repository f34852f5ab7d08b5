"""Lists that have been handed off, read back with every hash checked."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from vispera.current import pointed
from vispera.errors import ContractBroken
from vispera.handoff.manifest import JSON, PROPERTIES, SCHEMA, About, about_of, as_json, as_properties
from vispera.handoff.rows import Row, Type, read_rows

LIST, LINES = "list.csv", "list.jsonl"
WANTED = {"night", "number", "kind", "columns", "sha256"}
"""What is asked of a manifest here; further keys may come."""

FOLDER = re.compile(r"(\d{4}-\d{2}-\d{2})-([1-9]\d*)")
"""Night and number of a published folder; whatever is named otherwise is none."""


@dataclass(frozen=True)
class Published:
    """One published list: what its manifest says, and the bytes of its files.

    Attributes
    ----------
    folder
        Where it lies.
    told
        Its manifest.
    files
        Contents by name, without the two manifests; their hashes were checked.
    """

    folder: Path
    told: Mapping[str, Any]
    files: Mapping[str, bytes] = field(repr=False)

    @property
    def night(self) -> str:
        """The night at whose close it was made, ISO."""
        return self.told["night"]

    @property
    def number(self) -> int:
        """Which of the folders of that night it is, from 1."""
        return self.told["number"]

    @property
    def kind(self) -> str:
        """``list`` or ``fallback``."""
        return self.told["kind"]

    @property
    def about(self) -> About:
        """What was said of it when it was published."""
        return about_of(self.told)

    @property
    def columns(self) -> dict[str, Type]:
        """Type of each column of its rows, in their order."""
        return {column["name"]: column["type"] for column in self.told["columns"]}

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Its rows, each as text by column as ``list.csv`` has it; ``unit`` is 16 hexadecimal digits."""
        return read_rows(self.files[LIST])[1]


def read_current(place: Path) -> Published | None:
    """The list that ``CURRENT`` of a hand-off names; None if nothing has been published yet.

    Raises
    ------
    ContractBroken
        If ``CURRENT``, or the folder that it names, is not what was written.
    """
    before = None
    while (now := pointed(place)) is not None:
        try:
            return read(Path(place) / now.name, seal=now.seal)
        except FileNotFoundError as missing:
            if now == before:  # CURRENT has not moved on meanwhile
                raise _broken(Path(place) / now.name, f"{missing.filename} is missing") from None
        before = now
    return None


def earlier(place: Path, before_night: str) -> tuple[Published, ...]:
    """Lists of the nights before one by night, of each night the one with the highest number.

    So a unit is called at most once: whoever stands in ``rows`` of one of them is not listed again. The last
    of them is what is still good to read where tonight has no list. A fallback counts as a list does.

    Raises
    ------
    ContractBroken
        If one of them is not what was written: then nobody can say whom it called.
    """
    highest = {night: number for night, number in folders(place) if night < before_night}
    return tuple(_told(Path(place) / f"{night}-{number}") for night, number in highest.items())


def _told(folder: Path) -> Published:
    try:
        return read(folder)
    except FileNotFoundError as missing:
        raise _broken(folder, f"{missing.filename} is missing") from None


def folders(place: Path) -> list[tuple[str, int]]:
    """Night and number of each published folder of a place, in the order of both."""
    found = (FOLDER.fullmatch(path.name) for path in Path(place).glob("*-*") if path.is_dir())
    return sorted((match[1], int(match[2])) for match in found if match)


def read(folder: Path, seal: str | None = None) -> Published:
    """One published folder, with every hash checked; ``seal`` is the sha256 of its manifest's properties.

    Raises
    ------
    ContractBroken
        If a file is not what was written, or the schema is not known here.
    FileNotFoundError
        If the folder or a file of it is not there.
    """
    properties, written = (folder / PROPERTIES).read_bytes(), (folder / JSON).read_bytes()
    if seal is not None and seal != sha256(properties):
        raise _broken(folder, f"{PROPERTIES} is not the one that CURRENT seals")
    told = _manifest(folder, written)
    if properties != as_properties(told, {JSON: sha256(written)}):
        raise _broken(folder, f"{PROPERTIES} does not say what {JSON} does")
    if FOLDER.fullmatch(folder.name) and folder.name != f"{told['night']}-{told['number']}":
        raise _broken(folder, f"its manifest is that of {told['night']}-{told['number']}")
    files = {name: (folder / name).read_bytes() for name in told["sha256"]}
    for name, digest in told["sha256"].items():
        if sha256(files[name]) != digest:
            raise _broken(folder, f"{name} has another sha256 than its manifest says")
    return Published(folder, told, files)


def _manifest(folder: Path, written: bytes) -> dict[str, Any]:
    """What ``manifest.json`` says, if it is one of a schema that is known here."""
    try:
        told = json.loads(written)
        schema = told["schema"]
    except (ValueError, KeyError, TypeError):
        raise _broken(folder, f"{JSON} is no manifest") from None
    if schema != SCHEMA:
        raise _broken(folder, f"it has schema {schema}, and schema {SCHEMA} is known here")
    if written != as_json(told) or not set(told) >= WANTED:
        raise _broken(folder, f"{JSON} is not as it was written")
    return told


def _broken(folder: Path, what: str) -> ContractBroken:
    return ContractBroken(
        f"the published list {folder} is damaged: {what}; put the folder back from a copy, or take it away: "
        f"rm -r {folder}"
    )


def sha256(content: bytes) -> str:
    """SHA-256 of bytes, 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()
