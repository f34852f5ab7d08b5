"""``vispera sync``: what was mirrored offline, or lost with its server, arrives whole, once and proven."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time

import numpy as np
import pytest

from tracker_online import Online
from vispera.files import read_json, write_json
from wandb_double import KEY

PULL = """
import json, sys, wandb
artifact = wandb.Api().artifact(sys.argv[1])
artifact.download(root=sys.argv[2])
artifact.verify(root=sys.argv[2])
print(json.dumps({"digest": artifact.digest, "aliases": artifact.aliases}))
"""


def state_of(online: Online) -> dict:
    """All that the server holds, without the moments at which it came."""
    state = online.double.state
    runs = {}
    for (*_, name), run in state.runs.items():
        rows = [
            {k: v for k, v in row.items() if k in ("_step", "window/number", "window/log_loss")}
            for row in run.history
        ]
        shown = {key: value for key, value in run.summary.items() if isinstance(value, int | float | str)}
        files = {key: content for key, content in run.files.items() if key.startswith("media/")}
        own = {key: value for key, value in shown.items() if not key.startswith("_")}
        runs[name] = (run.state, run.group, rows, own, files, [one.digest for one in run.used])
    kept = {
        key: (sorted(one.aliases), [member.digest for member in one.members])
        for (*_, key), one in state.collections.items()
    }
    return {"runs": runs, "collections": kept}


@pytest.fixture(scope="module")
def synced(shared: Online):
    """Two whole runs that were mirrored offline, and what was said as they were sent."""
    runs = [shared.play("whole", mode="offline")[0][0] for _ in range(2)]
    ended = time.time()
    return shared, runs, shared.sync(code=0), ended


def test_offline_runs_arrive_whole_and_a_second_sync_adds_nothing(synced):
    online, runs, told, _ = synced
    assert [line.split()[:2] for line in told.splitlines()[:2]] == [["sent", run["id"]] for run in runs]
    assert "sent and proven: the run, 5 rows, " in told
    assert all(online.whole(run["id"]) for run in runs)
    before, asked = state_of(online), len(online.double.asked)
    again = online.sync(code=0)
    assert [line.split()[0] for line in again.splitlines()[:2]] == ["there", "there"]
    assert state_of(online) == before
    writing = ("PUT", "Upsert", "Create", "Commit", "Use", "Link", "POST files")
    assert not [one for one in online.double.asked[asked:] if one.startswith(writing)]


def test_rows_keep_the_moment_at_which_they_were_logged(synced):
    online, runs, _, ended = synced
    for run in runs:
        rows = [row for row in online.double.state.run(run["id"]).history if "window/number" in row]
        assert all(row["_timestamp"] <= ended for row in rows)


def test_the_sdk_itself_does_not_send_them_again(synced):
    online, runs, _, _ = synced
    logs = (online.place.root / "wandb").glob("offline-run-*/*.wandb")
    assert sorted(log.with_name(f"{log.name}.synced").exists() for log in logs) == [True, True]
    command = [sys.executable, "-m", "wandb", "sync", "--yes", str(online.place.root / "wandb")]
    done = online.place.run(command, False, **online.variables)
    assert "No runs to sync" in done.stdout + done.stderr
    assert all(online.whole(run["id"]) for run in runs)


def test_the_model_comes_out_again_in_another_process_with_a_fresh_cache(synced, tmp_path):
    online, (_, run), _, _ = synced
    command = [sys.executable, "-c", PULL, f"hotel/vispera/model:{run['id']}", str(tmp_path / "pulled")]
    fresh = {"WANDB_CACHE_DIR": str(tmp_path / "cache"), "WANDB_SILENT": "true"}
    done = online.place.run(command, False, **online.variables, **fresh)
    assert done.returncode == 0, done.stderr
    about = json.loads(done.stdout.splitlines()[-1])
    assert {"latest", run["id"]} <= set(about["aliases"])
    assert about["digest"] == online.double.state.artifact("model", run["id"]).digest
    pulled = {path.name: path.read_bytes() for path in (tmp_path / "pulled").iterdir()}
    assert pulled == {path.name: path.read_bytes() for path in (online.files / "model").iterdir()}


def test_the_key_is_in_no_file_and_in_nothing_that_was_said(synced):
    online, _, told, _ = synced
    assert KEY not in told
    for path in online.place.root.rglob("*"):
        if path.is_file() and not path.is_symlink():
            assert KEY.encode() not in path.read_bytes(), path


def test_staged_files_that_are_gone_lose_nothing(online: Online):
    (run,), _ = online.play("whole", mode="offline")
    shutil.rmtree(online.place.root / "wandb" / "data")
    assert online.sync(code=0).startswith("sent")
    assert online.whole(run["id"])


@pytest.mark.slow
def test_without_the_log_of_wandb_the_rest_arrives_and_the_rows_are_told_of(online: Online):
    (run,), _ = online.play("whole", mode="offline")
    for folder in (online.place.root / "wandb").glob("offline-run-*"):
        shutil.rmtree(folder)
    assert "its rows are gone with W&B's log" in online.sync(code=0)
    there = online.double.state.run(run["id"])
    assert there.state == "finished"
    assert online.double.state.artifact("model", run["id"]).state == "COMMITTED"


@pytest.mark.slow
def test_what_the_server_lost_is_sent_again_and_nothing_else(online: Online):
    (run,), _ = online.play("whole")
    state = online.double.state
    there = state.run(run["id"])
    before = dict(there.summary)
    del state.collections["hotel", "vispera", "model"].aliases[run["id"]]
    told = online.sync(code=0)
    assert told.splitlines()[0].endswith("sent and proven: the artifact model")
    assert {k: v for k, v in there.summary.items() if not k.startswith("_")} == {
        k: v for k, v in before.items() if not k.startswith("_")
    }
    assert online.whole(run["id"])
    del there.files[there.summary["calibration"]["path"]]
    assert "1 of its tables and figures (calibration)" in online.sync(code=0)
    assert online.sync(code=0).startswith("there")


@pytest.mark.slow
def test_a_model_that_was_changed_after_the_run_is_not_sent(online: Online):
    (run,), _ = online.play("whole", mode="offline")
    model = online.place.root / "experiments" / run["id"] / "model"
    (file,) = (
        path
        for path in model.iterdir()
        if path.suffix in (".json", ".skops", ".cbm") and path.name != "manifest.json"
    )
    file.write_bytes(file.read_bytes() + b" ")
    told = online.sync(code=1)
    assert f"changed after the run, or gone: model/{file.name}; nothing was sent" in told
    assert not online.double.state.runs


@pytest.mark.slow
def test_runs_are_chosen_and_others_left_alone(online: Online):
    first, second = (online.play("whole", mode="offline")[0][0] for _ in range(2))
    online.sync(f"runs=[{second['id'][-6:]}]", code=0)
    assert [run.name for run in online.double.state.runs.values()] == [second["id"]]
    record = online.place.root / "experiments" / first["id"] / "record.json"
    write_json(record, {**read_json(record), "tracker": {"name": "none", "state": "closed"}})
    assert len(online.sync(code=0).splitlines()) == 2
    assert [run.name for run in online.double.state.runs.values()] == [second["id"]]


@pytest.mark.slow
def test_runs_of_every_end_arrive_as_what_they_ended_as(online: Online):
    runs, _ = online.play("many", mode="offline")
    online.sync(code=0)
    ended = {run["id"]: online.double.state.run(run["id"]).state for run in runs}
    assert [ended[run["id"]] for run in runs] == ["finished", "finished", "failed", "finished"]


@pytest.mark.slow
def test_without_a_key_or_a_server_one_line_says_so_and_nothing_waits(online: Online):
    online.play("whole", mode="offline")
    assert "error: no W&B API key; type `wandb login`" in online.sync(code=1, WANDB_API_KEY="")
    online.double.leave()
    told = online.sync("tracker.init_timeout=2", code=1)
    assert told.count("\n") == 1
    assert "did not take the API key, or is not there" in told


def test_nothing_to_send_is_no_failure_and_another_tracker_is_refused(online: Online):
    assert "no run in" in online.sync(code=0)
    assert "tracker=none has nothing to send" in online.sync("tracker=none", code=2)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_killed_anywhere_and_started_again_it_comes_to_the_same_end(online: Online, seed):
    runs = [online.play("whole", mode="offline")[0][0] for _ in range(2)]
    rng = np.random.default_rng(seed)
    online.double.faults.slow = 0.02
    for _ in range(3):
        process, asked = online.begin_sync(), len(online.double.asked)
        wanted = asked + rng.integers(1, 90)
        while len(online.double.asked) < wanted and process.poll() is None:
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    online.double.faults.slow = 0.0
    online.sync(code=0)
    assert all(online.whole(run["id"]) for run in runs)
    assert online.sync(code=0).startswith("there")


@pytest.mark.slow
def test_two_at_once_send_everything_once(online: Online):
    (run,), _ = online.play("whole", mode="offline")
    both = [online.begin_sync() for _ in range(2)]
    told = [process.communicate(timeout=120)[0].split()[0] for process in both]
    assert sorted(told) == ["sent", "there"]
    assert online.whole(run["id"])


@pytest.mark.slow
@pytest.mark.parametrize("operation", ["UpsertBucket", "CommitArtifact", "UseArtifact", "RunFiles"])
def test_a_server_that_dies_meanwhile_is_told_and_the_rest_not_tried(online: Online, operation):
    runs = [online.play("whole", mode="offline")[0][0] for _ in range(3)]
    online.double.faults.gone_at = operation
    told = online.sync("tracker.finish_timeout=5", "tracker.init_timeout=5", code=1)
    assert [line.split()[0] for line in told.splitlines()[:3]] == ["failed"] * 3
    online.double.faults.gone_at = None
    online.double.leave()
    online.double.arrive()
    online.sync(code=0)
    assert all(online.whole(run["id"]) for run in runs)
