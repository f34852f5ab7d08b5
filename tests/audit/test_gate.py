"""The gate: what it finds before a fit and after evaluation, and how it is waived."""

from __future__ import annotations

from dataclasses import replace

import pytest

import leaks
from conftest import problem
from vispera.audit import AuditSettings, Finding, after_evaluation, as_json, before_fit, gate, way_on
from vispera.decision import Decision
from vispera.errors import GateRefused, UsageError
from vispera.feature import FeatureSpec


def test_a_column_known_too_late_is_refused_by_name(cache):
    spec = FeatureSpec(facts=("hotel", "country", "adr"))
    found = before_fit(leaks.of("simulated", f"data.cache={cache}", spec=spec))
    with pytest.raises(GateRefused) as refusal:
        gate(found, AuditSettings())
    told = "\n".join(refusal.value.faults)
    assert "feature 'country' is declared as known at check-in, after the scoring night" in told
    assert "feature 'adr' is declared as mutable: the table holds its last value" in told
    assert 'audit.waive=[not_yet_known,changes_later] audit.reason="..."' in told or "alone_decides" in told
    names = tuple({finding.check for finding in found if finding.refuses})
    gate(found, AuditSettings(waive=names, reason="to show what it does"))
    with pytest.raises(GateRefused):
        gate(found, AuditSettings(waive=names[1:], reason="only some of them"))


def test_what_to_type_names_all_that_refuses_and_keeps_what_was_waived():
    stops = [Finding("label_in_name", "x"), Finding("from_position", "y"), Finding("label_in_name", "z")]
    typed = way_on(stops, AuditSettings(waive=("alone_decides",), reason="known"))
    assert "audit.waive=[alone_decides,label_in_name,from_position] " in typed


def test_a_score_above_the_ceiling_is_refused_by_its_lower_bound():
    real = problem("hotel", "data.path=absent")

    def found(window, value, low):
        return after_evaluation(real, {window: {"metrics": {"roc_auc": {"value": value, "low": low}}}})

    assert [finding.check for finding in found("test", 0.82, 0.79)] == ["above_ceiling"]
    assert found("test", 0.82, 0.77) == []
    assert found("test", None, None) == []
    assert [finding.check for finding in found("test", 0.82, None)] == ["above_ceiling"]  # no interval made
    assert found("tuning-1", 0.82, 0.79) == []


def test_a_random_split_and_missing_decision_fields_are_warnings(cache):
    seen = leaks.of("simulated", "problem.split.kind=random", f"data.cache={cache}")
    loose = replace(seen, problem=replace(seen.problem, decision=Decision(capacity=10, ceiling=0.8)))
    found = [finding for finding in before_fit(loose) if finding.check != "order_predicts"]
    assert [finding.check for finding in found] == ["random_split", "decision_fields"]
    assert not any(finding.refuses for finding in found)
    assert "question" in found[1].evidence
    gate(found, AuditSettings())
    written = as_json(found, AuditSettings(), ["lead_time"])
    assert written["findings"][0]["check"] == "random_split"
    assert written["features"] == ["lead_time"]
    assert written["skip"] is False


def test_a_waiver_needs_a_known_name_and_a_reason():
    with pytest.raises(UsageError) as refusal:
        AuditSettings(waive=("not_yet_knwon",))
    assert "closest: 'not_yet_known'" in refusal.value.faults[0]
    assert "audit.waive needs a reason" in refusal.value.faults[1]
    with pytest.raises(UsageError, match=r"audit\.skip needs a reason"):
        AuditSettings(skip=True, reason="  ")
