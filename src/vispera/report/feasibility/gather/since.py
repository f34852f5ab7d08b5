"""What was learned since the report before, as differences in claims."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vispera.report.feasibility.claim import Claim, Claims
from vispera.report.feasibility.source import Source

FILE = "report.json"
COMPARED = (
    *("list_value", "list_against_own_rule", "list_calls", "list_caught", "nights"),
    *("roc_auc", "log_loss", "ece", "precision_at_k", "rows", "features", "refused"),
)
"""Claims of which a difference is news, in the order in which it is told."""


def gather(claims: Claims, verdict: Mapping[str, Any], previous: Source | None) -> dict[str, Any] | None:
    """Which claims differ from those of the report before, each of which becomes ``before.<name>``."""
    if previous is None:
        return None
    claims.add("before_number", "count", previous.place(FILE, "number"))
    claims.add("before_date", "date", previous.place(FILE, "date"))
    told: Mapping[str, Any] = previous.at(FILE, "claims")
    names = [name for name in COMPARED if name in told and name in claims.made]
    for name in names:
        _before(claims, previous, name, Claim.of(name, told[name]))
    changed = [name for name in names if claims.value(name) != claims.value(f"before.{name}")]
    return {
        "before": previous.name,
        "answer": previous.at(FILE, "verdict", "answer"),
        "same_answer": previous.at(FILE, "verdict", "answer") == verdict["answer"],
        "changed": changed,
        "same_data": told["data_hash"]["value"] == claims.value("data_hash"),
    }


def _before(claims: Claims, previous: Source, name: str, then: Claim) -> None:
    claims.add(f"before.{name}", then.form, previous.place(FILE, "claims", name, "value"), digits=then.digits)
