"""Viable, not viable, or not yet: the answer that the declared rules give, and what would change it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from vispera.report.feasibility.claim import Claims

Answer = Literal["viable", "not_viable", "not_yet"]


def judge(claims: Claims, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The answer, why, and what would change it, as names of texts (``report.verdict.*``).

    The kill rule comes first: where no way of calling is worth more than calling nobody beyond the noise, the
    answer is no. Then whatever keeps a number from being believed, and the success rule: the lists are worth
    more a night than the hotel's own rule, its paired interval above zero.
    """
    calls, table, quality = facts["calls"], facts["table"], facts["quality"]
    if calls["stop"]:
        return {"answer": "not_viable", "because": "stop", "changes": _changes(claims, calls)}
    doubt = _doubt(claims, table, quality)
    because = doubt or _success(claims)
    answer: Answer = "not_yet" if because else "viable"
    return {"answer": answer, "because": because or "success", "changes": _changes(claims, calls)}


def _doubt(claims: Claims, table: Mapping[str, Any], quality: Mapping[str, Any]) -> str | None:
    """Why the numbers cannot be believed yet."""
    if table["audit_skipped"]:
        return "no_audit"
    if table["waived"]:
        return "waived"
    ceiling, score = claims.value("ceiling"), claims.value("roc_auc")
    if ceiling is not None and score is not None and score > ceiling:
        return "too_good"
    return "no_test" if quality["window"] != "test" else None


def _success(claims: Claims) -> str | None:
    """Why the success rule is not met; None where it is."""
    if "list_against_own_rule" not in claims.made or claims.value("list_against_own_rule_low") is None:
        return "no_interval"
    if claims.value("list_against_own_rule_low") <= 0:
        return "own_rule"
    return "noise" if claims.value("list_value_low") <= 0 else None


def _changes(claims: Claims, calls: Mapping[str, Any]) -> list[str]:
    """What would change the answer, the most certain first: assumptions in the direction that could."""
    found = []
    if calls["stop"] and "optimistic" in calls["together"]:
        found.append("optimistic")
    if not calls["stop"] and "pessimistic" in calls["together"]:
        low = claims.value("under_pessimistic_low")
        found += [] if low is None else ["pessimistic" if low > 0 else "pessimistic_zero"]
    if calls["worst"]:
        found.append("assumption")
    if calls["recommended"] not in (None, calls["chosen"]):
        found.append("simpler")
    return [*found, "real_calls"]
