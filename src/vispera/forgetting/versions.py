"""Versions of a registry without a guest: their predictions alone; what seals the model stays as it is."""

from __future__ import annotations

from pathlib import Path

from vispera.alone import alone
from vispera.forgetting.folder import Task, changed
from vispera.forgetting.guest import Guest
from vispera.forgetting.look import UNREAD, Look, look_at
from vispera.forgotten import FILE as NOTE
from vispera.registry.folder import VERSIONS
from vispera.registry.forgotten import MAY_LOSE, sweep, write_into
from vispera.registry.version import read_package


def numbers(place: Path) -> list[Path]:
    """Folders of a problem's versions, by number."""
    found = (path for path in (place / VERSIONS).glob("*") if path.name.isdecimal())
    return sorted(found, key=lambda path: int(path.name))


def look(version: Path, guest: Guest) -> Look:
    """What a version holds of a guest; one that is not as it was promoted is a fault."""
    try:
        files = read_package(version)[1].files
    except UNREAD as damage:
        return Look(1, faults=tuple(f"{damage}".splitlines()))
    held = [(name, lambda content=files[name]: content) for name in MAY_LOSE if name in files]
    abandoned = [path for name in (*MAY_LOSE, NOTE) for path in version.parent.glob(f".*.{name}.*.tmp")]
    return look_at(held, guest, pending=bool(abandoned))


def clean(version: Path, task: Task) -> None:
    """Take the guest out of a version's predictions, while nobody promotes."""
    with alone(version.parent.parent, "writes into"):
        sweep(version.parent)
        files = read_package(version)[1].files
        for name in MAY_LOSE:
            if name in files:
                changed(version, name, files[name], task, before=_nothing, write=write_into)


def _nothing(_: bytes) -> None:
    """A version holds no picture."""
