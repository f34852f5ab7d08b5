"""The settings in which runs differ, out of the several hundred that they share."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ABSENT = "\0absent"
"""Stands for a key that a run's configuration does not have."""

PLACES = (
    "data.path",
    "data.cache",
    "problem.path",
    "problem.cache",
    "problem.addresses",
    "tracker.folder",
    "publish",
)
"""Keys that say where something lies: another machine has others, and comes to the same."""

NO_SETTING = ("search", "note", "tags", "problem.download", "model.name", "model.space", "baseline.space")
"""Sections that say how the run came about, or that the page tells elsewhere."""

CHOSEN = ("model", "baseline", "problem", "tracker")
"""Groups of which one option is chosen: what only some options know does not differ by being absent."""

LONGEST_LIST = 4


@dataclass(frozen=True)
class Setting:
    """A key with the value that each run has, in the order of the runs; `ABSENT` where there is none."""

    key: str
    values: tuple[Any, ...]

    @property
    def distinct(self) -> list[Any]:
        """Each value once, in the order in which it first appears."""
        return list({json.dumps(value, sort_keys=True, default=str): value for value in self.values}.values())


def flattened(config: Any, above: str = "") -> dict[str, Any]:
    """Every value by its dotted key; a list is one value.

    >>> flattened({"model": {"name": "rule", "snapshots": [14]}, "seed": 0})
    {'model.name': 'rule', 'model.snapshots': [14], 'seed': 0}
    """
    if not isinstance(config, Mapping):
        return {above: config}
    found: dict[str, Any] = {}
    for key, value in config.items():
        found |= flattened(value, f"{above}.{key}" if above else str(key))
    return found


def is_setting(key: str) -> bool:
    """Whether a key can change what a run comes to, as far as its name tells."""
    inside = any(key == name or key.startswith(f"{name}.") for name in (*PLACES, *NO_SETTING))
    return not inside and not key.endswith("._target_") and key != "language"


def differing(configs: Sequence[Mapping[str, Any]]) -> list[Setting]:
    """Settings that have two values or more, those of models first, in the order of the configuration."""
    flat = [flattened(config) for config in configs]
    keys = dict.fromkeys(key for one in flat for key in one if is_setting(key))
    found = []
    for key in keys:
        setting = Setting(key, tuple(one.get(key, ABSENT) for one in flat))
        if _differs(setting, flat):
            found.append(setting)
    return sorted(found, key=lambda setting: not setting.key.startswith("model."))


def _differs(setting: Setting, flat: Sequence[Mapping[str, Any]]) -> bool:
    known = [value for value in setting.distinct if value != ABSENT]
    if len(known) > 1:
        return True
    absent = any(one and value == ABSENT for one, value in zip(flat, setting.values, strict=True))
    if not absent or not known:
        return False
    chooser = f"{setting.key.partition('.')[0]}.name"
    if chooser.partition(".")[0] not in CHOSEN:
        return True
    having = {one.get(chooser) for one, v in zip(flat, setting.values, strict=True) if v != ABSENT}
    lacking = {one.get(chooser) for one, v in zip(flat, setting.values, strict=True) if v == ABSENT and one}
    return bool(having & lacking)


def told(value: Any, common: frozenset[str] = frozenset()) -> str:
    """A value as it is typed; of a long list what is not ``common`` to all.

    >>> told(0.05), told(None), told([28, 14]), told({"a": 1})
    ('0.05', 'null', '[28, 14]', '{"a": 1}')
    >>> told(["hotel", "meal", "agent", "nights", "country"], frozenset({"hotel", "meal", "agent", "nights"}))
    '4 in common, country'
    """
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list) and len(value) > LONGEST_LIST and common:
        own = [str(item) for item in value if str(item) not in common]
        return ", ".join([f"{len(value) - len(own)} in common", *own])
    return json.dumps(value, ensure_ascii=False, default=str)


def common(setting: Setting) -> frozenset[str]:
    """Items that every list of the setting has."""
    lists = [{str(item) for item in value} for value in setting.values if isinstance(value, list)]
    return frozenset(set.intersection(*lists)) if lists else frozenset()


def short_names(keys: Sequence[str]) -> dict[str, str]:
    """Each key by its last part, or by as many of its last parts as tell it from the others.

    >>> short_names(["model.estimator.depth", "model.name", "baseline.name"])
    {'model.estimator.depth': 'depth', 'model.name': 'model.name', 'baseline.name': 'baseline.name'}
    """
    found = {}
    for key in keys:
        parts = key.split(".")
        for length in range(1, len(parts) + 1):
            tail = ".".join(parts[-length:])
            if sum(other == tail or other.endswith(f".{tail}") for other in keys) == 1:
                break
        found[key] = tail
    return found
