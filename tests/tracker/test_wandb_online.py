"""Runs mirrored online: what a server of the real SDK's receives, and what a run costs whose server dies.

The server is a test double on loopback (`wandb_double`), so this shows what the SDK sends and bears, and not
what W&B's own servers make of it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tracker_online import Online
from vispera.files import read_json
from wandb_double import KEY


@pytest.fixture(scope="module")
def told(shared: Online):
    """One whole run, mirrored online."""
    (run,), said = shared.play("whole")
    return shared, run, said


def test_all_that_the_offline_run_records_arrives(told, finished):
    online, run, _ = told
    assert (run["state"], run["tracker"]["state"]) == ("finished", "closed")
    assert run["tracker"]["where"] == f"{online.double.url}/hotel/vispera/runs/{run['id']}"
    there = online.double.state.run(run["id"])
    assert (there.state, there.group, there.job_type) == ("finished", "depths", "train")
    charted = [row for row in there.history if "window/number" in row]
    assert [row["window/log_loss"] for row in charted] == [0.5 - number / 10 for number in range(5)]
    assert there.values["seed"] == 1
    for name in ("metrics_by_window", "calibration", "roc", "slices", "importance"):
        content = json.loads(there.files[there.summary[name]["path"]])
        assert content["data"], name
    drawn = read_json(finished.record.folder / "figures.json")["figures"]
    for name in drawn:
        image = there.files[there.summary[f"figures/{name}"]["path"]]
        assert image == (finished.record.folder / "figures" / f"{name}.png").read_bytes()


def test_the_model_arrives_byte_for_byte_with_its_alias_and_what_it_means(told, finished):
    online, run, _ = told
    model = online.double.state.artifact("model", run["id"])
    folder = finished.record.folder / "model"
    assert online.double.state.content(model) == {path.name: path.read_bytes() for path in folder.iterdir()}
    assert model.by is online.double.state.run(run["id"])
    about = json.loads(model.metadata)
    assert about["content"] == read_json(folder / "manifest.json")["content"]


def test_the_data_is_what_the_run_used_by_its_fingerprint_and_no_byte_of_it(told, finished):
    online, run, _ = told
    (data,) = online.double.state.run(run["id"]).used
    fingerprint = read_json(finished.record.folder / "data.json")["content_hash"]
    assert data.collection.type == "dataset"
    assert data.collection.aliases[fingerprint[:12]] is data
    assert online.double.state.content(data) == {}
    assert data.entries["table"]["ref"] == f"sha256://{fingerprint}"


def test_the_best_of_each_metric_stands_in_the_summary_with_its_direction(told, finished):
    online, run, _ = told
    summary, metrics = online.double.state.run(run["id"]).summary, finished.kept("metrics.json")
    windows = {key: one["metrics"] for key, one in metrics["windows"].items() if key.startswith("tuning-")}
    for name, about in metrics["metrics"].items():
        values = {key: one[name]["value"] for key, one in windows.items()}
        greater = about["greater_is_better"]
        assert summary[f"best/{name}/direction"] == ("maximize" if greater else "minimize")
        assert summary[f"best/{name}"] == (max if greater else min)(values.values())
        assert values[summary[f"best/{name}/window"]] == summary[f"best/{name}"]


def test_the_key_is_in_no_file_and_in_nothing_that_was_said(told):
    online, run, said = told
    assert KEY not in said
    assert KEY not in json.dumps(run)
    for path in (*online.place.root.rglob("*"), *online.place.beside.rglob("*")):
        if path.is_file() and not path.is_symlink():
            assert KEY.encode() not in path.read_bytes(), path


@pytest.mark.slow
def test_without_a_server_the_run_is_mirrored_offline_and_says_so(online: Online):
    online.double.leave()
    (run,), said = online.play("whole")
    assert (run["state"], run["tracker"]["state"]) == ("finished", "closed")
    assert run["tracker"]["where"].startswith("wandb/offline-run-")
    assert "mirrored offline: type vispera sync" in run["tracker"]["fault"]
    assert "mirrored offline: type vispera sync" in said
    online.double.arrive()
    assert online.sync(code=0).startswith("sent")
    assert online.double.state.run(run["id"]).state == "finished"


def test_without_a_key_the_run_is_mirrored_offline_and_nobody_is_asked(online: Online):
    (run,), said = online.play("whole", WANDB_API_KEY="")
    assert run["tracker"]["where"].startswith("wandb/offline-run-")
    assert "no W&B API key; type `wandb login`" in said
    assert not online.double.state.runs


@pytest.mark.slow
def test_slow_answers_lose_nothing(online: Online):
    online.double.faults.slow = 0.05
    (run,), _ = online.play("whole")
    assert run["tracker"]["state"] == "closed"
    assert online.whole(run["id"])


def test_a_commit_that_is_refused_is_told_and_sent_later(online: Online):
    online.double.faults.refuse_commits = True
    (run,), said = online.play("whole")
    assert (run["state"], run["tracker"]["state"]) == ("finished", "failed")
    assert "cannot be committed" in said
    assert "type vispera sync" in said
    assert online.sync(code=1).startswith("failed")
    online.double.faults.refuse_commits = False
    assert online.sync(code=0).startswith("sent")
    assert online.whole(run["id"])


@pytest.mark.slow
@pytest.mark.parametrize(
    "operation",
    ["UpsertBucket", "CreateArtifact", "CommitArtifact", "CreateRunFiles", "UseArtifact", "RunFiles"],
)
def test_a_server_that_dies_costs_the_run_nothing_but_the_mirror(online: Online, operation):
    online.double.faults.gone_at = operation
    (run,), said = online.play("whole", SCENE_TIMEOUTS='{"init_timeout": 5, "finish_timeout": 5}')
    assert run["state"] == "finished"
    assert run["tracker"]["state"] == "failed" or run["tracker"]["where"].startswith("wandb/offline")
    assert "type vispera sync" in said
    online.double.faults.gone_at = None
    online.double.leave()
    online.double.arrive()
    assert online.sync(code=0).startswith("there" if operation == "RunFiles" else "sent")
    assert online.whole(run["id"])
    assert online.sync(code=0).startswith("there")


@pytest.mark.skipif(
    not os.environ.get("VISPERA_WANDB_LIVE"),
    reason="against a real account only with VISPERA_WANDB_LIVE=1 and a key; it leaves a run there",
)
def test_a_real_account_takes_a_run_and_proves_it(place, finished):
    own = {name: value for name, value in os.environ.items() if name.startswith(("WANDB_", "NETRC"))}
    done = place.play(
        "whole",
        **{**own, "WANDB_MODE": "online", "HOME": str(Path.home())},
        SCENE_FILES=str(finished.record.folder),
        SCENE_TIMEOUTS="{}",
    )
    (run,) = json.loads(done.stdout)
    assert run["tracker"] == {"name": "wandb", "state": "closed", "where": run["tracker"]["where"]}, (
        done.stderr
    )
