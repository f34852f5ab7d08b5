"""A version that was pulled into a folder of its own, on a machine that needs no registry to read it.

    <place>/CURRENT                          the folder to read, see `vispera.current`
    <place>/v<version>-<content>-<entry>/    model/, the artefact; and pulled.json, which seals it

What lies in such a folder follows from the entry of the history alone: pulled twice it is the same bytes.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import Any

from vispera.alone import alone
from vispera.current import CURRENT, Pointer, point, pointed
from vispera.errors import ContractBroken, UsageError
from vispera.files import sync, write_folder
from vispera.registry.entry import Entry
from vispera.registry.version import MODEL, Package, read_files

SCHEMA = 1
CARD = "pulled.json"
NAME = re.compile(r"v\d+-[0-9a-f]{8}-\d+")
HIDDEN = ".pulling-"


@dataclass(frozen=True, kw_only=True)
class Pulled:
    """Content of pulled.json: what was pulled, and by which entry of the history.

    Attributes
    ----------
    alias
        The alias that the entry lets name this version.
    recipe, model
        Name of the recipe, and content hash of the artefact.
    trained_until
        ISO date of the last day whose outcomes the model has seen.
    entry
        Hash of the entry: ``vispera production verify=HASH`` finds it.
    files
        sha256 of every file of the artefact, by name from pulled.json's folder on.
    """

    schema: int = SCHEMA
    problem: str
    alias: str
    version: int
    run: str
    recipe: str
    model: str
    trained_until: str
    entry: str
    files: Mapping[str, str]

    @property
    def content(self) -> bytes:
        """The card as its file holds it."""
        return (json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n").encode()


def read_pulled(place: Path) -> tuple[Path, Pulled]:
    """Folder of the artefact that ``CURRENT`` of a folder names, and its card; every hash is checked.

    Raises
    ------
    UsageError
        If nothing was pulled into that folder.
    ContractBroken
        If a file was changed, is missing or too many, or has an unknown schema number.
    """
    place = Path(place)
    pointer = pointed(place)
    if pointer is None:
        raise UsageError(
            f"nothing was pulled into {place}: it has no {CURRENT}; type vispera pull to={place}"
        )
    folder = place / pointer.name
    return folder / MODEL.rstrip("/"), _read(folder, pointer.seal)


def put(entry: Entry, package: Package, place: Path, check: Callable[[Path], object]) -> tuple[Path, bool]:
    """Folder that ``CURRENT`` names from now on, and whether anything had to be written.

    ``check`` is shown the artefact in a hidden folder before it takes its place, and raises what it refuses;
    then what was there stays. Of the folders before it, the one that was current until now stays too, as
    somebody may be reading it.
    """
    files = {name: content for name, content in package.files.items() if name.startswith(MODEL)}
    card = _card(entry, package, files)
    name = f"v{entry.version}-{package.model[:8]}-{entry.number}"
    pointer = Pointer(name, sha256(card.content).hexdigest())
    place.mkdir(parents=True, exist_ok=True)
    with alone(place, "pulls into"):
        for abandoned in place.glob(f"*{HIDDEN}*"):
            shutil.rmtree(abandoned, ignore_errors=True)
        before = pointed(place)
        made = not _whole(place / name, pointer.seal)
        if made:
            _set(place, name, {**files, CARD: card.content}, check)
        else:
            check(place / name / MODEL)
        point(place, pointer)
        if before is not None and before != pointer:
            _tidy(place, {name, before.name})
    return place / name, made or before != pointer


def _card(entry: Entry, package: Package, files: Mapping[str, bytes]) -> Pulled:
    return Pulled(
        problem=entry.problem,
        alias=entry.alias,
        version=entry.version,
        run=entry.run,
        recipe=package.recipe,
        model=package.model,
        trained_until=package.trained_until,
        entry=entry.hash,
        files={name: sha256(content).hexdigest() for name, content in sorted(files.items())},
    )


def _whole(folder: Path, seal: str) -> bool:
    """Whether a folder is there as it was pulled."""
    try:
        _read(folder, seal)
    except ContractBroken:
        return False
    return True


def _read(folder: Path, seal: str) -> Pulled:
    path = folder / CARD
    if path.is_symlink() or not path.is_file():
        raise ContractBroken(
            f"{folder} has no {CARD}: it was taken away; type vispera pull to={folder.parent}"
        )
    content = path.read_bytes()
    again = f"type vispera pull to={folder.parent}"
    if sha256(content).hexdigest() != seal:
        raise ContractBroken(f"{path} was changed after it was pulled: {CURRENT} has another sha256; {again}")
    raw: dict[str, Any] = json.loads(content)
    if raw.get("schema") != SCHEMA or set(raw) != {field.name for field in fields(Pulled)}:
        raise ContractBroken(
            f"{path} has schema {raw.get('schema')!s:.20}; this version reads {SCHEMA}; {again}"
        )
    card = Pulled(**raw)
    read_files(folder, card.files, CARD)
    return card


def _set(place: Path, name: str, files: Mapping[str, bytes], check: Callable[[Path], object]) -> None:
    """Write a folder, have its artefact checked, and give it its name, which a damaged one has to give up."""
    building = place / f"{HIDDEN}{secrets.token_hex(4)}"
    try:
        write_folder(building, files)
        check(building / MODEL)
        if (place / name).exists():
            (place / name).rename(place / f"{HIDDEN}{secrets.token_hex(4)}-damaged")
        building.rename(place / name)
        sync(place)
    finally:
        for gone in place.glob(f"{HIDDEN}*"):
            shutil.rmtree(gone, ignore_errors=True)


def _tidy(place: Path, kept: set[str]) -> None:
    """Take away what was pulled before, but for what is kept; nothing else in the folder is touched."""
    for folder in place.iterdir():
        if folder.is_dir() and NAME.fullmatch(folder.name) and folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)
