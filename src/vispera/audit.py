"""The leakage gate: findings before a fit and after evaluation, and what was waived.

Each check is one function that gives findings; a finding that refuses stops the run unless it is waived by
name with a reason, which the record keeps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from vispera.errors import GateRefused, UsageError, nearest
from vispera.feature import FeatureSpec, not_yet_known
from vispera.problem import Problem

SCHEMA = 1
CHECKS = ("not_yet_known", "above_ceiling", "random_split", "decision_fields")
"""Names by which findings are waived."""


@dataclass(frozen=True)
class Finding:
    """What a check found, with its evidence; ``refuses`` tells a leak from a warning."""

    check: str
    evidence: str
    refuses: bool = True


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """Checks whose findings do not stop a run, and why; both are kept in the record."""

    waive: tuple[str, ...] = ()
    reason: str = ""

    def __post_init__(self):
        faults = [
            f"audit.waive: there is no check '{name}'; {nearest(name, CHECKS)}"
            for name in self.waive
            if name not in CHECKS
        ]
        if self.waive and not self.reason.strip():
            faults.append('audit.waive needs a reason; type audit.reason="..."')
        if faults:
            raise UsageError(*faults)


def before_fit(problem: Problem, features: FeatureSpec) -> list[Finding]:
    """Findings that need no fit."""
    found = [
        Finding("not_yet_known", f"feature '{name}' is known at {known}, after the scoring night")
        for name, known in not_yet_known(features, problem.schema).items()
    ]
    if problem.split.kind == "random":
        found.append(
            Finding(
                "random_split", "problem.split.kind=random lets a model learn from the future", refuses=False
            )
        )
    if missing := problem.decision.missing:
        found.append(
            Finding("decision_fields", f"problem.decision lacks {', '.join(missing)}", refuses=False)
        )
    return found


def after_evaluation(problem: Problem, windows: Mapping[str, Any]) -> list[Finding]:
    """Findings on what a run reached: better than the problem's ceiling is a leak until shown otherwise."""
    ceiling = problem.decision.ceiling
    if ceiling is None:
        return []
    lows = {name: window["metrics"]["roc_auc"]["low"] for name, window in windows.items()}
    return [
        Finding(
            "above_ceiling", f"ROC AUC in window '{name}' is at least {low:.3f}, above the ceiling {ceiling}"
        )
        for name, low in lows.items()
        if name in ("tuning", "test") and low is not None and low > ceiling
    ]


def gate(findings: Iterable[Finding], waiver: Waiver) -> None:
    """Nothing, if no finding refuses that is not waived; GateRefused with every one that does else."""
    stops = [finding for finding in findings if finding.refuses and finding.check not in waiver.waive]
    if stops:
        names = ", ".join(sorted({finding.check for finding in stops}))
        raise GateRefused(
            *(f"{finding.check}: {finding.evidence}" for finding in stops),
            f'to go on all the same, type audit.waive=[{names}] audit.reason="..."',
        )


def as_json(findings: Iterable[Finding], waiver: Waiver) -> dict[str, Any]:
    """Content of ``audit.json``: findings, what was waived and why."""
    return {"schema": SCHEMA, "findings": [asdict(finding) for finding in findings], **asdict(waiver)}
