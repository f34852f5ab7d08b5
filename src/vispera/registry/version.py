"""A version: what a run left, byte for byte, and the card that seals it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import Any

from vispera.errors import ContractBroken
from vispera.files import json_hash
from vispera.forgotten import FILE as NOTE
from vispera.registry import forgotten
from vispera.registry.numbered import read_numbered

SCHEMA = 1
CARD = "version.json"
MODEL = "model/"
FILE_NAME = re.compile(r"(model/)?[a-z0-9][a-z0-9_-]*(\.[a-z0-9]+)+")
"""Plain names only, and those of the artefact in a folder below: nothing that leads out."""
NOTED_LATER = {"record.json"}
"""What may be noted on by hand after the run, and makes no other version of it."""


@dataclass(frozen=True, kw_only=True)
class Package:
    """What a version holds: files by name, with ``model/`` before those of the artefact; and whose it is.

    Attributes
    ----------
    recipe
        Name of the recipe, such as catboost.
    model
        Content hash of the artefact, equal for equal fits.
    trained_until
        ISO date of the last day whose outcomes the model has seen.
    """

    problem: str
    run: str
    recipe: str
    model: str
    trained_until: str
    files: Mapping[str, bytes]

    def same_as(self, other: Package) -> bool:
        """Whether both are of one run and hold the same, whatever was noted on it since."""
        mine, theirs = (
            {name: content for name, content in one.files.items() if name not in NOTED_LATER}
            for one in (self, other)
        )
        return self.run == other.run and mine == theirs


@dataclass(frozen=True, kw_only=True)
class Card:
    """Content of version.json: ``files`` holds the sha256 of each other file, ``seal`` the hash of that."""

    schema: int = SCHEMA
    number: int
    problem: str
    run: str
    recipe: str
    model: str
    trained_until: str
    files: Mapping[str, str]
    seal: str

    @property
    def content(self) -> bytes:
        """The card as its file holds it."""
        return (json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n").encode()


def card_of(number: int, package: Package) -> Card:
    """The card of a package under a number."""
    strange = sorted(name for name in package.files if name == CARD or not FILE_NAME.fullmatch(name))
    if strange:
        raise ValueError(f"no names for files of a version: {', '.join(strange)}")
    body: dict[str, Any] = {
        "schema": SCHEMA,
        "number": number,
        **{name: getattr(package, name) for name in ("problem", "run", "recipe", "model", "trained_until")},
        "files": {name: sha256(content).hexdigest() for name, content in sorted(package.files.items())},
    }
    return Card(**body, seal=json_hash(body))


def read_card(content: bytes, where: str) -> Card:
    """The card that a file holds; ContractBroken, naming ``where``, if its seal does not fit."""
    raw = read_numbered(content, SCHEMA, where, "card of a version")
    fits = set(raw) == {field.name for field in fields(Card)} and isinstance(raw["files"], dict)
    body = {key: value for key, value in raw.items() if key != "seal"}
    if not fits or json_hash(body) != raw["seal"] or Card(**raw).content != content:
        raise ContractBroken(f"{where} was changed after it was written: its seal does not fit")
    return Card(**raw)


def read_card_in(folder: Path, seal: str | None = None) -> Card:
    """The card of a version's folder; ContractBroken if it is none, or has not the sha256 ``seal``."""
    path = folder / CARD
    if path.is_symlink() or not path.is_file():
        raise ContractBroken(f"{folder} has no {CARD}: it is no version, or was taken away")
    content = path.read_bytes()
    if seal is not None and sha256(content).hexdigest() != seal:
        raise ContractBroken(f"{path} is not the one that the history names: its sha256 does not fit")
    return read_card(content, str(path))


def read_package(folder: Path, seal: str | None = None) -> tuple[Card, Package]:
    """Card and content of a version's folder, every hash checked; all faults in one ContractBroken.

    ``seal``: the sha256 that version.json must have; None if nobody has told. Predictions that have lost the
    rows of a guest since are valid too, see `vispera.registry.forgotten`.
    """
    card = read_card_in(folder, seal)
    files = read_files(folder, forgotten.expected(folder, card.files), CARD)
    files.pop(NOTE, None)
    named = {name: getattr(card, name) for name in ("problem", "run", "recipe", "model", "trained_until")}
    return card, Package(**named, files=files)


def read_files(folder: Path, expected: Mapping[str, str], card: str) -> dict[str, bytes]:
    """Bytes of exactly the files that a card names with their sha256; ContractBroken with every fault."""
    if outside := sorted(name for name in expected if name == card or not FILE_NAME.fullmatch(name)):
        raise ContractBroken(*(f"{folder / card} names '{name}', which no version has" for name in outside))
    found = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    there = {path.relative_to(folder).as_posix() for path in found} - {card}
    lacking, further = sorted(expected.keys() - there), sorted(there - expected.keys())
    faults = [f"{folder} lacks {name}, which its {card} names" for name in lacking]
    faults += [f"{folder} holds {name}, which its {card} does not name" for name in further]
    files: dict[str, bytes] = {}
    for name in sorted(expected.keys() & there):
        path = folder / name
        if path.is_symlink() or path.parent.is_symlink() or not path.is_file():
            faults.append(f"{path} is no plain file")
            continue
        files[name] = path.read_bytes()
        if sha256(files[name]).hexdigest() != expected[name]:
            faults.append(f"{path} was changed after it was written: its sha256 does not fit {card}")
    if faults:
        raise ContractBroken(*faults)
    return files
