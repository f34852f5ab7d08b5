"""Small lists to hand off, and a place where some were."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from vispera.current import CURRENT
from vispera.handoff import About, Model, Publication, publish, write_rows
from vispera.handoff.manifest import Kind, as_json, as_properties
from vispera.handoff.rows import Type

COLUMNS: dict[str, Type] = {
    "night": "date",
    "rank": "integer",
    "unit": "text",
    "arm": "text",
    "risk": "number",
    "price": "number",
    "why_es": "text",
    "agent": "text",
    "arrival_date": "date",
    "repeated": "flag",
}
MODEL = Model("catboost", "ab" * 32, 3, "2017-02-28")
KEEP = 30


def unit(number: int) -> str:
    return f"{number * 0x9E3779B97F4A7C15 % 2**64:016x}"


def content(night: str, units: Iterable[int] = range(3), why: str = 'más riesgo, 35 €:\n"hoy"') -> bytes:
    """A list of some units, with what makes a CSV hard to read."""
    rows = [
        {
            **{
                "night": night,
                "rank": str(place),
                "unit": unit(number),
                "arm": "control" if place == 2 else "call",
            },
            **{"risk": f"{1 / (1 + place):.4f}", "price": "" if place == 1 else f"{80.5 * place}"},
            **{"why_es": why, "agent": "007", "arrival_date": "2017-03-20", "repeated": str(place == 1)},
        }
        for place, number in enumerate(units, 1)
    ]
    return write_rows(list(COLUMNS), rows)


def about(night: str, kind: Kind = "list", **more) -> About:
    reason = "no extract came until 05:30; \t= café \U0001f3e8" if kind == "fallback" else ""
    told = {"model": MODEL, "capacity": 10, "control": 1, "quarantined": 2, **more}
    return About("hotel", night, COLUMNS, kind, reason, **told)


def handed(
    place: Path, night: str, units: Iterable[int] = range(3), kind: Kind = "list", keep=KEEP
) -> Publication:
    return publish(place, {"list.csv": content(night, units)}, about(night, kind), keep)


def everything(place: Path) -> dict[str, bytes]:
    """Content of each file below a place, by path."""
    return {
        path.relative_to(place).as_posix(): path.read_bytes() for path in place.rglob("*") if path.is_file()
    }


def reseal(folder: Path, told: Mapping[str, Any]) -> None:
    """Give a folder another manifest, and let CURRENT seal it."""
    written = as_json(told)
    properties = as_properties(told, {"manifest.json": hashlib.sha256(written).hexdigest()})
    (folder / "manifest.json").write_bytes(written)
    (folder / "manifest.properties").write_bytes(properties)
    line = f"{folder.name} {hashlib.sha256(properties).hexdigest()}\n"
    (folder.parent / CURRENT).write_text(line)
