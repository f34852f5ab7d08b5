"""What the lists did to whom, and why: reasons, and fairness by the columns that the problem permits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from vispera.report.feasibility.basis import Basis
from vispera.report.feasibility.claim import Claims
from vispera.report.feasibility.source import Source

REASONS, FAIRNESS = "reasons.json", "fairness.json"
COUNTS = ("units", "lost")
SHARES = ("called_share", "reached_share", "disturbed_share")
GAP = "reached_share"
"""The share that groups are held against each other by: of those lost, how many were called."""
SHOWN_REASONS = 5


def gather(claims: Claims, basis: Basis) -> dict[str, Any]:
    """Claims about both, and the names that they are about; None for what the replay does not hold."""
    replay = basis.replay
    return {
        "reasons": _reasons(claims, replay) if replay.has(REASONS) else None,
        "fairness": _fairness(claims, replay) if replay.has(FAIRNESS) else None,
    }


def _reasons(claims: Claims, replay: Source) -> dict[str, Any]:
    rows, declined = replay.place(REASONS, "rows"), bool(replay.at(REASONS, "declined"))
    claims.add("listed", "count", rows)
    themes = [] if declined else list(replay.at(REASONS, "themes"))[:SHOWN_REASONS]
    for theme in themes:
        first = replay.place(REASONS, "themes", theme, "first")
        claims.add(f"reason.{theme}", "percent", first, rows, how="ratio", digits=0)
    return {"declined": declined, "themes": themes}


def _fairness(claims: Claims, replay: Source) -> dict[str, Any]:
    columns: Mapping[str, Any] = replay.at(FAIRNESS, "columns")
    claims.add("least_units", "count", replay.place(FAIRNESS, "least_units"))
    gaps = {column: _column(claims, replay, column, told) for column, told in columns.items()}
    known = {column: gap for column, gap in gaps.items() if gap is not None}
    return {
        "columns": {column: len(told["groups"]) for column, told in columns.items()},
        "widest": max(known, key=known.__getitem__, default=None),
    }


def _column(claims: Claims, replay: Source, column: str, told: Mapping[str, Any]) -> float | None:
    """How far the groups of a column lie apart; None where fewer than two are large enough to say."""
    for number, group in enumerate(told["groups"]):
        _group(claims, replay, column, number, _shown(group))
    gap = told["differences"].get(GAP) or {}
    if gap.get("value") is None:
        return None
    at = partial(replay.place, FAIRNESS, "columns", column, "differences", GAP)
    claims.add(f"gap.{column}", "points", at("value"), digits=0)
    for end in ("least", "greatest"):
        claims.add(f"gap_{end}.{column}", "group", at(end))
    return gap["value"]


def _shown(group: Mapping[str, Any]) -> Iterable[str]:
    """What is told of a group; of one so small that somebody might be recognised nothing but its name."""
    return () if group.get("suppressed") else (*COUNTS, *SHARES)


def _group(claims: Claims, replay: Source, column: str, number: int, shown: Iterable[str]) -> None:
    at = partial(replay.place, FAIRNESS, "columns", column, "groups", number)
    claims.add(f"group.{column}.{number}", "group", at("level"))
    for name in shown:
        if name in COUNTS:
            claims.add(f"{name}.{column}.{number}", "count", at(name))
        else:
            claims.interval(f"{name}.{column}.{number}", "percent", at(name), 0)
