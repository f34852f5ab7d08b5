"""``python train.py -m`` when trials hang, die or are refused, and when all is killed at the worst moment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from searched import SEARCH, SMALL, begun, comes_true, finished, processes_of, runs, table, trials
from typed import environment, train, workspace_in
from vispera.record import RunRecord, read_all

MODEL = """
name: {name}
features: {{facts: [hotel, lead_time], rates: none, recent: none, books: none, sources: none}}
snapshots: [14]
estimator:
  _target_: vispera.model.classifier.Classifier
  seed: ${{seed}}
  threads: ${{threads}}
  later_share: 0.2
  estimator: {estimator}
space:
  estimator:
    estimator: {space}
"""
ENDLESS = {
    "name": "endless",
    "estimator": "{_target_: sklearn.linear_model.SGDClassifier, loss: log_loss, max_iter: 5, tol: null}",
    "space": "{max_iter: [5, 1000000000]}",
}
"""Where its larger value is tried, one loop of C goes on for days, and hears no signal that can be caught."""
GREEDY = {
    "name": "greedy",
    "estimator": "{_target_: sklearn.neural_network.MLPClassifier, hidden_layer_sizes: 2, max_iter: 300, "
    "tol: 0.01}",
    "space": "{hidden_layer_sizes: [2, 1000000000000]}",
}
"""Where its larger value is tried, it asks for more memory than any machine has."""


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("faults")


def described(home: Path, model: dict[str, str]) -> tuple[str, ...]:
    """Words that search a model which is one YAML file of the user's own."""
    folder = home / "mine" / "model"
    folder.mkdir(parents=True)
    (folder / f"{model['name']}.yaml").write_text(MODEL.format(**model))
    return "--config-dir", str(folder.parent), "-m", f"model={model['name']}", *SMALL


def listed(home: Path) -> dict[str, str]:
    """What ``vispera runs`` says of the state of each run."""
    command = [sys.executable, "-m", "vispera", "runs", "limit=null", "trials=true"]
    done = subprocess.run(command, env=environment(home), capture_output=True, text=True, check=True)
    return dict(line.split()[:2] for line in done.stdout.splitlines()[1:])


def heart_of(record: RunRecord) -> int:
    """Number of the process that a run lives in."""
    return json.loads((record.folder / "heartbeat.json").read_text())["pid"]


def endless(home: Path) -> list[RunRecord]:
    """Runs that are within the fit which never ends."""
    fits = (r for r in runs(home)[0] if r.state == "running" and r.phase == "windows")
    return [r for r in fits if r.command[-1].endswith("max_iter=1000000000")]


@pytest.mark.slow
def test_a_trial_that_outruns_its_time_is_one_failed_trial(place):
    home = workspace_in(place / "late")
    done = train(home, *described(home, ENDLESS), "search.trials=4", "search.trial_timeout=15")
    assert done.returncode == 0, done.stderr
    tried = trials(home)
    late = [trial for trial in tried if trial.values["estimator.estimator.max_iter"] > 5]
    assert 0 < len(late) < 4
    assert {(trial.state, trial.reason) for trial in late} == {("failed", "outran 15 s")}
    assert all(trial.state == "finished" for trial in tried if trial not in late)
    assert f"trial {late[0].number}: failed: outran 15 s" in done.stderr
    assert "the same command would not give the same table again: " in done.stdout
    (told,) = (home / "multirun").glob("*/search.json")
    assert "outran 15 s" in json.loads(told.read_text())["not_repeatable"]
    seen = listed(home)
    assert [seen[r.id] for r in runs(home)[0]].count("crashed") == len(late)
    assert set(seen.values()) == {"finished", "crashed"}
    assert processes_of(home) == []


