"""Gates that a run's own files answer: its audit, its calibration, in slices too, and its age."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from vispera.audit import AuditSettings, Finding
from vispera.clock import now
from vispera.errors import UsageError
from vispera.evaluate import POOLED
from vispera.record import RunRecord
from vispera.registry.entry import Verdict
from vispera.split import TEST

DAY = 24 * 60 * 60


def window_of(record: RunRecord) -> str:
    """The window by which a run is judged: the test window if it looked at it, else the tuning windows."""
    return TEST if record.test_looks is not None else POOLED


def audited(folder: Path) -> Verdict:
    """Whether the leakage gate was passed, or its findings were waived with a reason."""
    told = _json(folder / "audit.json")
    if told is None:
        return _verdict("audit", False, "there is no audit.json: nobody knows what was looked for")
    try:
        settings = AuditSettings(waive=tuple(told["waive"]), reason=told["reason"], skip=told["skip"])
        findings = [Finding(**finding) for finding in told["findings"]]
        features = len(told["features"])
    except (KeyError, TypeError, UsageError) as damage:
        return _verdict("audit", False, f"audit.json is damaged: {damage!r}")
    if settings.skip:
        return _verdict("audit", False, f"nothing was checked for leaks; the reason given: {settings.reason}")
    if stops := [finding for finding in findings if settings.stops(finding)]:
        return _verdict("audit", False, "; ".join(f"{one.check}: {one.evidence}" for one in stops))
    waived = sorted({finding.check for finding in findings if finding.refuses})
    warned = sorted({finding.check for finding in findings if not finding.refuses})
    evidence = f"{features} features looked at, no leak"
    if waived:
        evidence = (
            f"{features} features looked at, waived: {', '.join(waived)}; the reason: {settings.reason}"
        )
    return _verdict("audit", True, evidence + (f"; warnings: {', '.join(warned)}" if warned else ""))


def calibrated(record: RunRecord, limit: float) -> Verdict:
    """Whether the calibration error of the window is within a limit."""
    window = window_of(record)
    try:
        found = (_json(record.folder / "metrics.json") or {})["windows"][window]["metrics"]["ece"]
        value = float(found["value"])
    except (KeyError, TypeError):
        return _verdict("calibration", False, f"metrics.json holds no calibration error (ECE) of '{window}'")
    interval = "" if found["low"] is None else f" ({found['low']:.4f} to {found['high']:.4f})"
    noise = _ece_of_perfect(record.folder, window)
    by_chance = "" if noise is None else f"; chance alone gives a perfect model up to {noise:.4f}"
    evidence = f"ECE on {window} {value:.4f}{interval}, at most {limit:g} wanted{by_chance}"
    return _verdict("calibration", value <= limit, evidence)


def _ece_of_perfect(folder: Path, window: str) -> float | None:
    try:
        curves = (_json(folder / "curves.json") or {})["windows"][window]
        return float(curves["calibration"]["ece_of_perfect"]["high"])
    except (KeyError, TypeError):
        return None


def sliced(record: RunRecord, limit: float) -> Verdict:
    """Whether the mean prediction of every slice is near what happened in it."""
    window, told = window_of(record), _json(record.folder / "slices.json")
    if told is None:
        return _verdict("slices", False, "there is no slices.json")
    try:
        shown = list(_slices(told, window))
        hidden = sum("suppressed" in one for _, one in shown)
        judged = [(_outside(one), column, one) for column, one in shown if "suppressed" not in one]
    except (KeyError, TypeError) as damage:
        return _verdict("slices", False, f"slices.json is damaged: {damage!r}")
    small = f"; {hidden} are too small to tell" if hidden else ""
    if not judged:
        return _verdict("slices", True, f"no slice of '{window}' is large enough to be judged{small}")
    gap, column, worst = max(judged, key=lambda one: one[0])
    above = sum(one[0] > limit for one in judged)
    evidence = (
        f"{above or 'none'} of {len(judged)} on {window} more than {limit:g} outside its interval{small}; "
        f"furthest out: {column}={worst['level']}, predicted {worst['mean_p']:.3f}, "
        f"happened {worst['rate']:.3f} ({worst['rate_low']:.3f} to {worst['rate_high']:.3f})"
    )
    return _verdict("slices", gap <= limit, evidence)


def _slices(told: Mapping[str, Any], window: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for column, windows in told["columns"].items():
        yield from ((column, one) for one in windows.get(window, ()))


def _outside(one: Mapping[str, Any]) -> float:
    """How far the mean prediction lies outside the interval of what happened; below 0 within it."""
    return max(one["rate_low"] - one["mean_p"], one["mean_p"] - one["rate_high"])


def young(record: RunRecord, limit_days: float) -> Verdict:
    """Whether a run finished not too long ago."""
    try:
        age = (now() - datetime.fromisoformat(str(record.finished))).total_seconds() / DAY
    except ValueError:
        return _verdict("age", False, "the record does not say when the run finished")
    told = "today" if age < 1 else f"{age:.0f} day{'s' * (age >= 1.5)} ago"
    return _verdict("age", age <= limit_days, f"finished {told}, at most {limit_days:g} days wanted")


def _verdict(name: str, passed: bool, evidence: str) -> Verdict:
    return Verdict(name=name, passed=passed, evidence=evidence)


def _json(path: Path) -> dict[str, Any] | None:
    """What a file of the run holds; None if it is not there, or no object."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
