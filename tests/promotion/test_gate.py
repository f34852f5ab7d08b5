"""All gates together: what they come to, how they are told, what may be waived."""

from __future__ import annotations

import pytest

from vispera.errors import UsageError
from vispera.promotion.gate import GATES, NEVER_WAIVED, Judged, Limits, faults_of
from vispera.registry.entry import Verdict


def judged(*refused: str, waive: tuple[str, ...] = (), evidence: str = "because") -> Judged:
    return Judged(
        [Verdict(name=name, passed=name not in refused, evidence=evidence) for name in GATES], waive
    )


def test_a_gate_that_refuses_stops_unless_it_is_waived():
    assert judged().refused == judged().waived == ()
    found = judged("audit", "age", waive=("age", "slices"))
    assert found.refused == ("audit",)
    assert found.waived == ("age",), "what passes needs no waiver, and the history shows none"


def test_every_gate_is_a_line_with_what_it_said_and_its_evidence():
    lines = list(judged("audit", "age", waive=("age",)).lines())
    assert [line.split()[1] for line in lines] == list(GATES)
    said = {line.split()[1]: line.split()[0] for line in lines}
    assert (said["audit"], said["age"], said["slices"]) == ("REFUSED", "waived", "pass")
    assert len({line.index("because") for line in lines}) == 1, "evidence stands in one column"


def test_long_evidence_goes_on_below_itself_and_nothing_is_cut():
    evidence = " ".join(f"word-{number}" for number in range(60)) + " " + "x" * 150
    lines = list(judged(evidence=evidence).lines(width=100))
    own = lines[: len(lines) // len(GATES)]
    start = own[0].index("word-0")
    assert " ".join(line[start:] for line in own) == evidence
    assert all(not line[:start].strip() for line in own[1:])
    assert all(len(line) <= 100 for line in own[:-1])


def test_names_that_are_no_gates_or_never_waived_are_told_with_what_to_type():
    assert faults_of(["audit", "age"]) == []
    assert faults_of(["agee", *NEVER_WAIVED]) == [
        "waive: there is no gate 'agee'; closest: 'age'",
        "waive: finished is never waived: without it there is nothing that could be used",
        "waive: loads is never waived: without it there is nothing that could be used",
    ]


def test_limits_that_cannot_be_are_refused_all_at_once():
    with pytest.raises(UsageError) as refusal:
        Limits(ece=-0.1, slice_gap=2, age_days=0, tolerance=1)
    assert [fault.split("=")[0] for fault in refusal.value.faults] == [
        "limits.ece",
        "limits.slice_gap",
        "limits.age_days",
        "limits.tolerance",
    ]
