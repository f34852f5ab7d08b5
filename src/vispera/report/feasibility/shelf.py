"""Where reports are kept: numbered folders that are never written over, one number for both languages."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vispera.errors import UsageError
from vispera.files import read_json, write_folder
from vispera.report.feasibility.told import FILE, Told, named

NUMBERED = re.compile(r"(\d{3,})-\d{4}-\d{2}-\d{2}")
FAILED = "FAILED"
"""Begins the name of a report that did not come to its end, and is the file in it that says why."""


def folders(shelf: Path) -> list[Path]:
    """Folders of the reports, by number."""
    found = [
        path for path in shelf.glob("[0-9]*") if NUMBERED.fullmatch(path.name) and (path / FILE).is_file()
    ]
    return sorted(found, key=number_of)


def number_of(folder: Path) -> int:
    """Number in a folder's name."""
    return int(folder.name.partition("-")[0])


def next_number(shelf: Path) -> int:
    """The number after the last; one whose folder lost its record stays taken."""
    taken = [number_of(path) for path in shelf.glob("[0-9]*") if NUMBERED.fullmatch(path.name)]
    return max(taken, default=0) + 1


def of_number(shelf: Path, number: int) -> Path:
    """Folder of a report; UsageError if there is none of that number."""
    found = [path for path in folders(shelf) if number_of(path) == number]
    if not found:
        there = ", ".join(str(number_of(path)) for path in folders(shelf)[-8:]) or "there are none"
        raise UsageError(f"there is no report {number} in {shelf}; {there}")
    return found[0]


def of_problem(shelf: Path, problem: str) -> list[Path]:
    """Folders of the reports on a problem, by number."""
    return [path for path in folders(shelf) if read_json(path / FILE).get("problem") == problem]


def same(shelf: Path, gathered: dict[str, Any]) -> Path | None:
    """The newest report that was made from just this, in whatever language."""
    kept = of_problem(shelf, gathered["problem"])[-1:]
    return next((path for path in kept if read_json(path / FILE).get("basis") == gathered["basis"]), None)


def languages(folder: Path) -> list[str]:
    """Languages in which a report is there."""
    return sorted(path.parent.name for path in folder.glob("*/*.html"))


def publish(shelf: Path, told: Told, spoken: str, rendered: Path) -> Path:
    """Folder of the report in a language, on the shelf whole or not at all; FileExistsError if there."""
    place = shelf / told.name
    files = {str(path.relative_to(rendered)): path.read_bytes() for path in _files(rendered)}
    record = files.pop(FILE)
    if place.is_dir():
        write_folder(place / spoken, files)
    else:
        write_folder(
            place, {FILE: record, **{f"{spoken}/{name}": content for name, content in files.items()}}
        )
    shutil.rmtree(failed(shelf, told, spoken), ignore_errors=True)
    return place / spoken


def keep_failed(shelf: Path, told: Told, spoken: str, rendered: Path, why: str) -> Path:
    """Folder of a report that failed, with what there is of it and why; one that failed before gives way."""
    place = failed(shelf, told, spoken)
    shutil.rmtree(place, ignore_errors=True)
    files = {str(path.relative_to(rendered)): path.read_bytes() for path in _files(rendered)}
    write_folder(place, {FAILED: f"{why}\n".encode(), **files})
    return place


def failed(shelf: Path, told: Told, spoken: str) -> Path:
    """Where a report goes that fails."""
    return shelf / f"{FAILED}-{named(told.number, told.date)}-{spoken}"


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())
