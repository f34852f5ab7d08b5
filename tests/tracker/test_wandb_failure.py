"""W&B broken, killed, switched off and used many times over: a run always ends as if it were not there."""

from __future__ import annotations

import json
import logging
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from vispera.door.application import composed
from vispera.door.building import arguments
from vispera.errors import UsageError
from vispera.record import read
from vispera.revision import Revision
from vispera.run import start_run
from vispera.tracker import Tracker, mirrored, wandb_log
from vispera.tracker.wandb import WandbTracker


def played(place, scene: str, **environ: str) -> tuple[list[dict], str]:
    """What a scene that ended well printed on stdout, and what it said on stderr."""
    done = place.play(scene, **environ)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout), done.stderr


def log_of(place, run: str) -> Path:
    (log,) = place.root.glob(f"wandb/offline-run-*-{run}/*.wandb")
    return log


def summary_of(log: Path) -> dict[str, Any]:
    items = (item for record in wandb_log.records(log) for item in record.summary.update)
    return {item.key: json.loads(item.value_json) for item in items if item.key}


linux = pytest.mark.skipif(sys.platform != "linux", reason="finds the service by /proc")


@linux
def test_every_row_that_was_logged_outlives_the_process_and_the_service(place):
    done = place.play("killed")
    assert done.returncode == -signal.SIGKILL
    log = log_of(place, done.stdout.strip())
    rows = wandb_log.rows(log)
    assert [row["window/name"] for row in rows] == ["tuning-1", "tuning-2", "test"]
    assert [row["window/log_loss"] for row in rows] == [0.1, 1.1, 2.1]
    assert [row["window/number"] for row in rows] == [0, 1, 2]
    assert not any("window/ece" in row for row in rows)
    assert wandb_log.exit_code(log) is None
    outside = [path.name for path in Path(place.folder("TMPDIR")).iterdir()]
    assert [name for name in outside if not name.startswith("wandb-")] == []  # but for the service's socket


def test_a_killed_training_is_readable_to_the_last_window(place):
    quiet, heard = subprocess.DEVNULL, subprocess.PIPE
    with subprocess.Popen(
        place.command("model=rule"), stdout=quiet, stderr=heard, text=True, env=place.environ
    ) as run:
        assert run.stderr is not None
        for line in run.stderr:
            if "fit rule for tuning-4" in line:
                run.kill()
                break
        run.stderr.read()
    record = place.newest
    assert record.state == "crashed"
    assert record.tracker["state"] == "open"
    rows = wandb_log.rows(place.log_of(record))
    assert [row["window/number"] for row in rows[:3]] == [0, 1, 2]
    assert all(0 < row["window/log_loss"] < 1 for row in rows)


@linux
def test_a_lost_service_is_told_and_the_next_run_has_another(place):
    (lost, next_one), told = played(place, "service_lost")
    assert lost["state"] == "finished"
    assert lost["tracker"]["state"] == "failed"
    assert lost["tracker"]["fault"].startswith("log: ")
    assert told.count("tracker wandb failed, the run goes on without it; log:") == 1
    assert (next_one["state"], next_one["tracker"]["state"]) == ("finished", "closed")
    assert [row["window/x"] for row in wandb_log.rows(log_of(place, next_one["id"]))] == [3.0]


def test_a_file_that_cannot_be_read_at_the_end_is_told_and_the_mirror_is_closed(place):
    (run,), told = played(place, "damaged")
    assert (run["state"], run["tracker"]["state"]) == ("finished", "failed")
    assert run["tracker"]["fault"].startswith("close: JSONDecodeError")
    assert "tracker wandb failed" in told
    assert wandb_log.exit_code(log_of(place, run["id"])) == 0


def test_runs_within_runs_and_after_runs_are_kept_apart(place):
    (inner, outer, failed, pruned), _ = played(
        place, "many", WANDB_MODE="dryrun", WANDB_NOTES="the day's", WANDB_NAME="called"
    )
    assert [run["state"] for run in (inner, outer, failed, pruned)] == [
        "finished",
        "finished",
        "failed",
        "pruned",
    ]
    assert {run["tracker"]["state"] for run in (inner, outer, failed, pruned)} == {"closed"}
    rows = {run["id"]: wandb_log.rows(log_of(place, run["id"])) for run in (inner, outer)}
    assert [row["window/x"] for row in rows[outer["id"]]] == [1.0, 2.0]
    assert [row["window/x"] for row in rows[inner["id"]]] == [10.0]
    for run in (failed, pruned):
        assert summary_of(log_of(place, run["id"]))["error"] == run["error"]
    assert [run["error"] for run in (failed, pruned)] == ["ZeroDivisionError: by nothing", "hopeless"]
    codes = [wandb_log.exit_code(log_of(place, run["id"])) for run in (inner, outer, failed, pruned)]
    assert codes == [0, 0, 1, 0]
    assert summary_of(log_of(place, pruned["id"]))["state"] == "pruned"
    (begun,) = (
        r.run for r in wandb_log.records(log_of(place, inner["id"])) if r.WhichOneof("record_type") == "run"
    )
    assert (begun.run_group, begun.notes, begun.display_name) == ("depths", "the day's", "called")
    assert begun.job_type == "trial"


