"""``python train.py -m``: a search by the real command: killed, interrupted, gone on with, launched."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from searched import SEARCH, SMALL, begun, comes_true, finished, processes_of, runs, table, trials
from typed import train, workspace_in
from vispera.record import read_all


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("searches")


def test_each_trial_is_a_light_run_and_the_best_a_full_one(searched):
    home, done = searched
    light, full = runs(home)
    assert sorted(r.trial for r in light if r.trial is not None) == list(range(8))
    assert {r.state for r in light} <= {"finished", "pruned"}
    assert len({r.comparison_key for r in (*light, *full)}) == 1
    assert not any((r.folder / "model").exists() for r in light)
    assert all((r.folder / "trial.json").is_file() for r in light)
    (best,) = full
    assert best.sweep == light[0].sweep
    assert best.state == "finished"
    assert (best.folder / "model").is_dir()
    score = min(m["value"] for r in light if (m := r.metric("log_loss", "tuning")))
    own = best.metric("log_loss", "tuning")
    assert own is not None
    assert own["value"] == pytest.approx(score, abs=1e-6)
    assert best.test_looks == 1
    chosen = json.loads((best.folder / "search.json").read_text())
    assert chosen["log_loss"]["tuning"] == chosen["score"] == pytest.approx(score, abs=1e-6)
    on_test = best.metric("log_loss", "test")
    assert on_test is not None
    assert chosen["log_loss"]["test"] == on_test["value"]
    assert (chosen["sweep"], chosen["trials"]) == (best.sweep, 8)
    (parent,) = (r for r in light if r.id == best.parent)
    assert parent.trial == chosen["number"]
    assert parent.id == chosen["run"]
    assert all(r.test_looks is None for r in light)
    assert "the lowest of 8 trials" in done.stdout
    assert "on the test window it reaches" in done.stdout


def test_the_terminal_tells_each_trial_and_how_the_whole_stands(searched):
    _, done = searched
    assert "trial 0: 0.2" in done.stderr
    assert "8 of 8 trials" in done.stdout
    assert "pruned" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_search_leaves_its_table_and_figures(searched):
    home, done = searched
    (folder,) = (home / "multirun").glob("rule-*")
    told = json.loads((folder / "search.json").read_text())
    assert [trial["number"] for trial in told["trials"]] == list(range(8))
    assert set(told["space"]) == {"estimator.later_share", "estimator.smoothing"}
    assert told["not_repeatable"] is None
    figures = {path.name for path in (folder / "figures").iterdir()}
    assert figures == {"search_history.png", "search_importance.png", "search_space.png"}
    assert all(name in done.stdout for name in figures)


def test_the_same_command_has_nothing_left_to_do(searched):
    home, _ = searched
    before = len(read_all(home / "experiments"))
    again = train(home, *SEARCH)
    assert again.returncode == 0, again.stderr
    assert "8 of 8 trials" in again.stdout
    assert "kept" in again.stdout
    assert len(read_all(home / "experiments")) == before


@pytest.mark.parametrize("after", [pytest.param("trial 0: ", marks=pytest.mark.slow), "trial 4: "])
def test_a_killed_search_goes_on_to_the_same_table(searched, place, after):
    home = workspace_in(place / f"killed {after[:7]}")
    search = begun(home, after)
    os.killpg(search.pid, signal.SIGKILL)
    finished(search)
    ended = {trial.number for trial in trials(home) if trial.state in ("finished", "pruned")}
    assert ended
    again = train(home, *SEARCH)
    assert again.returncode == 0, again.stderr
    assert f"{len(ended)} trials of an earlier session are kept" in again.stderr
    assert table(home) == table(searched[0])
    light, full = runs(home)
    assert len(full) == 1
    once = [r.trial for r in light if r.trial in ended]
    assert sorted(once) == sorted(ended)


def test_an_interrupted_search_says_how_to_go_on_and_leaves_no_process(searched, place):
    home = workspace_in(place / "interrupted")
    search = begun(home, "trial 1: ")
    search.send_signal(signal.SIGINT)
    code, out, err = finished(search)
    assert code == 130
    assert "to go on with the rest, type: python train.py -m model=rule" in out
    assert "Traceback" not in err
    assert comes_true(lambda: not processes_of(home))
    again = train(home, *SEARCH)
    assert again.returncode == 0, again.stderr
    assert table(home) == table(searched[0])


@pytest.mark.slow
def test_another_launcher_runs_the_same_trials(searched, place):
    home = workspace_in(place / "joblib")
    done = train(home, *SEARCH, "hydra/launcher=joblib", "hydra.launcher.n_jobs=2")
    assert done.returncode == 0, done.stderr
    assert table(home) == table(searched[0])


@pytest.mark.slow
def test_a_trial_that_fails_is_one_failed_trial_with_its_reason(place):
    home = workspace_in(place / "failing")
    words = ("-m", "model=rule", "search.trials=4", "model.estimator.smoothing=5,-1", *SMALL)
    done = train(home, *words)
    assert done.returncode == 0, done.stderr
    failed = [trial for trial in trials(home) if trial.state == "failed"]
    assert 0 < len(failed) < 4
    assert "smoothing" in done.stderr


@pytest.mark.slow
def test_a_swept_group_makes_one_study_for_each_option(place):
    home = workspace_in(place / "groups")
    done = train(home, "-m", "model=rule,logistic", "search.trials=2", *SMALL)
    assert done.returncode == 0, done.stderr
    assert {r.model for r in runs(home)[1]} == {"rule", "logistic"}
    assert len(list((home / "multirun").glob("*/journal.log"))) == 2


def test_a_key_that_one_of_the_models_lacks_is_told_before_any_is_searched(place):
    home = workspace_in(place / "lacking")
    done = train(home, "-m", "model=rule,logistic", "model.estimator.smoothing=5,9", *SMALL)
    assert done.returncode == 2
    assert done.stderr.count("error: ") == 1
    assert "model=logistic" in done.stderr
    assert read_all(home / "experiments") == []


def test_a_leak_is_refused_before_any_trial(place):
    home = workspace_in(place / "leaking")
    done = train(home, *SEARCH, "problem.settings.leak=opaque")
    assert done.returncode == 3
    assert "alone_decides" in done.stderr
    assert read_all(home / "experiments") == []


def test_a_model_without_a_space_is_refused_with_what_to_type(place):
    home = workspace_in(place / "prior")
    done = train(home, "-m", "model=prior", *SMALL)
    assert done.returncode == 2
    assert "search=grid" in done.stderr


@pytest.mark.slow
def test_two_terminals_share_one_study(place):
    home = workspace_in(place / "shared")
    many = [word.replace("search.trials=8", "search.trials=60") for word in SEARCH]
    one = begun(home, "trial 0: ", *many)
    two = train(home, *many)
    code, out, err = finished(one)
    assert (code, two.returncode) == (0, 0), (err, two.stderr)
    assert sorted(trial.number for trial in trials(home)) == list(range(60))
    light, full = runs(home)
    assert sorted(r.trial for r in light if r.trial is not None) == list(range(60))
    assert "a second process joined" in two.stdout + out
    assert len(full) == 1


def test_the_journal_is_plain_lines_and_holds_no_secret_words(searched):
    (journal,) = (searched[0] / "multirun").glob("*/journal.log")
    assert all(json.loads(line) for line in journal.read_text().splitlines())
