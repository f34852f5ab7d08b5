"""What is read of a run that may be compared: its record, its configuration and its data."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from vispera.record import RunRecord

SECTION = re.compile(r"(?m)^(?=[^\s\-#])")
"""Where a key of the outermost mapping begins, as `config.yaml` is written."""


@dataclass(frozen=True)
class Candidate:
    """A run that was asked for; ``config`` and ``data`` are empty where they could not be read."""

    record: RunRecord
    config: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def simulated(self) -> bool:
        """Whether it learned from simulated bookings."""
        target = str(_at(self.config, "problem", "_target_") or "")
        return target.endswith(".simulated.Simulated") or self.data.get("source") == "simulated"

    @property
    def full(self) -> bool:
        """Whether it is a finished run of its own, no trial of a search: such a one can be the best."""
        return self.record.state == "finished" and self.record.trial is None

    @property
    def score(self) -> float | None:
        """Its log-loss on the tuning windows."""
        found = (self.record.metric("log_loss", "tuning") or {}).get("value")
        return found if isinstance(found, int | float) else None

    def setting(self, *path: str) -> Any:
        """Value of the configuration under these keys; None if there is none."""
        return _at(self.config, *path)


def _at(value: Any, *path: str) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def read_candidate(record: RunRecord) -> Candidate:
    """A run with what lies beside its record."""
    return Candidate(record, _config(record), _data(record))


def _config(record: RunRecord) -> Mapping[str, Any]:
    try:
        text = (record.folder / "config.yaml").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return {}
    return parsed(text)


def parsed(text: str) -> Mapping[str, Any]:
    """A written configuration; runs share most of its sections, which are then read once only."""
    found: dict[str, Any] = {}
    for section in SECTION.split(text):
        part = _yaml(section)
        if not isinstance(part, Mapping | None):
            part = None
        found |= part or {}
    return found


@cache
def _yaml(text: str) -> Any:
    import yaml

    try:
        return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (a safe loader)
    except yaml.YAMLError:
        return None


def _data(record: RunRecord) -> Mapping[str, Any]:
    try:
        found = json.loads((record.folder / "data.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, Mapping) else {}


def labels(candidates: Sequence[Candidate]) -> dict[str, str]:
    """What each run is called, by its id: its model, and the end of its id where others have that too."""
    named = {one.record.id: one.record.model or one.record.name or "?" for one in candidates}
    often: dict[str, int] = {}
    for name in named.values():
        often[name] = often.get(name, 0) + 1
    return {
        run: name if often[name] == 1 and name != "?" else f"{name} {run[-6:]}" for run, name in named.items()
    }