def test_folders_that_the_user_names_in_the_environment_win(place, tmp_path):
    named = {name: str(tmp_path / name) for name in ("WANDB_DATA_DIR", "WANDB_CACHE_DIR")}
    (run,), _ = played(place, "damaged", **named)
    assert log_of(place, run["id"]).exists()
    assert (tmp_path / "WANDB_CACHE_DIR").is_dir()


def mirror_in(folder: Path, experiments: Path, **options):
    """Record of a run in this process, whose mirror lies in a folder."""
    tracker = WandbTracker(folder=folder, **options)
    about = {"name": "x", "command": [], "config": {}, "revision": Revision()}
    with start_run(experiments, **about) as run, mirrored(tracker, run) as mirror:
        mirror.log({"x": 1.0}, 0)
    return read(run.folder)


def test_a_folder_that_cannot_be_is_told_and_wandb_does_not_go_elsewhere(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    with caplog.at_level(logging.ERROR):
        record = mirror_in(tmp_path / "file", tmp_path / "experiments")
    assert record.state == "finished"
    assert record.tracker["state"] == "failed"
    assert record.tracker["fault"].startswith("open: NotADirectoryError")
    assert "tracker wandb failed, the run goes on without it" in caplog.text


def test_disabled_leaves_nothing_and_says_so(tmp_path):
    record = mirror_in(tmp_path / "mirror", tmp_path / "experiments", mode="disabled")
    assert record.tracker == {"name": "wandb", "state": "closed", "where": "disabled"}
    assert [path.name for path in tmp_path.iterdir()] == ["experiments"]


def composed_tracker(*words: str) -> Any:
    from vispera.commands.train import Arguments

    return arguments(Arguments, composed("train", ["tracker=wandb", *words])).tracker


def test_the_environment_gives_the_defaults_and_the_command_line_wins(monkeypatch, tmp_path):
    for name in ("MODE", "PROJECT", "ENTITY", "RUN_GROUP", "JOB_TYPE", "DIR"):
        monkeypatch.delenv(f"WANDB_{name}", raising=False)
    monkeypatch.setenv("VISPERA_HOME", str(tmp_path))
    usual = composed_tracker()
    assert isinstance(usual, Tracker)
    assert usual == WandbTracker(folder=tmp_path)
    asked = {"MODE": "online", "PROJECT": "p", "ENTITY": "e", "RUN_GROUP": "g", "JOB_TYPE": "j", "DIR": "/d"}
    for name, value in asked.items():
        monkeypatch.setenv(f"WANDB_{name}", value)
    assert composed_tracker() == WandbTracker(
        folder=Path("/d"), mode="online", project="p", entity="e", group="g", job_type="j"
    )
    assert composed_tracker("tracker.mode=offline").mode == "offline"
    for name in ("MODE", "PROJECT", "ENTITY"):  # as a build server sets what it has no value for
        monkeypatch.setenv(f"WANDB_{name}", "")
    assert composed_tracker()


@pytest.mark.parametrize(
    ("words", "environ", "line"),
    [
        (
            (),
            {"WANDB_MODE": "ofline"},
            "tracker.mode=ofline (or WANDB_MODE): allowed: offline, online, disabled",
        ),
        ((), {"WANDB_MODE": "shared"}, "tracker.mode=shared (or WANDB_MODE): allowed: offline"),
        (("tracker.project=a/b",), {}, "tracker.project=a/b (or WANDB_PROJECT): wanted a name"),
        (("tracker.finish_timeout=0",), {}, "tracker.finish_timeout=0.0: wanted seconds above 0"),
        (("tracker.finish_timeout=soon",), {}, "tracker.finish_timeout=soon: wanted a number"),
        (("tracker.grup=x",), {}, "there is no 'tracker.grup'; closest: 'tracker.group'"),
    ],
)
def test_wrong_settings_are_refused_in_one_line(monkeypatch, words, environ, line):
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UsageError) as refusal:
        composed_tracker(*words)
    (fault,) = refusal.value.faults
    assert line in fault
