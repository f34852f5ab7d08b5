"""``run=best``: the run of the lowest tuning log-loss, of the newest comparison of a problem."""

from __future__ import annotations

from pathlib import Path

import pytest

from vispera.door.recipe import with_recipe
from vispera.errors import UsageError
from vispera.run import start_run


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("VISPERA_HOME", str(tmp_path))
    return tmp_path


def run(
    tuning: float | None, key: str = "k", *, problem: str = "simulated", test: float = 0.3, **fields
) -> str:
    """Id of a finished run; its number in the order of making is in its name."""
    headline = [{"name": "log_loss", "window": "test", "value": test, "greater_is_better": False}]
    if tuning is not None:
        headline += [{"name": "log_loss", "window": "tuning", "value": tuning, "greater_is_better": False}]
    number = len(list((Path(fields.pop("home")) / "experiments").glob("*")))
    command = [f"problem={problem}", "problem.settings.rows=7000", f"seed={number}", "model=rule"]
    verb, trial = fields.pop("verb", "train"), fields.pop("trial", None)
    with start_run(
        Path(fields.pop("place")),
        name=f"n{number}",
        command=command,
        config={"model": {"name": f"m{number}"}, "seed": number, "threads": 1},
        verb=verb,
        sweep="s" if trial is not None else None,
        trial=trial,
    ) as live:
        live.set(problem=problem, comparison_key=key, headline=headline)
    return live.id


@pytest.fixture
def make(home):
    return lambda tuning, key="k", **fields: run(tuning, key, home=home, place=home / "experiments", **fields)


def chosen(*words: str) -> str:
    """Name of the model of the run that the words mean."""
    given, _ = with_recipe(words)
    return next(word for word in given if word.startswith("seed=")).replace("seed=", "m")


def test_the_lowest_of_the_newest_comparison_is_the_best(make):
    make(0.10, "old")
    make(0.30)
    make(0.20)
    make(0.25)
    assert chosen("run=best") == "m2"


def test_the_test_window_decides_nothing(make):
    make(0.20, test=0.9)
    make(0.30, test=0.1)
    assert chosen("run=best") == "m0"


def test_trials_replays_and_runs_without_a_score_are_no_best_ones(make):
    make(0.30)
    make(0.10, trial=4)
    make(0.10, verb="replay")
    make(None)
    assert chosen("run=best") == "m0"


def test_the_problem_that_is_typed_says_whose(make):
    make(0.20)
    make(0.30, problem="hotel")
    assert chosen("run=best") == "m0"
    assert chosen("run=best", "problem=hotel") == "m1"
    given, _ = with_recipe(["run=best", "problem=hotel", "by=Ana"])
    assert given[0] == "problem=hotel"
    assert given[-2:] == ["run=best", "by=Ana"], "the run's own words say which problem"


def test_without_any_it_says_what_to_type(make):
    make(0.20, problem="hotel")
    with pytest.raises(
        UsageError, match=r"'simulated' has no finished run; type: python train\.py problem=simulated"
    ):
        with_recipe(["run=best"])


def test_a_model_beside_the_best_run_is_refused(make):
    make(0.20)
    with pytest.raises(UsageError, match="model=rule: run=best says which model"):
        with_recipe(["run=best", "model=rule"])


def test_another_rung_of_the_ladder_may_be_typed_beside_the_best_run(make):
    make(0.20)
    words, _ = with_recipe(["run=best", "model@ladder.rule=prior"])
    assert "model@ladder.rule=prior" in words
