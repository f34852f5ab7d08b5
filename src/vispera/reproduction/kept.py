"""Verdicts that are on file: what came of a run when it was made again before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vispera.errors import VisperaError
from vispera.files import read_json
from vispera.record import RunRecord, read
from vispera.reproduction.maker import IDENTICAL

KEPT = "reproduction.json"
COMPARED = ("data", "predictions", "model")
"""Hashes of a record that are equal wherever it came out identical."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A verdict on a run, and the hashes of the one that was made for it."""

    run: str
    folder: Path
    verdict: str
    code: str
    tolerance: float
    faults: tuple[str, ...] = ()
    hashes: Mapping[str, str] = field(default_factory=dict)

    def is_of(self, record: RunRecord) -> bool:
        """Whether what it says still holds of the record: identical means equal hashes."""
        if self.verdict != IDENTICAL:
            return True
        return all(self.hashes.get(name) == record.hashes.get(name) for name in COMPARED)


def verdicts(place: Path, record: RunRecord) -> list[Kept]:
    """Verdicts on a run below a folder, the newest first; those that cannot be read are passed over."""
    held = [(folder, kept_in(folder)) for folder in place.glob(f"{record.id}-*")]
    found = [
        ((folder / KEPT).stat().st_mtime_ns, kept)
        for folder, kept in held
        if kept is not None and kept.run == record.id and kept.is_of(record)
    ]
    return [kept for _, kept in sorted(found, key=lambda pair: -pair[0])]


def kept_in(folder: Path) -> Kept | None:
    """The verdict of a folder; None where there is none yet, or it is damaged."""
    try:
        told: dict[str, Any] = read_json(folder / KEPT)
        made = told["attempts"][0] if told["attempts"] else {}
        return Kept(
            run=told["run"],
            folder=folder,
            verdict=told["verdict"],
            code=told["code"],
            tolerance=float(told["tolerance"]),
            faults=(*told["faults"], *_differing(made)),
            hashes=_hashes(folder, made),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _differing(made: Mapping[str, Any]) -> list[str]:
    return [f"{part['name']} differs: {part['told']}" for part in made.get("parts", ()) if not part["same"]]


def _hashes(folder: Path, made: Mapping[str, Any]) -> Mapping[str, str]:
    """Hashes of the run that was made, from its own record; none where that has gone."""
    if not made.get("run"):
        return {}
    try:
        return read(folder / made["folder"] / "experiments" / made["run"]).hashes
    except VisperaError:
        return {}
