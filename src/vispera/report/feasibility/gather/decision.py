"""What is to be decided, as the problem declares it."""

from __future__ import annotations

from typing import Any

from vispera.report.feasibility.basis import Basis
from vispera.report.feasibility.claim import Claims, Form
from vispera.report.feasibility.source import OWN

COSTS = ("call", "reached", "persuaded", "talked_out", "margin", "resale_ceiling", "resale_days")
UNITS: dict[str, Form] = {"call": "eur", "resale_days": "number"}
TEXTS = ("question", "action", "success_rule", "kill_rule")


def gather(claims: Claims, basis: Basis) -> dict[str, Any]:
    """The decision's numbers and texts as claims; the names of its stakeholders and sources as facts."""
    replay, where = basis.replay, ("problem", "decision")
    claims.add("horizon_days", "count", replay.place("config.yaml", *where, "horizon_days"))
    claims.add("capacity", "count", replay.place("config.yaml", *where, "capacity"))
    claims.add("own_rule", "code", replay.place("config.yaml", *where, "own_rule"))
    claims.add("ceiling", "number", replay.place("config.yaml", *where, "ceiling"), digits=2)
    for name in COSTS:
        place = replay.place("replay.json", "costs", name)
        unit = UNITS.get(name, "percent")
        claims.add(f"cost_{name}", unit, place, digits=decimals(claims.records.resolve(place), unit))
    for name in TEXTS:
        for language in ("es", "en"):
            claims.add(f"{name}_{language}", "text", f"{OWN}#/decision/{name}/{language}")
    sources = claims.records.resolve(f"{OWN}#/decision/data_sources") or {}
    for name, told in sources.items():
        for language in told:
            claims.add(f"source_{name}_{language}", "text", f"{OWN}#/decision/data_sources/{name}/{language}")
    stakeholders = claims.records.resolve(f"{OWN}#/decision/stakeholders")
    claims.add("stakeholders", "count", f"{OWN}#/decision/stakeholders", how="size")
    return {"stakeholders": stakeholders, "sources": list(sources)}


def decimals(value: float, unit: str) -> int:
    """As many decimals as the assumption was typed with, and no more."""
    shown = round(100.0 * value if unit == "percent" else value, 6)
    return 0 if shown == int(shown) else len(f"{shown:.6f}".rstrip("0").partition(".")[2])
