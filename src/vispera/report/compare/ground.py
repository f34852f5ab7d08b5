"""On what ground a run stands: what must be equal before two scores can be held against each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vispera.report.compare.candidate import Candidate
from vispera.report.compare.setting import flattened

DATA = ("content_hash", "rows", "first_arrival", "last_arrival")
PARTS: Mapping[str, Callable[[Candidate], Any]] = {
    "problem": lambda one: {"name": one.setting("problem", "name")},
    "data": lambda one: {key: one.data.get(key) for key in DATA},
    "population": lambda one: {"exclude": one.setting("problem", "schema", "exclude")},
    "split": lambda one: one.setting("problem", "split"),
    "metrics": lambda one: {"capacity": one.setting("problem", "decision", "capacity")},
    "simulation": lambda one: one.setting("problem", "settings"),
}
"""What a comparison key hashes, as far as `config.yaml` and `data.json` tell it."""


@dataclass(frozen=True)
class Difference:
    """A part in which a run stands on other ground: what it has there, and what those compared have."""

    part: str
    key: str
    there: Any
    here: Any


@dataclass(frozen=True)
class Apart:
    """Runs of one other comparison key, and why they are not compared; no difference: nothing tells."""

    key: str
    runs: tuple[str, ...]
    differences: tuple[Difference, ...]


def compared_key(candidates: Sequence[Candidate], baseline: Candidate | None) -> str | None:
    """The comparison key whose runs are compared: the baseline's, else that of most finished full runs.

    Of equals the one with most runs, then the newest.
    """
    if baseline is not None:
        return baseline.record.comparison_key
    keyed = [one for one in candidates if one.record.comparison_key]
    full = Counter(one.record.comparison_key for one in keyed if one.full)
    every = Counter(one.record.comparison_key for one in keyed)
    newest = {one.record.comparison_key: one.record.id for one in sorted(keyed, key=lambda c: c.record.id)}
    return max(every, key=lambda key: (full[key], every[key], newest[key]), default=None)


def apart(candidates: Sequence[Candidate], key: str | None, reference: Candidate | None) -> list[Apart]:
    """Runs that stand on other ground than ``reference``, those of one key together, largest group first."""
    others: dict[str, list[Candidate]] = {}
    for one in candidates:
        if one.record.comparison_key and one.record.comparison_key != key:
            others.setdefault(one.record.comparison_key, []).append(one)
    found = [
        Apart(other, tuple(one.record.id for one in runs), tuple(differences(runs[0], reference)))
        for other, runs in others.items()
    ]
    return sorted(found, key=lambda group: (-len(group.runs), group.key))


def differences(one: Candidate, reference: Candidate | None) -> list[Difference]:
    """What of a run's ground differs from the reference's, part by part."""
    if reference is None:
        return []
    found = []
    for part, told in PARTS.items():
        there, here = (flattened(told(side) or {}) for side in (one, reference))
        found += [
            Difference(part, key, there.get(key), here.get(key))
            for key in dict.fromkeys([*here, *there])
            if there.get(key) != here.get(key)
        ]
    return found
