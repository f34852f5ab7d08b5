"""Where runs are put away, ``experiments/.archive/``, and what it keeps of those that are gone.

    <run id>.tar.gz   the folder of an archived run, whole
    <run id>.json     its label: the record as it was, its state, the bytes that the folder took
    looks.jsonl       of each run that was put away or deleted: which look at which test window it had been

An archived run is one whose tar is here and whose folder is not among the runs: whatever is killed half way,
one of the two is whole.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from vispera.errors import VisperaError
from vispera.files import sync, write_json

NAME = ".archive"
SUFFIX = ".tar.gz"
LOOKS = "looks.jsonl"
SCHEMA = 1


def tar_of(experiments: Path, run: str) -> Path:
    """The packed folder of a run."""
    return experiments / NAME / f"{run}{SUFFIX}"


def label_of(experiments: Path, run: str) -> Path:
    """What is known of an archived run without unpacking it."""
    return experiments / NAME / f"{run}.json"


def archived_ids(experiments: Path) -> list[str]:
    """Ids of the archived runs, oldest first."""
    try:
        names = sorted(path.name for path in (experiments / NAME).iterdir())
    except FileNotFoundError:
        return []
    ids = (name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX) and not name.startswith("."))
    return [run for run in ids if not (experiments / run).exists()]


def write_label(experiments: Path, run: str, state: str, size: int, record: Any) -> None:
    """Write the label of a run, whole or not at all; ``record`` is what its record.json held, or None."""
    label = {"schema": SCHEMA, "id": run, "state": state, "bytes": size, "record": record}
    write_json(label_of(experiments, run), label)


def read_label(experiments: Path, run: str) -> dict[str, Any]:
    """The label of a run; VisperaError if there is none that can be read."""
    said = f"archived run {run} has no readable label {label_of(experiments, run).name}"
    try:
        label = json.loads(label_of(experiments, run).read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise VisperaError(f"{said}: {error}") from None
    if (
        not isinstance(label, dict)
        or label.get("schema") != SCHEMA
        or not isinstance(label.get("state"), str)
    ):
        raise VisperaError(f"{said}: it is none of schema {SCHEMA}")
    return label


def keep_looks(experiments: Path, run: str, comparison_key: Any, test_looks: Any) -> None:
    """Remember that a run which is about to go had looked at a test window; nothing if it had not.

    One line, added in one write: of two processes that do so at once neither loses the other's.
    """
    if not isinstance(comparison_key, str) or not isinstance(test_looks, int):
        return
    place = experiments / NAME
    place.mkdir(parents=True, exist_ok=True)
    # begun with a line end: a line that was cut by a killed process spoils no other
    line = "\n" + json.dumps({"id": run, "comparison_key": comparison_key, "test_looks": test_looks}) + "\n"
    descriptor = os.open(place / LOOKS, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        written = os.write(descriptor, line.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if written != len(line.encode()):
        raise VisperaError(f"{place / LOOKS} could not be written to its end; is the disk full?")
    sync(place)


def kept_looks(experiments: Path, comparison_key: str) -> dict[str, int]:
    """By run: which look at the test window of a comparison key it was, of all that were ever put down."""
    try:
        lines = (experiments / NAME / LOOKS).read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return {}
    entries = [entry for line in lines if (entry := _entry(line)).get("comparison_key") == comparison_key]
    return {entry["id"]: entry["test_looks"] for entry in entries}


def _entry(line: str) -> dict[str, Any]:
    """One line of the looks; an empty one for what is none."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    whole = isinstance(entry, dict) and isinstance(entry.get("id"), str)
    return entry if whole and isinstance(entry.get("test_looks"), int) else {}
