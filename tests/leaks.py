"""What the gate looks at, for tests: a problem's table with every feature, and its windows."""

from __future__ import annotations

from dataclasses import replace

from conftest import problem
from vispera.asof import Ledger, snapshots
from vispera.audit import Evidence, Finding, before_fit
from vispera.feature import FeatureSpec, build
from vispera.problem import Problem
from vispera.split import folds
from vispera.table import Table

EVERYTHING = FeatureSpec(rates="all", recent="all", books="all", sources="all")


def evidence(asked: Problem, spec: FeatureSpec = EVERYTHING, table: Table | None = None) -> Evidence:
    """Evidence of a problem's own table, or of another one in its place."""
    table = asked.load() if table is None else table
    horizon = asked.split.horizon_days
    at = snapshots(table, {horizon})
    rows = build(table, at, spec, Ledger(table, horizon))
    return Evidence(asked, spec, table, at, rows, folds(asked.split, table))


def of(name: str, *overrides: str, spec: FeatureSpec = EVERYTHING) -> Evidence:
    """Evidence of a problem by its name, some of its keys changed."""
    return evidence(problem(name, *overrides), spec)


def refusals(seen: Evidence) -> list[Finding]:
    """Findings of the checks before the fit that refuse."""
    return [finding for finding in before_fit(seen) if finding.refuses]


def with_rows(seen: Evidence, **columns) -> Evidence:
    """The same evidence from a table some of whose columns are others."""
    changed = replace(seen.table, rows=seen.table.rows.assign(**columns))
    return evidence(seen.problem, seen.spec, changed)
