"""The lists under other assumptions, one changed at a time or several, and with other numbers of calls."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from vispera.report.feasibility.claim import Claims, Form
from vispera.report.feasibility.gather.decision import UNITS, decimals
from vispera.report.feasibility.gather.ways import FILE
from vispera.report.feasibility.source import Source

TOGETHER = ("pessimistic", "optimistic")


def gather(claims: Claims, replay: Source) -> dict[str, Any]:
    """Claims about each; which assumption moves the value lowest and which highest."""
    changed: list[Mapping[str, Any]] = replay.at(FILE, "assumptions")
    under = [_assumption(claims, replay, number, one) for number, one in enumerate(changed)]
    alone = [number for number, one in enumerate(changed) if one["name"] not in TOGETHER]
    capacities = range(len(replay.at(FILE, "capacities")))
    for number in capacities:
        _capacity(claims, replay, number)

    def value(number: int) -> float:
        return changed[number]["realised"]["value"]

    ends = {"worst": min(alone, key=value), "best_case": max(alone, key=value)} if alone else {}
    return {
        "together": [one["name"] for one in changed if one["name"] in TOGETHER],
        "worst": None,
        "best_case": None,
        **{end: {"under": under[place], "name": changed[place]["name"]} for end, place in ends.items()},
        "capacities": len(capacities),
    }


def _assumption(claims: Claims, replay: Source, number: int, one: Mapping[str, Any]) -> str:
    """Name of a changed assumption in claims, of which there are several settings."""
    at = partial(replay.place, FILE, "assumptions", number)
    name = one["name"] if one["name"] in TOGETHER else f"{one['name']}_{number}"
    claims.interval(f"under_{name}", "eur", at("realised"))
    if one["setting"] is not None:
        unit: Form = UNITS.get(one["name"], "percent")
        claims.add(f"setting_{name}", unit, at("setting"), digits=decimals(one["setting"], unit))
    return name


def _capacity(claims: Claims, replay: Source, number: int) -> None:
    at = partial(replay.place, FILE, "capacities", number)
    claims.interval(f"calls_up_to_{number}", "eur", at("realised"))
    claims.add(f"capacity_{number}", "count", at("capacity"))
    claims.add(f"capacity_calls_{number}", "count", at("calls"))
