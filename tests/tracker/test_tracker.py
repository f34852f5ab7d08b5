from __future__ import annotations

import logging
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import yaml

from vispera.commands.train import Arguments
from vispera.door.application import composed
from vispera.door.building import arguments
from vispera.errors import GateRefused
from vispera.record import RunRecord, read
from vispera.revision import Revision
from vispera.run import start_run
from vispera.tracker import Tracker, mirrored
from vispera.tracker.none import NoTracker

CONF = Path(__file__).parents[2] / "conf" / "tracker"


class Diary:
    """A tracker that writes down what it is told, and fails where it is told to."""

    name = "diary"
    where = "diary://1"
    fault = None

    def __init__(self, *fails: str, error: BaseException | None = None):
        self.fails = fails
        self.error = error or ConnectionError("no route to https://u:canarypw@host")
        self.told: list[Any] = []

    def open(self, record: RunRecord, config):
        self._note("open", record.state, dict(config))
        return self

    def log(self, values, step=None):
        self._note("log", dict(values), step)

    def close(self, record: RunRecord):
        self._note("close", record.state, record.folder.exists())

    def _note(self, verb: str, *what):
        self.told.append((verb, *what))
        if verb in self.fails:
            raise self.error


def run_with(tracker, experiments: Path, error: BaseException | None = None) -> RunRecord:
    config = {"seed": 1, "db": {"password": "canarypw"}}
    with (
        pytest.raises(type(error)) if error else nullcontext(),
        start_run(experiments, name="x", command=[], config=config, revision=Revision()) as run,
        mirrored(tracker, run) as mirror,
    ):
        mirror.log({"tuning-1/log_loss": 0.3}, 1)
        mirror.log({"tuning-2/log_loss": 0.2}, 2)
        if error:
            raise error
    return read(run.folder)


def test_a_mirror_is_opened_logged_to_and_closed_without_secrets(tmp_path):
    diary = Diary()
    record = run_with(diary, tmp_path)
    assert diary.told == [
        ("open", "running", {"seed": 1, "db": {"password": "<redacted>"}}),
        ("log", {"tuning-1/log_loss": 0.3}, 1),
        ("log", {"tuning-2/log_loss": 0.2}, 2),
        ("close", "finished", True),
    ]
    assert record.tracker == {"name": "diary", "state": "closed", "where": "diary://1"}


@pytest.mark.parametrize(
    ("error", "state"),
    [(ValueError("x"), "failed"), (GateRefused("leak"), "refused"), (KeyboardInterrupt(), "failed")],
)
def test_the_mirror_learns_how_the_run_ended(tmp_path, error, state):
    diary = Diary()
    assert run_with(diary, tmp_path, error).state == state
    assert diary.told[-1] == ("close", state, True)


@pytest.mark.parametrize("fails", [("open",), ("log",), ("close",), ("open", "log", "close")])
@pytest.mark.parametrize("error", [None, SystemExit(1)])
def test_a_trackers_failure_is_loud_and_recorded_and_not_the_runs(tmp_path, caplog, fails, error):
    diary = Diary(*fails, error=error)
    with caplog.at_level(logging.ERROR):
        record = run_with(diary, tmp_path)
    assert record.state == "finished"
    assert record.tracker["state"] == "failed"
    assert record.tracker["fault"].startswith(f"{fails[0]}: {type(diary.error).__name__}")
    assert len(caplog.records) == 1
    assert "tracker diary failed, the run goes on" in caplog.text
    assert "canarypw" not in caplog.text + str(record)
    verbs = [verb for verb, *_ in diary.told]
    assert verbs == (["open"] if "open" in fails else ["open", "log", "log", "close"])


def test_an_interrupt_within_a_tracker_is_the_users(tmp_path):
    diary = Diary("log", error=KeyboardInterrupt())
    with (
        pytest.raises(KeyboardInterrupt),
        start_run(tmp_path, name="x", command=[], config={}, revision=Revision()) as run,
        mirrored(diary, run) as mirror,
    ):
        mirror.log({"x": 1.0})
    assert read(run.folder).error == "interrupted"


def test_many_runs_of_one_process(tmp_path):
    diary = Diary()
    for _ in range(3):
        run_with(diary, tmp_path)
    assert [verb for verb, *_ in diary.told] == ["open", "log", "log", "close"] * 3


@pytest.mark.parametrize("option", sorted(path.stem for path in CONF.glob("*.yaml")))
def test_every_option_is_a_tracker_of_its_name(option):
    tracker = arguments(Arguments, composed("train", [f"tracker={option}"])).tracker
    assert isinstance(tracker, Tracker)
    assert tracker.name == option


def test_none_keeps_nothing_and_is_what_its_option_names(tmp_path):
    assert yaml.safe_load((CONF / "none.yaml").read_text())["_target_"] == "vispera.tracker.none.NoTracker"
    record = run_with(NoTracker(), tmp_path)
    assert record.tracker == {"name": "none", "state": "closed", "where": None}
    assert sorted(p.name for p in record.folder.iterdir()) == [
        "DONE",
        "config.yaml",
        "environment.json",
        "record.json",
    ]
