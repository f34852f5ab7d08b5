"""Every leak that the simulator can plant is found by its own check; clean tables pass."""

from __future__ import annotations

import shutil

import pytest

import leaks
from vispera.audit import CHECKS
from vispera.feature import FeatureSpec
from vispera.problem.simulator_leaks import LEAKS

OWN = {
    "country": "changes_later",
    "parking": "alone_decides",
    "status": "alone_decides",
    "last_adr": "changes_later",
    "row_position": "from_position",
    "opaque": "alone_decides",
    "opaque_inverted": "alone_decides",
    "overwritten_fact": "changes_later",
    "backdated_source": "not_yet_known",
    "label_in_name": "label_in_name",
    "redated_twins": "twins_across_split",
    "disordered_dates": "out_of_order",
}
"""The check that each leak is there to try."""
NOT_PLANTED = {"above_ceiling", "order_predicts", "random_split", "decision_fields"}
WITHOUT_COLUMN = {"redated_twins", "disordered_dates"}
"""Leaks that lie in no column of their own."""


def test_every_leak_has_its_check_and_every_check_that_refuses_before_the_fit_a_leak():
    assert set(OWN) == set(LEAKS)
    assert set(OWN.values()) == set(CHECKS) - NOT_PLANTED


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_is_found_by_its_own_check_and_named(cache, leak):
    found = leaks.refusals(leaks.of("simulated", f"data.cache={cache}", f"problem.settings.leak={leak}"))
    mine = [finding for finding in found if finding.check == OWN[leak]]
    assert mine
    source = LEAKS[leak].source
    spoiled = {f"{source}_past_stays", f"{source}_past_cancellations"} if source else set(LEAKS[leak].planted)
    named = {finding.subject for finding in found}
    assert named == ({None} if leak in WITHOUT_COLUMN else spoiled)
    assert all(finding.evidence and (finding.subject or "") in finding.evidence for finding in mine) or source


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("leak", LEAKS)
def test_a_leak_is_found_in_other_worlds_too(tmp_path, leak, seed):
    words = (f"problem.settings.leak={leak}", f"problem.settings.seed={seed}", f"data.cache={tmp_path}")
    assert OWN[leak] in {finding.check for finding in leaks.refusals(leaks.of("simulated", *words))}


@pytest.mark.parametrize("seed", range(20))
def test_a_clean_table_is_not_refused(tmp_path, seed):
    words = (f"problem.settings.seed={seed}", f"data.cache={tmp_path}")
    assert leaks.refusals(leaks.of("simulated", *words)) == []


@pytest.mark.slow
def test_of_two_hundred_further_clean_tables_at_most_one_is_refused(tmp_path, capsys):
    refused = []
    for seed in range(20, 220):
        words = (f"problem.settings.seed={seed}", f"data.cache={tmp_path}")
        if found := leaks.refusals(leaks.of("simulated", *words)):
            refused.append((seed, found))
        shutil.rmtree(tmp_path / "simulated")
    with capsys.disabled():
        print(f"\nclean tables refused by the gate: {len(refused)} of 200 {refused or ''}")
    assert len(refused) <= 1


VARIANTS = [
    *(f"problem.settings.truth={truth}" for truth in ("rule", "noise", "interaction")),
    *(
        f"problem.settings.drift_kind={kind} problem.settings.drift_date=2017-01-01"
        for kind in ("prior", "concept", "feature", "data_bug")
    ),
    "problem.settings.rows=4000",
    "problem.settings.sources=[]",
    "problem.split.kind=random",
]


@pytest.mark.slow
@pytest.mark.parametrize("words", VARIANTS)
def test_another_clean_world_is_not_refused(tmp_path, words):
    assert leaks.refusals(leaks.of("simulated", *words.split(), f"data.cache={tmp_path}")) == []


LATE = {
    "country": "not_yet_known",
    "assigned_room_type": "not_yet_known",
    "required_car_parking_spaces": "not_yet_known",
    "reservation_status": "not_yet_known",
    "adr": "not_yet_known",
}


@pytest.fixture(scope="module")
def real_words(real_place, cache) -> tuple[str, ...]:
    return (f"data.path={real_place}", f"data.cache={cache}")


@pytest.mark.real
def test_the_real_table_is_not_refused_but_its_order_is_told(real_words):
    seen = leaks.of("hotel", *real_words)
    assert leaks.refusals(seen) == []
    assert [finding.check for finding in leaks.before_fit(seen)] == ["order_predicts"]
    names = FeatureSpec(facts=(*seen.problem.schema.permitted, "agent", "company"))
    assert leaks.refusals(leaks.of("hotel", *real_words, spec=names)) == []


@pytest.mark.real
def test_what_is_known_too_late_in_the_real_table_is_named(real_words):
    spec = FeatureSpec(facts=("hotel", "lead_time", *LATE))
    found = leaks.refusals(leaks.of("hotel", *real_words, spec=spec))
    assert {f.subject: f.check for f in found if f.check == "not_yet_known"} == LATE
    shown = {(f.subject, f.check) for f in found}
    assert ("reservation_status", "alone_decides") in shown
    assert ("required_car_parking_spaces", "alone_decides") in shown
    assert ("country", "changes_later") in shown
    assert ("adr", "changes_later") in shown


@pytest.mark.real
def test_the_row_position_of_the_real_table_is_named(real_words):
    integers = "lead_time,nights,adults,children,babies,previous_cancellations,previous_bookings_not_canceled"
    words = (*real_words, f"problem.schema.columns.booking.integer=[{integers},booking_id]")
    seen = leaks.of("hotel", *words, spec=FeatureSpec(facts=("hotel", "booking_id")))
    assert {(f.subject, f.check) for f in leaks.refusals(seen)} == {("booking_id", "from_position")}
