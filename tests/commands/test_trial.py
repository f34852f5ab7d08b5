"""One trial: what it leaves, how it ends, and that nothing of the test window reaches it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from vispera.asof import Ledger
from vispera.clock import dates
from vispera.commands import trial
from vispera.commands.train import Arguments
from vispera.door.application import composed
from vispera.door.building import as_plain, build, without_hydra
from vispera.fitting import prepare
from vispera.invocation import Invocation
from vispera.record import read_all
from vispera.results import keys
from vispera.search import Result

SMALL = ("problem.settings.rows=6000", "threads=1", "tracker=none")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("VISPERA_HOME", str(tmp_path))
    return tmp_path


def configured(*words: str, bars: str = "") -> tuple[Arguments, Invocation]:
    part = f"search.part={{sweep:s,number:3,stop_above:[{bars}]}}"
    config = as_plain(without_hydra(composed("train", [*SMALL, *words, part])))
    return build(Arguments, config), Invocation("train", words, config, 3)


class Made(trial.Workshop):
    """Gives a bench that was made by hand."""

    def __init__(self, bench: trial.Bench):
        self.made = bench

    def bench(self, arguments, config):
        return self.made


def tried(arguments: Arguments, invocation: Invocation, bench: trial.Bench | None = None):
    told: list[float] = []
    workshop = Made(bench) if bench else trial.Workshop()
    result = trial.run(arguments, invocation, workshop, lambda window, so_far: told.append(so_far))
    return result, told


@pytest.mark.parametrize("model", ["rule", "logistic"])
def test_nothing_of_the_rows_that_the_test_window_scores_changes_a_trial(model):
    arguments, invocation = configured(f"model={model}")
    bench = trial.made(arguments)
    table, rng = bench.table, np.random.default_rng(0)
    scored = bench.windows[-1].scores(table, bench.material.at)
    at = np.unique(bench.material.at.position[scored])
    rows = table.rows.copy()
    rows.loc[at, "cancelled"] = ~rows.loc[at, "cancelled"]
    moved = np.maximum(table.booked[at], table.arrival[at] - 14) + rng.integers(1, 400, len(at))
    rows.loc[at, "outcome_date"] = dates(moved)
    for name in (*table.schema.known("mutable", "check_in"), "reservation_status"):
        rows.loc[at, name] = table.rows[name].to_numpy()[rng.permutation(len(table))[: len(at)]]
    poisoned = replace(table, rows=rows)
    horizon = arguments.problem.split.horizon_days
    material = prepare(poisoned, arguments.model, Ledger(poisoned, horizon), horizon)
    made = replace(bench, table=poisoned, material=material)
    clean, clean_windows = tried(arguments, invocation, bench)
    dirty, dirty_windows = tried(arguments, invocation, made)
    assert clean.state == dirty.state == "finished"
    assert dirty.score == clean.score
    assert dirty_windows == clean_windows


def test_a_trial_is_comparable_with_a_full_run_and_looks_at_no_test_window():
    arguments, invocation = configured("model=rule")
    bench = trial.made(arguments)
    result, told = tried(arguments, invocation, bench)
    (record,) = read_all(trial.workspace.experiments())
    assert result == Result(state="finished", score=told[-1], seconds=result.seconds, run=record.id)
    assert (record.sweep, record.trial, record.test_looks) == ("s", 3, None)
    whole = keys(arguments.problem, bench.material, bench.windows, None)
    assert record.comparison_key == whole["comparison_key"]
    assert len(told) == 4
    found = record.metric("log_loss", "tuning")
    assert found is not None
    assert found["value"] == pytest.approx(told[-1], rel=1e-5)
    assert {path.name for path in record.folder.iterdir()} == {
        "DONE", "config.yaml", "data.json", "environment.json", "record.json", "trial.json",
        *({"code.patch"} if (record.folder / "code.patch").exists() else ()),
    }  # fmt: skip


def test_runs_of_several_seeds_compare_unless_the_seed_draws_the_windows():
    def key_of(*words: str) -> str:
        arguments, _ = configured("model=rule", *words)
        return trial.made(arguments).keys["comparison_key"]

    data = "problem.settings.seed=5"  # the simulated bookings themselves follow from a seed
    assert key_of("seed=1", data) == key_of("seed=2", data)
    random = ("problem.split.kind=random", "problem.split.test_first=null", "problem.split.test_last=null")
    assert key_of("seed=1", data, *random) != key_of("seed=2", data, *random)


def test_a_trial_leaves_each_window_the_earliest_last_and_its_score_is_that_of_all_rows():
    arguments, invocation = configured("model=rule")
    result, told = tried(arguments, invocation)
    (record,) = read_all(trial.workspace.experiments())
    left = json.loads((record.folder / "trial.json").read_text())
    assert [window["name"] for window in left["windows"]] == ["tuning-2", "tuning-3", "tuning-4", "tuning-1"]
    assert left["so_far"] == told
    assert told[0] == left["windows"][0]["log_loss"]
    rows = sum(window["rows"] for window in left["windows"])
    whole = sum(window["rows"] * window["log_loss"] for window in left["windows"])
    assert result.score == pytest.approx(whole / rows)


def test_a_trial_above_the_bar_stops_there_and_says_why():
    arguments, invocation = configured("model=rule", bars="null,0.0001,null,null")
    result, told = tried(arguments, invocation)
    assert result.state == "pruned"
    assert len(told) == 2
    assert "after window tuning-3, above 0.0001" in (result.reason or "")
    (record,) = read_all(trial.workspace.experiments())
    assert record.state == "pruned"


def test_what_a_trial_raises_is_its_own_failure():
    arguments, invocation = configured(
        "model=rule", "model.estimator.columns=[lead_time]", "model.features.facts=none"
    )
    result, told = tried(arguments, invocation)
    assert result.state == "failed"
    assert result.reason
    assert told == []
    (record,) = read_all(trial.workspace.experiments())
    assert record.state == "failed"
    assert record.error == result.reason
