"""``vispera runs`` over real run folders."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vispera.commands.runs import Arguments, row, run, table
from vispera.errors import GateRefused, UsageError
from vispera.heartbeat import FILE as HEARTBEAT
from vispera.invocation import Invocation
from vispera.record import read
from vispera.run import start_run

HEADLINE = [
    {"name": "log_loss", "window": "tuning", "value": 0.2731, "low": 0.2655, "high": 0.281},
    {"name": "roc_auc", "window": "test", "value": 0.7, "low": None, "high": None},
]


@pytest.fixture
def experiments(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("VISPERA_HOME", str(tmp_path))
    return tmp_path / "experiments"


@pytest.fixture
def lines(capsys):
    """Calls the command; gives the lines that it prints."""

    def lines(**settings) -> list[str]:
        assert run(Arguments(**settings), Invocation("runs")) == 0
        return capsys.readouterr().out.splitlines()

    return lines


def finished(experiments: Path, note: str = "", name: str = "catboost") -> str:
    with start_run(experiments, name=name, command=[], config={}, note=note) as live:
        live.set(problem="simulated", model=name, headline=HEADLINE)
    return live.id


def test_no_runs_say_what_to_type(lines, experiments):
    assert lines() == [f"no runs yet in {experiments}; type: python train.py model=catboost"]


def test_a_finished_run_shows_what_it_reached(lines, experiments):
    name = finished(experiments, note="deeper\ntrees")
    title, line = lines()
    assert title.split()[:2] == ["run", "state"]
    assert line.startswith(f"{name}  finished  simulated  catboost  0.273 [0.266, 0.281]")
    assert line.endswith("deeper trees")
    assert "0.700" in line[title.index("test ROC AUC") :]
    assert "test P@K" not in title, "no run says anything of it"


def test_every_state_is_told(lines, experiments):
    with pytest.raises(GateRefused), start_run(experiments, name="a", command=[], config={}):
        raise GateRefused("leak: country alone decides")
    with pytest.raises(ZeroDivisionError), start_run(experiments, name="b", command=[], config={}):
        raise ZeroDivisionError("no bookings")
    finished(experiments, name="c")
    crashed = finished(experiments, name="d")
    for file in ("DONE", HEARTBEAT):
        (experiments / crashed / file).unlink(missing_ok=True)
    damaged = finished(experiments, name="e")
    (experiments / damaged / "record.json").write_text('{"schema": 1, ')
    with start_run(experiments, name="f", command=[], config={}):
        told = "\n".join(lines())
    states = {line.split()[0].split("-")[2]: line.split()[1] for line in told.splitlines()[1:]}
    assert states == {
        "a": "refused", "b": "failed", "c": "finished", "d": "crashed", "e": "UNREADABLE", "f": "running",
    }  # fmt: skip
    assert "leak: country alone decides" in told
    assert "ZeroDivisionError: no bookings" in told
    assert told.count("damaged record.json") == 1


def test_the_newest_come_first_and_the_limit_tells_what_it_hides(lines, experiments):
    names = sorted(finished(experiments, name=f"n{number}") for number in range(4))
    shown = lines(limit=2)
    assert [line.split()[0] for line in shown[1:3]] == names[:1:-1]
    assert shown[3:] == ["2 older runs are not shown; type: vispera runs limit=null"]
    assert len(lines(limit=None)) == 5


def test_a_limit_below_one_is_refused():
    with pytest.raises(UsageError, match="wanted 1 or more"):
        Arguments(limit=0)


def test_a_narrow_terminal_cuts_the_end(experiments):
    name = finished(experiments, note="long " * 50)
    shown = table([row(read(experiments / name))], width=60)
    assert all(len(line) <= 60 for line in shown.splitlines())
    assert shown.splitlines()[1].endswith("…")


def test_a_record_without_numbers_is_a_line_all_the_same(experiments):
    name = finished(experiments)
    file = experiments / name / "record.json"
    record = json.loads(file.read_text())
    record["headline"] = [{"name": "log_loss", "window": "tuning", "value": "none"}]
    file.write_text(json.dumps(record))
    assert row(read(experiments / name))[4] == "-"
