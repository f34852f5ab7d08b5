"""The run record: its format, its size, and its reader.

``experiments/<run id>/record.json`` is one JSON object of at most 4 KB, one field a line, written whole
at every change of phase. Its schema number rises when a field changes its meaning, and old readers stay.
Reading imports nothing that takes time, so that ten thousand runs are listed at once.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

import orjson

from vispera import garbage
from vispera.archive import archived_ids, kept_looks, read_label, tar_of
from vispera.errors import UsageError, VisperaError
from vispera.files import json_hash
from vispera.heartbeat import is_alive

SCHEMA = 1
LIMIT = 4096
"""Bytes of a record.json."""
FILE = "record.json"
DONE = "DONE"
STATES = ("running", "finished", "refused", "failed", "pruned")
"""States that are written; a reader also sees ``crashed`` and ``unreadable``."""


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """What a run says of itself in at most 4 KB.

    Attributes
    ----------
    state
        One of ``STATES``; ``crashed``: begun, and its process is gone; ``unreadable``: see ``fault``.
    verb
        What was done: ``train``, or ``replay`` of past nights.
    phase
        What it is doing, or was doing when it ended badly.
    phases
        Seconds by phase.
    started, finished
        UTC, ISO 8601.
    command
        The overrides that were typed.
    comparison_key, decision_key
        Hashes of what makes scores comparable, and of costs, capacity and texts.
    headline
        Objects with name, window, value, low, high, greater_is_better.
    test_looks
        How often the test window of this comparison key had been looked at, this run included.
    hashes
        By name: data, dvc, model, predictions, ...
    code
        commit, dirty, and whether the patch beside it is whole (or why not).
    tracker
        name, state (open, closed, failed), where, fault.
    redacted
        Keys whose values were secrets and are not in the record.
    truncated
        Fields that were too long for the record; they stand whole in ``long.json``.
    """

    id: str
    state: str
    folder: Path
    schema: int = SCHEMA
    verb: str = "train"
    name: str = ""
    phase: str | None = None
    started: str | None = None
    finished: str | None = None
    seconds: float | None = None
    problem: str | None = None
    model: str | None = None
    parent: str | None = None
    sweep: str | None = None
    trial: int | None = None
    comparison_key: str | None = None
    decision_key: str | None = None
    test_looks: int | None = None
    headline: list[dict[str, Any]] = field(default_factory=list)
    error: str | None = None
    note: str | None = None
    tags: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    phases: dict[str, float] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    code: dict[str, Any] = field(default_factory=dict)
    tracker: dict[str, Any] = field(default_factory=dict)
    redacted: list[str] = field(default_factory=list)
    truncated: list[str] = field(default_factory=list)
    fault: str | None = None

    def metric(self, name: str, window: str) -> dict[str, Any] | None:
        """Headline entry of a metric in a window, or None."""
        for entry in self.headline:
            if entry["name"] == name and entry.get("window") == window:
                return entry
        return None


KINDS: dict[str, tuple[type, ...]] = {
    "schema": (int,),
    **dict.fromkeys(("id", "state", "name", "verb"), (str,)),
    **dict.fromkeys(("phase", "started", "finished", "problem", "model", "error", "note"), (str, type(None))),
    **dict.fromkeys(("parent", "sweep", "comparison_key", "decision_key"), (str, type(None))),
    **dict.fromkeys(("trial", "test_looks"), (int, type(None))),
    **dict.fromkeys(("headline", "tags", "command", "redacted", "truncated"), (list,)),
    **dict.fromkeys(("phases", "hashes", "code", "tracker"), (dict,)),
    "seconds": (int, float, type(None)),
}
"""Type of each field that is written; other fields are of a later version of the same schema."""
CONTAINERS = {name: kinds[0] for name, kinds in KINDS.items() if kinds in ((list,), (dict,))}
PLAIN = {f.name: f.default for f in fields(RunRecord) if f.default is not MISSING}
"""What a field is that does not stand in the record; a list or mapping is an empty one of its own."""


def read(folder: Path) -> RunRecord:
    """Record of one run, its state as it is now: a run whose process is gone is ``crashed``.

    Raises UsageError if there is no such run or a later version wrote it, VisperaError if the record is
    missing or damaged.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise UsageError(f"there is no run '{folder.name}' in {folder.parent}; `vispera runs` lists them")
    return _read(str(folder), folder)


def read_all(experiments: Path) -> list[RunRecord]:
    """Records of all runs of a folder, oldest first; one that cannot be read is marked ``unreadable``."""
    try:
        with os.scandir(experiments) as entries:
            found = sorted((e.name, e.path) for e in entries if not e.name.startswith(".") and e.is_dir())
    except FileNotFoundError:
        return []
    experiments = Path(experiments)
    with garbage.put_off():
        return [_read_or_mark(path, experiments / name) for name, path in found]


