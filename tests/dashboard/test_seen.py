"""What is drawn and filtered by follows from the runs that W&B has."""

from __future__ import annotations

import pytest

from vispera.dashboard.seen import Parameter, Ran, comparable, comparisons, figures, parameters
from vispera.dashboard.view import Wanted, name_faults
from vispera.errors import UsageError


def ran(key: str | None = "aa11", state: str = "finished") -> Ran:
    return Ran({"comparison_key": key, "state": state}, {})


def trial(number: int | None, **estimator: object) -> Ran:
    space = {"estimator": {"depth": {"low": 4, "high": 8}, "rate": {"low": 0.1, "high": 1.0, "log": True}}}
    model = {"name": "catboost", "estimator": {"_target_": f"x{number}", **estimator}, "space": space}
    return Ran({"trial": number}, {"model": model, "seed": 0, "environment": {"cores": number}})


def test_parameters_are_what_trials_differ_in_and_nothing_else():
    runs = [trial(0, depth=4, rate=0.1, bins=[1]), trial(1, depth=6, rate=0.1, bins=[2])]
    assert parameters(runs) == [Parameter("model.estimator.depth")]
    runs.append(trial(2, depth=6, rate=0.5))
    assert parameters(runs) == [
        Parameter("model.estimator.depth"),
        Parameter("model.estimator.rate", log=True),
    ]


def test_runs_that_are_no_trials_give_no_parameters():
    assert parameters([trial(None, depth=4), trial(None, depth=6)]) == []
    assert parameters([]) == []


def test_trials_of_two_families_differ_in_their_name_too():
    other = Ran({"trial": 1}, {"model": {"name": "logistic", "estimator": {"strength": 1.0}}})
    assert parameters([trial(0, depth=4), other]) == [Parameter("model.name")]


def test_the_newest_finished_run_says_what_is_compared():
    runs = [ran("cc33", state="failed"), ran("bb22"), ran("aa11"), ran("aa11"), ran(None)]
    assert dict(comparisons(runs)) == {"bb22": 1, "aa11": 2}
    assert comparable(runs, None) == "bb22"
    assert comparable(runs, "aa") == "aa11"
    assert comparable([], None) is None


@pytest.mark.parametrize(
    ("runs", "asked", "told"),
    [
        ([ran("aa11")], "cc", "comparison_key=cc fits none; keys of finished runs: aa11"),
        ([ran("aa11"), ran("aa22")], "aa", "comparison_key=aa fits more than one; keys of finished runs: "),
        ([ran("aa11", state="failed")], "aa", "comparison_key=aa fits none; no run has finished"),
    ],
)
def test_a_key_that_fits_none_or_several_is_refused(runs, asked, told):
    with pytest.raises(UsageError, match=told):
        comparable(runs, asked)


def test_figures_of_all_runs_are_named_once():
    older, newer = {"figures/roc": {}, "tuning/log_loss": 0.2}, {"figures/roc": {}, "figures/a": {}}
    assert figures([Ran(newer, {}), Ran(older, {})]) == ["figures/a", "figures/roc"]


def test_a_view_is_told_from_others_by_the_name_that_people_see():
    def address(name: str, project: str = "p") -> str:
        return Wanted(entity="e", project=project, name=name, filters={}).address

    assert address("vispera: hotel") == address("vispera: hotel", "another")
    assert address("vispera: hotel") != address("vispera: clinic")
    prefix, digits, suffix = address("vispera: hotel").split("-")
    assert (prefix, len(digits), suffix) == ("nw", 11, "v")


def test_signs_that_the_server_takes_in_no_name_are_told():
    assert name_faults("vispera: hotel, año 2026 (primera)") == []
    assert name_faults("a $ + b") == ["name=a $ + b: W&B takes no $ + in the name of a view"]
