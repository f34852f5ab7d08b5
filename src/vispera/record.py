"""The run record: its format, its size, and its reader.

``experiments/<run id>/record.json`` is one JSON object of at most 4 KB, one field a line, written whole
at every change of phase. Its schema number rises when a field changes its meaning, and old readers stay.
Reading needs nothing but the standard library, so that ten thousand runs are listed at once.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """What a run says of itself in at most 4 KB.

    Attributes
    ----------
    state
        One of ``STATES``; ``crashed``: begun, and its process is gone; ``unreadable``: see ``fault``.
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
        return next((m for m in self.headline if m["name"] == name and m.get("window") == window), None)


KINDS: dict[str, tuple[type, ...]] = {
    "schema": (int,),
    **dict.fromkeys(("id", "state", "name"), (str,)),
    **dict.fromkeys(("phase", "started", "finished", "problem", "model", "error", "note"), (str, type(None))),
    **dict.fromkeys(("parent", "sweep", "comparison_key", "decision_key"), (str, type(None))),
    **dict.fromkeys(("trial", "test_looks"), (int, type(None))),
    **dict.fromkeys(("headline", "tags", "command", "redacted", "truncated"), (list,)),
    **dict.fromkeys(("phases", "hashes", "code", "tracker"), (dict,)),
    "seconds": (int, float, type(None)),
}
"""Type of each field that is written; other fields are of a later version of the same schema."""


def read(folder: Path) -> RunRecord:
    """Record of one run, its state as it is now: a run whose process is gone is ``crashed``.

    Raises UsageError if there is no such run or a later version wrote it, VisperaError if the record is
    missing or damaged.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise UsageError(f"there is no run '{folder.name}' in {folder.parent}; `vispera runs` lists them")
    return _read(folder)


def read_all(experiments: Path) -> list[RunRecord]:
    """Records of all runs of a folder, oldest first; one that cannot be read is marked ``unreadable``."""
    try:
        with os.scandir(experiments) as entries:
            names = sorted(e.name for e in entries if not e.name.startswith(".") and e.is_dir())
    except FileNotFoundError:
        return []
    return [_read_or_mark(Path(experiments, name)) for name in names]


def _read_or_mark(folder: Path) -> RunRecord:
    try:
        return _read(folder)
    except VisperaError as error:
        return RunRecord(id=folder.name, state="unreadable", folder=folder, fault=str(error))


def _read(folder: Path) -> RunRecord:
    try:
        # Without Path and buffer it takes half the time, and there may be ten thousand.
        with open(f"{folder}/{FILE}", "rb", buffering=0) as stream:  # noqa: PTH123
            raw = json.loads(stream.read().decode())
    except OSError as error:
        raise VisperaError(f"run {folder.name} has no readable {FILE}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise VisperaError(f"run {folder.name} has a damaged {FILE}: {error}") from None
    _check(folder.name, raw)
    known = {key: value for key, value in raw.items() if key in KINDS}
    known["state"] = _state_now(folder, raw["state"])
    return RunRecord(folder=folder, **known)


def _check(name: str, raw: Any) -> None:
    """Refuse what is no record, or one of a later schema."""
    if not isinstance(raw, dict) or not isinstance(raw.get("schema"), int):
        raise VisperaError(f"run {name} has a damaged {FILE}: it is no object with a schema number")
    if raw["schema"] > SCHEMA:
        raise UsageError(
            f"run {name} was written with record schema {raw['schema']}; this version reads up to {SCHEMA}: "
            "update vispera"
        )
    missing = [key for key in ("id", "state") if key not in raw]
    wrong = [key for key, kinds in KINDS.items() if key in raw and not isinstance(raw[key], kinds)]
    if raw.get("state") not in STATES and not missing:
        wrong.append("state")
    if not wrong and not all(isinstance(m, dict) and "name" in m for m in raw.get("headline", ())):
        wrong.append("headline")
    if missing or wrong:
        fields_ = ", ".join(f"'{key}'" for key in dict.fromkeys([*missing, *wrong]))
        raise VisperaError(f"run {name} has a damaged {FILE}: {fields_} missing or of a wrong type")


def _state_now(folder: Path, written: str) -> str:
    """State as a reader sees it; ``finished`` counts only with the marker that was written last."""
    if written == "finished" and os.access(f"{folder}/{DONE}", os.F_OK):
        return written
    if written in ("running", "finished"):
        return "running" if is_alive(folder) else "crashed"
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

    Failed and crashed runs that had looked count; a run deleted since counts through a later one.
    """
    looks = [
        record.test_looks
        for record in read_all(experiments)
        if record.comparison_key == comparison_key and record.test_looks is not None
    ]
    return max(len(looks), *looks, 0) + 1