@pytest.mark.slow
def test_a_worker_that_the_system_kills_is_one_failed_trial(place):
    home = workspace_in(place / "killed")
    words = (*described(home, ENDLESS), "tracker=wandb", "search.trials=4")
    search = begun(home, None, *(word for word in words if word != "tracker=none"))
    struck: dict[int, int] = {}

    def all_is_done() -> bool:
        for run in endless(home):
            with suppress(OSError):  # it is being buried
                struck[run.trial or 0] = heart_of(run)
                os.kill(struck[run.trial or 0], signal.SIGKILL)
        return search.poll() is not None

    assert comes_true(all_is_done, 180)
    code, out, err = finished(search)
    assert code == 0, err
    failed = {trial.number: trial.reason for trial in trials(home) if trial.state == "failed"}
    assert 0 < len(failed) < 4
    assert set(failed) == set(struck)
    assert set(failed.values()) == {"killed by the system, as it does when memory runs out"}
    assert f"{4 - len(failed)} finished, {len(failed)} failed" in out
    assert set(listed(home).values()) == {"finished", "crashed"}
    assert comes_true(lambda: not processes_of(home))  # nor a service of W&B's
    cut = [Shown(home, r) for r in runs(home)[0] if r.state == "crashed"]
    assert {(log.group, log.job, log.code) for log in cut} == {(runs(home)[1][0].sweep, "trial", None)}


def test_values_that_a_model_refuses_end_the_search_after_so_many(place):
    home = workspace_in(place / "refused")
    words = ("-m", "model=rule", "search.trials=6", "model.estimator.smoothing=-1,-2", *SMALL)
    done = train(home, *words, "search.max_failures=2")
    assert done.returncode == 1
    (line,) = (line for line in done.stderr.splitlines() if line.startswith("error: "))
    assert line.startswith("error: 2 trials failed, the last for: model.estimator: rule's smoothing is -")
    assert "search.fresh=true, or allow more with search.max_failures=N" in line
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert runs(home) == ([], [])
    assert [trial.state for trial in trials(home)].count("failed") == 2


def test_the_same_command_says_at_once_that_too_many_failed(place):
    home = workspace_in(place / "refused again")
    words = ("-m", "model=rule", "search.trials=6", "model.estimator.smoothing=-1,-2", *SMALL)
    first, again = (train(home, *words, "search.max_failures=2") for _ in range(2))
    assert (first.returncode, again.returncode) == (1, 1)
    assert first.stderr.splitlines()[-1] == again.stderr.splitlines()[-1]
    assert [trial.state for trial in trials(home)].count("failed") == 2


@pytest.mark.slow
def test_more_failures_may_be_allowed_and_the_search_goes_on(place):
    home = workspace_in(place / "allowed")
    words = ("-m", "model=rule", "search.trials=4", "model.estimator.smoothing=5,-1", *SMALL)
    first = train(home, *words, "search.max_failures=1")
    assert first.returncode == 1
    assert runs(home)[1] == []
    again = train(home, *words, "search.max_failures=4")
    assert again.returncode == 0, again.stderr
    assert len(trials(home)) == 4
    assert [r.state for r in runs(home)[1]] == ["finished"]


def newest(home: Path) -> Path:
    """Folder of the light run that was begun last; its name begins with the time."""
    return max((home / "experiments").glob("[0-9]*"), default=home / "none")


def has_just_finished(home: Path) -> bool:
    """A run is done, and its searcher has hardly heard; the next one may have begun."""
    for folder in sorted((home / "experiments").glob("[0-9]*"))[-2:]:
        with suppress(OSError, ValueError):
            done = (folder / "DONE").exists() and time.time() - (folder / "DONE").stat().st_mtime < 0.5
            if done and json.loads((folder / "record.json").read_bytes())["trial"] is not None:
                return True
    return False


def is_finished_but_for_its_marker(run: Path) -> bool:
    """Between the last writing of a record and DONE, which waits for the disk."""
    with suppress(OSError, ValueError):
        state = json.loads((run / "record.json").read_bytes())["state"]
        return state == "finished" and not (run / "DONE").exists()
    return False