def read_archived(experiments: Path) -> list[RunRecord]:
    """Records of the archived runs, oldest first, as they were; their folder is the file that holds it."""
    records = []
    for run in archived_ids(experiments):
        tar = tar_of(experiments, run)
        try:
            label = read_label(experiments, run)
            records.append(_record(run, label["record"], tar, label["state"]))
        except VisperaError as error:
            records.append(RunRecord(id=run, state="unreadable", folder=tar, fault=str(error)))
    return records


def _read_or_mark(path: str, folder: Path) -> RunRecord:
    try:
        return _read(path, folder)
    except VisperaError as error:
        return RunRecord(id=folder.name, state="unreadable", folder=folder, fault=str(error))


def _read(path: str, folder: Path) -> RunRecord:
    """Record of the folder that both name: ten thousand times a text made of a Path would be seen."""
    try:
        raw = orjson.loads(_content(f"{path}/{FILE}"))
    except OSError as error:
        raise VisperaError(f"run {folder.name} has no readable {FILE}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise VisperaError(f"run {folder.name} has a damaged {FILE}: {error}") from None
    return _record(folder.name, raw, folder, None, path)


def _content(path: str) -> bytes:
    """Bytes of a file that is seldom larger than a record may be, with no more calls than that takes."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        content = os.read(descriptor, 2 * LIMIT)
        while len(content) % (2 * LIMIT) == 0 and (more := os.read(descriptor, 2 * LIMIT)):
            content += more
        return content
    finally:
        os.close(descriptor)


def _record(name: str, raw: Any, folder: Path, state: str | None, path: str = "") -> RunRecord:
    """What was read as a record; its state is the one given, else as it is now in the folder ``path``."""
    if type(raw) is not dict or type(raw.get("schema")) is not int:
        raise VisperaError(f"run {name} has a damaged {FILE}: it is no object with a schema number")
    if raw["schema"] > SCHEMA:
        raise UsageError(
            f"run {name} was written with record schema {raw['schema']}; this version reads up to {SCHEMA}: "
            "update vispera"
        )
    known = {key: value for key, value in raw.items() if key in KINDS}
    _check(name, known)
    known["state"] = state or _state_now(path, raw["state"])
    return _made(known, folder)


def _made(known: Mapping[str, Any], folder: Path) -> RunRecord:
    """What ``RunRecord(folder=folder, **known)`` gives, in half the time, as all fields come in one step."""
    record = object.__new__(RunRecord)
    empty = {name: kind() for name, kind in CONTAINERS.items() if name not in known}
    record.__dict__.update({**PLAIN, **empty, **known, "folder": folder})
    return record


def _check(name: str, known: Mapping[str, Any]) -> None:
    """Refuse a record that lacks a field, or has one of a wrong type."""
    # what JSON gives is of exactly these types: to ask for that is quicker than isinstance
    wrong = [key for key, value in known.items() if type(value) not in KINDS[key]]
    wrong += [key for key in ("id", "state") if key not in known]
    if not wrong and known["state"] not in STATES:
        wrong = ["state"]
    if not wrong:
        for entry in known.get("headline", ()):
            if type(entry) is not dict or type(entry.get("name")) is not str:
                wrong = ["headline"]
    if wrong:
        told = ", ".join(f"'{key}'" for key in wrong)
        raise VisperaError(f"run {name} has a damaged {FILE}: {told} missing or of a wrong type")


def _state_now(path: str, written: str) -> str:
    """State as a reader sees it; ``finished`` counts only with the marker that was written last."""
    if written == "finished" and os.access(f"{path}/{DONE}", os.F_OK):
        return written
    if written in ("running", "finished"):
        return "running" if is_alive(Path(path)) else "crashed"
    return written


def comparison_key(*, rows: Any, target: Any, population: Any, split: Any, metrics: Any) -> str:
    """Key that runs share exactly if their scores can be compared, 16 hexadecimal digits.

    Parameters
    ----------
    rows
        Hash of the evaluation rows (their row keys, nights and windows).
    target, population, split, metrics
        What is predicted, who is in, how time is cut, what is measured: anything JSON can hold,
        dataclasses included.
    """
    parts = {"rows": rows, "target": target, "population": population, "split": split, "metrics": metrics}
    return json_hash(parts)[:16]


def decision_key(*, costs: Any, capacity: Any, texts: Any) -> str:
    """Key that runs share exactly if they serve the same decision, 16 hexadecimal digits."""
    return json_hash({"costs": costs, "capacity": capacity, "texts": texts})[:16]


def next_test_look(experiments: Path, comparison_key: str) -> int:
    """How often the test window of a comparison key will have been looked at with one more look.

    Failed and crashed runs that had looked count, and so do those that were archived or deleted since.
    """
    looks = {
        record.id: record.test_looks
        for record in read_all(experiments)
        if record.comparison_key == comparison_key and record.test_looks is not None
    }
    # read after the runs: one that goes meanwhile has been put down here before
    looks |= kept_looks(experiments, comparison_key)
    return max(len(looks), *looks.values(), 0) + 1
