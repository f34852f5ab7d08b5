"""What the model uses and what the lists did to whom: importance, reasons, fairness by permitted slices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vispera.report.feasibility.basis import Basis
from vispera.report.feasibility.claim import Claims

SHARES = ("called_share", "reached_share", "disturbed_share", "precision")
SHOWN_REASONS = 5


def gather(claims: Claims, basis: Basis) -> dict[str, Any]:
    """Claims about reasons and fairness, where the replay holds them; the names that they are about."""
    return {"reasons": _reasons(claims, basis), "fairness": _fairness(claims, basis)}


def _reasons(claims: Claims, basis: Basis) -> dict[str, Any] | None:
    replay = basis.replay
    if not replay.has("reasons.json"):
        return None
    rows = replay.place("reasons.json", "rows")
    claims.add("listed", "count", rows)
    told = replay.at("reasons.json")
    if told["declined"]:
        return {"declined": True, "themes": []}
    themes = list(told["themes"])[:SHOWN_REASONS]
    for theme in themes:
        claims.add(
            f"reason.{theme}",
            "percent",
            replay.place("reasons.json", "themes", theme, "first"),
            rows,
            how="ratio",
            digits=0,
        )
        claims.add(
            f"reason_any.{theme}",
            "percent",
            replay.place("reasons.json", "themes", theme, "any"),
            rows,
            how="ratio",
            digits=0,
        )
    return {"declined": False, "themes": themes}


def _fairness(claims: Claims, basis: Basis) -> dict[str, Any] | None:
    replay = basis.replay
    if not replay.has("fairness.json"):
        return None
    columns: Mapping[str, Any] = replay.at("fairness.json", "columns")
    claims.add("least_units", "count", replay.place("fairness.json", "least_units"))
    found: dict[str, Any] = {}
    for column, told in columns.items():
        for number in range(len(told["groups"])):
            where = ("columns", column, "groups", number)
            claims.add(f"group.{column}.{number}", "group", replay.place("fairness.json", *where, "level"))
            if told["groups"][number].get("suppressed"):
                continue  # so few that they might be recognised
            for count in ("units", "lost", "called", "caught"):
                claims.add(
                    f"{count}.{column}.{number}", "count", replay.place("fairness.json", *where, count)
                )
            for share in SHARES:
                claims.interval(
                    f"{share}.{column}.{number}", "percent", replay.place("fairness.json", *where, share), 0
                )
        gap = told["differences"].get("reached_share")
        if gap and gap["value"] is not None:
            where = ("columns", column, "differences", "reached_share")
            claims.add(f"gap.{column}", "points", replay.place("fairness.json", *where, "value"), digits=0)
            for end in ("least", "greatest"):
                claims.add(f"gap_{end}.{column}", "group", replay.place("fairness.json", *where, end))
        found[column] = {"groups": len(told["groups"]), "gap": gap["value"] if gap else None}
    widest = max(
        (name for name in found if found[name]["gap"] is not None),
        key=lambda name: found[name]["gap"],
        default=None,
    )
    return {"columns": found, "widest": widest}
