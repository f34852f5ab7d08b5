"""The gate: what it finds before a fit and after evaluation, and how it is waived."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conftest import problem
from vispera.audit import Waiver, after_evaluation, as_json, before_fit, gate
from vispera.decision import Decision
from vispera.errors import GateRefused, UsageError
from vispera.feature import FeatureSpec


def test_a_clean_problem_has_no_finding():
    assert before_fit(problem("simulated"), FeatureSpec(rates="all", recent="all", books="all")) == []


def test_a_column_known_too_late_is_refused_by_name():
    found = before_fit(problem("simulated"), FeatureSpec(facts=("hotel", "country", "adr")))
    with pytest.raises(GateRefused) as refusal:
        gate(found, Waiver())
    told = "\n".join(refusal.value.faults)
    assert "feature 'country' is known at check_in" in told
    assert "feature 'adr' is known at mutable" in told
    assert 'audit.waive=[not_yet_known] audit.reason="..."' in told
    gate(found, Waiver(waive=("not_yet_known",), reason="to show what it does"))


def test_a_score_above_the_ceiling_is_refused_by_its_lower_bound():
    real = problem("hotel", "data.path=absent")
    window = {"metrics": {"roc_auc": {"low": 0.79}}}
    assert [f.check for f in after_evaluation(real, {"test": window})] == ["above_ceiling"]
    assert after_evaluation(real, {"test": {"metrics": {"roc_auc": {"low": 0.77}}}}) == []
    assert after_evaluation(real, {"test": {"metrics": {"roc_auc": {"low": None}}}}) == []
    assert after_evaluation(real, {"tuning-1": window}) == []


def test_a_random_split_and_missing_decision_fields_are_warnings():
    loose = problem("simulated", "problem.split.kind=random")
    found = before_fit(replace(loose, decision=Decision(capacity=10)), FeatureSpec())
    assert {f.check for f in found} == {"random_split", "decision_fields"}
    assert not any(f.refuses for f in found)
    assert "question" in found[1].evidence
    gate(found, Waiver())
    assert as_json(found, Waiver())["findings"][0]["check"] == "random_split"


def test_a_waiver_needs_a_known_name_and_a_reason():
    with pytest.raises(UsageError) as refusal:
        Waiver(waive=("not_yet_knwon",))
    assert "closest: 'not_yet_known'" in refusal.value.faults[0]
    assert "needs a reason" in refusal.value.faults[1]
