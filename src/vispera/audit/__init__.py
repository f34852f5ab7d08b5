"""The leakage gate: findings before the fit and after the evaluation, and what was waived.

One module a check, each with one function ``find(seen) -> findings``; `CHECKS` says what each finds. A
finding that refuses stops the run unless it is waived by name with a reason, which the record keeps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from vispera.audit import (
    alone_decides,
    changes_later,
    declared,
    from_position,
    label_in_name,
    not_yet_known,
    order_predicts,
    out_of_order,
    twins_across_split,
)
from vispera.audit.evidence import Evidence
from vispera.audit.finding import CHECKS, AuditSettings, Finding
from vispera.errors import GateRefused
from vispera.problem import Problem

__all__ = [
    "CHECKS",
    "AuditSettings",
    "Evidence",
    "Finding",
    "after_evaluation",
    "as_json",
    "before_fit",
    "gate",
]

SCHEMA = 1
BEFORE_FIT = (
    not_yet_known,
    from_position,
    alone_decides,
    twins_across_split,
    changes_later,
    label_in_name,
    out_of_order,
    order_predicts,
    declared,
)
"""The checks that need no fit, in the order in which they are told."""


def before_fit(seen: Evidence) -> list[Finding]:
    """Findings of every check that needs no fit."""
    return [finding for check in BEFORE_FIT for finding in check.find(seen)]


def after_evaluation(problem: Problem, windows: Mapping[str, Any]) -> list[Finding]:
    """Findings on what a run reached: better than the problem's ceiling is a leak until shown otherwise.

    The lower end of the interval counts, or the value itself where no interval was made.
    """
    ceiling = problem.decision.ceiling
    if ceiling is None:
        return []
    reached = {name: windows[name]["metrics"]["roc_auc"] for name in ("tuning", "test") if name in windows}
    least = {name: auc["value"] if auc["low"] is None else auc["low"] for name, auc in reached.items()}
    return [
        Finding(
            "above_ceiling", f"ROC AUC in window '{name}' is at least {low:.3f}, above the ceiling {ceiling}"
        )
        for name, low in least.items()
        if low is not None and low > ceiling
    ]


def gate(findings: Iterable[Finding], settings: AuditSettings) -> None:
    """Nothing, if no finding stops the run; GateRefused with every one that does else."""
    stops = [finding for finding in findings if settings.stops(finding)]
    if stops:
        raise GateRefused(
            *(f"{finding.check}: {finding.evidence}" for finding in stops), way_on(stops, settings)
        )


def way_on(stops: Iterable[Finding], settings: AuditSettings) -> str:
    """What to type to go on in spite of findings."""
    names = ",".join(dict.fromkeys([*settings.waive, *(finding.check for finding in stops)]))
    return f'to go on all the same, type audit.waive=[{names}] audit.reason="..."'


def as_json(findings: Iterable[Finding], settings: AuditSettings, features: Iterable[str]) -> dict[str, Any]:
    """Content of ``audit.json``: the features looked at, findings, what was waived and why."""
    return {
        "schema": SCHEMA,
        "features": list(features),
        "findings": [asdict(finding) for finding in findings],
        **asdict(settings),
    }
