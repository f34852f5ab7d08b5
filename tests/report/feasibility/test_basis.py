"""Which runs a report is made from: the newest replay, its recipe's run, the best of each other model."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reported import basis_of, change, copied, declared, of_verb, told_of
from vispera.errors import UsageError
from vispera.files import read_json, write_json
from vispera.record import RunRecord, read_all
from vispera.report.feasibility import Report
from vispera.report.feasibility.basis import choose, pinned

PLACE = ("headline", 0, "value")


@pytest.fixture
def own(recorded, tmp_path) -> Path:
    return copied(recorded, tmp_path / "home")


def another(home: Path, of: RunRecord, day: str = "20991231", **changed) -> str:
    """A copy of a run under a later id, with other values in its record; its id."""
    name = re.sub(r"^\d{8}", day, of.id)
    folder = copied(of.folder, home / "experiments" / name)
    record = {**read_json(folder / "record.json"), "id": name, **changed}
    write_json(folder / "record.json", record)
    return name


def ids(basis) -> dict:
    part = lambda name: name.rpartition("/")[2] if name else None  # noqa: E731
    return {
        key: [part(one) for one in found] if isinstance(found, list) else part(found)
        for key, found in basis.names.items()
    }


def scored(record: RunRecord, value: float) -> list:
    """Its headline with another log-loss on the tuning windows."""
    headline = read_json(record.folder / "record.json")["headline"]
    changed = [
        {**one, "value": value} if (one["name"], one["window"]) == ("log_loss", "tuning") else one
        for one in headline
    ]
    assert changed != headline
    return changed


def test_the_replay_its_run_and_the_other_model(recorded):
    replay, judged, other = (
        of_verb(recorded, *one) for one in (("replay",), ("train", "logistic"), ("train", "rule"))
    )
    assert replay.parent == judged.id
    chosen = {"replay": replay.id, "run": judged.id, "others": [other.id], "once": None, "refused": []}
    assert ids(basis_of(recorded)) == chosen
    assert basis_of(recorded).simulated is True


def test_the_newest_finished_replay_counts_and_a_named_one_before_it(own):
    first = of_verb(own, "replay")
    second = another(own, first)
    another(own, first, "20991230", state="failed")
    assert ids(basis_of(own))["replay"] == second
    assert ids(basis_of(own, replay=first.id))["replay"] == first.id


def test_the_run_whose_recipe_was_replayed_counts_and_not_a_newer_one_of_its_model(own):
    judged = of_verb(own, "train", "logistic")
    newer = another(own, judged)
    assert ids(basis_of(own))["run"] == judged.id
    change(of_verb(own, "replay").folder / "record.json", "parent", to=None)
    assert ids(basis_of(own))["run"] == newer


def test_of_another_model_the_best_on_the_tuning_windows_counts(own):
    rule = of_verb(own, "train", "rule")
    better = another(own, rule, "20200101", headline=scored(rule, 0.1))
    another(own, rule, "20991231", headline=scored(rule, 9.0))
    assert ids(basis_of(own))["others"] == [better]


@pytest.mark.parametrize(
    "changed", [{"trial": 3}, {"state": "failed"}, {"problem": "hotel"}, {"comparison_key": "x"}]
)
def test_trials_and_runs_that_failed_or_answer_another_question_are_left_out(own, changed):
    rule = of_verb(own, "train", "rule")
    another(own, rule, headline=scored(rule, 0.1), **changed)
    assert ids(basis_of(own))["others"] == [rule.id]


def test_other_models_stand_by_how_good_they_are(own):
    rule = of_verb(own, "train", "rule")
    best = another(own, rule, "20200101", headline=scored(rule, 0.1), model="extra_trees")
    worst = another(own, rule, "20200102", headline=scored(rule, 9.0), model="prior")
    assert ids(basis_of(own))["others"] == [best, rule.id, worst]


def test_named_runs_stand_as_they_are_named(own):
    rule, logistic = (of_verb(own, "train", model).id for model in ("rule", "logistic"))
    assert ids(basis_of(own, runs=(rule,))) | {"replay": ""} == {
        "replay": "", "run": rule, "others": [], "once": None, "refused": []}  # fmt: skip
    assert ids(basis_of(own, runs=(rule, logistic[-6:])))["others"] == [logistic]


def never(home: Path, **changed) -> str:
    """A replay of the same nights whose models were fitted once."""
    name = another(home, of_verb(home, "replay"), "20200101")
    told = home / "experiments" / name / "replay.json"
    for key, value in {"refit": "never", **changed}.items():
        change(told, key, to=value)
    return name


def test_a_replay_of_the_same_nights_without_refits_tells_whether_refitting_pays(own):
    once = never(own)
    basis = basis_of(own)
    assert ids(basis)["once"] == once
    told = told_of(own)
    assert told.claims["once_value"].places[0].startswith(f"experiments/{once}/replay.json#/")
    card = Report(told, "en").section("roles").html
    assert 'data-claim="once_value"' in card
    assert "refit=never" not in card


@pytest.mark.parametrize(
    "changed", [{"capacity": 3}, {"order": "risk"}, {"control_share": 0.1}, {"knowledge": "artefact"}]
)
def test_one_that_was_made_otherwise_tells_nothing_about_refits(own, changed):
    never(own, **changed)
    assert ids(basis_of(own))["once"] is None


def test_a_replay_without_refits_is_not_held_against_itself(own):
    change(of_verb(own, "replay").folder / "replay.json", "refit", to="never")
    never(own)
    assert ids(basis_of(own))["once"] is None


def test_refused_runs_are_counted_and_told(own):
    refused = another(own, of_verb(own, "train", "rule"), state="refused", error="alone_decides: adr, 0.99")
    assert ids(basis_of(own))["refused"] == [refused]
    told = told_of(own)
    assert told.claims["refused"].value == 1
    data = Report(told, "en").section("data").html
    assert refused in data
    assert "alone_decides: adr, 0.99" in data


def refusal(
    home: Path, problem: str = "simulated", replay: str | None = None, runs: tuple[str, ...] = ()
) -> str:
    with pytest.raises(UsageError) as refused:
        choose(read_all(home / "experiments"), problem, replay, runs)
    (line,) = refused.value.faults
    assert "\n" not in line
    return line


def test_what_no_report_can_be_made_from_is_refused_in_a_line(own):
    replay, rule = of_verb(own, "replay").id, of_verb(own, "train", "rule").id
    assert "vispera replay problem=hotel run=best" in refusal(own, "hotel")
    assert "wanted a finished replay of simulated" in refusal(own, replay=rule)
    assert "wanted a finished replay of hotel" in refusal(own, "hotel", replay=replay)
    assert "wanted a finished run of train of simulated" in refusal(own, runs=(replay,))
    assert "'zzz'" in refusal(own, replay="zzz")
    for model in ("rule", "logistic"):
        change(of_verb(own, "train", model).folder / "record.json", "state", to="failed")
    assert "python train.py problem=simulated model=logistic" in refusal(own)


def test_fields_that_numbers_rest_on_are_those_of_the_replay(recorded):
    basis = basis_of(recorded)
    assert pinned(declared().decision, basis) == []
    other = declared(
        "problem.decision.capacity=12", "problem.decision.ceiling=0.7", "problem.decision.slices=[hotel]"
    )
    lines = pinned(other.decision, basis)
    assert [line.split()[0] for line in lines] == [
        f"problem.decision.{name}" for name in ("capacity", "ceiling", "slices")
    ]
    assert "capacity is 12, and the replay was made with 10; type: vispera replay" in lines[0]
    words = declared("problem.decision.kill_rule={es: no, en: stop}").decision
    assert pinned(words, basis) == []
