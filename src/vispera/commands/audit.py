"""``vispera audit``: the leakage findings of a problem and a feature list, without training."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vispera import audit, workspace
from vispera.asof import Ledger
from vispera.audit import CHECKS, AuditSettings, Evidence, Finding
from vispera.commands.data import DataSettings
from vispera.errors import GateRefused, UsageError
from vispera.feature import faults
from vispera.fitting import Recipe, prepare
from vispera.invocation import Invocation
from vispera.problem import Problem
from vispera.progress import Progress
from vispera.publication import publish_json
from vispera.split import folds


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """What ``vispera audit`` takes; ``json`` prints what a run would keep as audit.json."""

    problem: Problem
    model: Recipe
    data: DataSettings
    audit: AuditSettings = field(default_factory=AuditSettings)
    seed: int = 0
    threads: int = 2
    json: bool = False
    publish: Path | None = None

    def __post_init__(self):
        if told := faults(self.model.features, self.problem.schema):
            raise UsageError(*(f"model.{fault}" for fault in told))


def run(arguments: Arguments, invocation: Invocation) -> int:
    """0 if a run would pass before its fit, else 3; every finding is printed."""
    problem, recipe, settings = arguments.problem, arguments.model, arguments.audit
    with Progress(total=3, label="audit") as progress:
        progress.step(f"read the table of {problem.name}")
        table = problem.load()
        horizon = problem.split.horizon_days
        progress.step("build the features")
        material = prepare(table, recipe, Ledger(table, horizon), horizon)
        progress.step("look for leaks")
        windows = folds(problem.split, table)
        seen = Evidence(problem, recipe.features, table, material.at, material.rows, windows)
        findings = audit.before_fit(seen)
    features = list(material.rows.x)
    told = audit.as_json(findings, settings, features)
    if arguments.publish:
        publish_json(told, workspace.root() / arguments.publish)
    if arguments.json:
        print(json.dumps(told, indent=1, ensure_ascii=False))
    else:
        marked = " (SIMULATED)" if problem.simulated else ""
        print(f"{problem.name}{marked}: {len(table):,} bookings, {len(features)} features of {recipe.name}")
        print(*lines(findings, settings), sep="\n")
    stops = [finding for finding in findings if settings.stops(finding)]
    if not stops:
        return 0
    print(f"\na run would be refused; {audit.way_on(stops, settings)}", file=sys.stderr)
    return GateRefused.exit_code


def lines(findings: Sequence[Finding], settings: AuditSettings) -> Iterator[str]:
    """A line for each finding, and one for each check that found nothing."""
    width = max(map(len, CHECKS))
    for check, looks_for in CHECKS.items():
        mine = [finding for finding in findings if finding.check == check]
        for finding in mine:
            yield f"{_verdict(finding, settings):<8} {check:<{width}}  {finding.evidence}"
        if check == "above_ceiling":
            yield f"{'later':<8} {check:<{width}}  {looks_for}: told after an evaluation"
        elif not mine:
            yield f"{'ok':<8} {check:<{width}}  not found: {looks_for}"


def _verdict(finding: Finding, settings: AuditSettings) -> str:
    if settings.stops(finding):
        return "REFUSED"
    return "waived" if finding.refuses else "warning"