MOMENTS: dict[str, Callable[[Path], bool]] = {
    "its folder is made": lambda home: any((home / "experiments").glob(".*.starting")),
    "nothing is scored": lambda home: newest(home).exists() and not (newest(home) / "trial.json").exists(),
    "a record is written": lambda home: any(newest(home).glob(".record.json.*.tmp")),
    "a window is scored": lambda home: any(newest(home).glob(".trial.json.*.tmp")),
    "the last is written": lambda home: is_finished_but_for_its_marker(newest(home)),
    "it is done": has_just_finished,
}
"""Within the life of a run's folder."""


def states(home: Path) -> set[str]:
    return {r.state for r in read_all(home / "experiments")}


def moments_met(home: Path, moments: dict[str, Callable[[Path], bool]]) -> dict[str, set[int]]:
    """Kills a search at each moment in turn and goes on with it; numbers of trials that were left running."""
    left = {}
    for moment, has_come in moments.items():
        search = begun(home, None)
        there = len(read_all(home / "experiments"))

        def is_new(has_come=has_come, there=there, search=search) -> bool:
            fresh = len(read_all(home / "experiments")) > there or has_come is MOMENTS["its folder is made"]
            return search.poll() is not None or (fresh and has_come(home))

        assert comes_true(is_new, every=0.0005), moment
        assert search.poll() is None, f"{moment}: the search ended before it came"
        killed = processes_of(home)
        for process in killed:
            with suppress(ProcessLookupError):
                os.kill(int(process), signal.SIGKILL)
        finished(search)
        assert comes_true(lambda: not processes_of(home))
        # a process that is ending has no environment any more, and is there yet
        assert comes_true(lambda: "running" not in states(home)), moment
        assert states(home) <= {"finished", "pruned", "crashed"}, moment
        left[moment] = {trial.number for trial in trials(home) if trial.state == "running"}
    return left


@pytest.mark.slow
def test_a_search_killed_while_records_are_written_goes_on_to_the_same_table(searched, place):
    home = workspace_in(place / "written")
    left = moments_met(home, MOMENTS)
    assert all(left.values()), left
    crashed = {r.id: r.trial for r in runs(home)[0] if r.state == "crashed"}
    assert crashed
    again = train(home, *SEARCH)
    assert again.returncode == 0, again.stderr
    assert table(home) == table(searched[0])
    light, full = runs(home)
    assert len(full) == 1
    ended = [r.trial for r in light if r.state in ("finished", "pruned")]
    assert sorted(n for n in ended if n is not None) == list(range(8))
    told = {trial.number: trial.run for trial in trials(home)}
    assert {r.id for r in light if r.state in ("finished", "pruned")} == set(told.values())
    seen = listed(home)
    assert {seen[run] for run in crashed} == {"crashed"}
    assert all(told[number] != run for run, number in crashed.items() if number is not None)
    assert "UNREADABLE" not in seen.values()


@pytest.mark.slow
def test_a_run_whose_searcher_never_heard_of_its_end_counts(place):
    """What a kill between a run's end and the search's note of it leaves: the journal without the note."""
    home = workspace_in(place / "unheard")
    few = [word.replace("search.trials=8", "search.trials=2") for word in SEARCH]
    first = train(home, *few)
    assert first.returncode == 0, first.stderr
    (journal,) = (home / "multirun").glob("*/journal.log")
    lines = journal.read_text().splitlines(keepends=True)
    ends = [number for number, line in enumerate(lines) if json.loads(line)["op_code"] == 6]
    before, unbroken = runs(home)[0], table(home)
    journal.write_text("".join(lines[: ends[0]]))
    assert {trial.state for trial in trials(home)} == {"running"}
    again = train(home, *few)
    assert again.returncode == 0, again.stderr
    assert table(home) == unbroken
    assert runs(home)[0] == before
    assert {trial.run for trial in trials(home)} == {r.id for r in before}


@pytest.mark.slow
def test_workers_end_with_their_searcher_and_the_search_goes_on(searched, place):
    home = workspace_in(place / "orphans")
    search = begun(home, "trial 1: ")
    os.kill(search.pid, signal.SIGKILL)
    assert comes_true(lambda: not processes_of(home))
    code, _, err = finished(search)
    assert code == -signal.SIGKILL
    assert "Traceback" not in err
    again = train(home, *SEARCH)
    assert again.returncode == 0, again.stderr
    assert table(home) == table(searched[0])


@pytest.mark.slow
def test_a_worker_ends_with_its_searcher_even_within_a_fit_that_hears_nothing(place):
    home = workspace_in(place / "deaf")
    search = begun(home, None, *described(home, ENDLESS), "search.trials=4", "search.workers=2")
    assert comes_true(lambda: len(endless(home)) > 0)
    (run, *_) = endless(home)
    os.kill(search.pid, signal.SIGKILL)
    assert comes_true(lambda: not processes_of(home))
    finished(search)
    assert listed(home)[run.id] == "crashed"


class Shown:
    """What W&B's log of a run holds: its group, its job type, the code it ended with, its summary."""

    def __init__(self, home: Path, record: RunRecord):
        from vispera.tracker import wandb_log

        (log,) = home.glob(f"wandb/*run-*-{record.id}/run-{record.id}.wandb")
        kept = list(wandb_log.records(log))
        (run,) = (one.run for one in kept if one.WhichOneof("record_type") == "run")
        self.id, self.group, self.job = run.run_id, run.run_group, run.job_type
        self.code = wandb_log.exit_code(log)
        updates = [item for one in kept for item in one.summary.update]
        self.summary = {item.key: json.loads(item.value_json) for item in updates if item.key}


def mirrors(home: Path) -> tuple[dict[int, Shown], Shown]:
    """W&B's runs of the trials by number, and of the best; there are no others."""
    light, (full,) = runs(home)
    assert len(list(home.glob("wandb/*run-*/*.wandb"))) == len(light) + 1
    return {r.trial: Shown(home, r) for r in light if r.trial is not None}, Shown(home, full)


@pytest.mark.slow
def test_wandb_has_a_group_for_a_search_and_tells_a_failed_trial_of_it(place):
    home = workspace_in(place / "grouped")
    words = (*described(home, GREEDY), "search.trials=3")
    done = train(home, *(word if word != "tracker=none" else "tracker=wandb" for word in words))
    assert done.returncode == 0, done.stderr
    told, best = mirrors(home)
    (folder,) = (home / "multirun").iterdir()
    assert {one.group for one in (*told.values(), best)} == {folder.name}
    assert ({one.job for one in told.values()}, best.job) == ({"trial"}, "train")
    assert (best.code, best.summary["state"], best.summary["sweep"]) == (0, "finished", folder.name)
    assert set(told) == {0, 1, 2}
    failed = [trial for trial in trials(home) if trial.state == "failed"]
    assert 0 < len(failed) < 3
    for trial in trials(home):
        shown = told[trial.number]
        assert (shown.summary["state"], shown.summary["trial"]) == (trial.state, trial.number)
        assert shown.code == (1 if trial in failed else 0)
    for trial in failed:
        assert "MemoryError: Unable to allocate" in (trial.reason or "")
        assert told[trial.number].summary["error"] == trial.reason


@pytest.mark.slow
def test_wandb_tells_a_pruned_trial_from_a_failed_one(searched, place):
    home = workspace_in(place / "mirrored")
    done = train(home, *(word if word != "tracker=none" else "tracker=wandb" for word in SEARCH))
    assert done.returncode == 0, done.stderr
    assert table(home) == table(searched[0])
    told, _ = mirrors(home)
    pruned = [trial for trial in trials(home) if trial.state == "pruned"]
    assert pruned
    for trial in pruned:
        shown = told[trial.number]
        assert (shown.code, shown.summary["state"]) == (0, "pruned")
        assert shown.summary["error"] == trial.reason
        assert "tuning/log_loss" not in shown.summary
