"""Runs as data frames: the same that the command shows, and what a run left, each part as it was written."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import vispera
from typed import environment, train, workspace_in
from vispera.errors import ContractBroken, Declined, UsageError
from vispera.record import read_all
from vispera.run import start_run
from vispera.shelving import archive

SMALL = ("problem.settings.rows=6000", "evaluation.resamples=20", "model=rule", "tracker=none", "threads=1")


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A workspace with a trained run, one that failed, a trial, and a damaged one."""
    home = workspace_in(tmp_path_factory.mktemp("notebook") / "home")
    done = train(home, *SMALL, "note='día'", "tags=[a,b]")
    assert done.returncode == 0, done.stderr
    place = home / "experiments"
    with pytest.raises(ZeroDivisionError), start_run(place, name="x", command=["a=1"], config={}):
        raise ZeroDivisionError
    with start_run(place, name="rule", command=[], config={}, sweep="s", trial=0) as live:
        live.set(headline=[{"name": "log_loss", "window": "tuning", "value": 0.3}])
    with start_run(place, name="damaged", command=[], config={}) as live:
        pass
    (live.folder / "record.json").write_text("{")
    return home


@pytest.fixture(autouse=True)
def workspace(home, monkeypatch) -> Path:
    monkeypatch.setenv("VISPERA_HOME", str(home))
    return home / "experiments"


def trained(workspace: Path) -> str:
    return next(record.id for record in read_all(workspace) if record.model == "rule")


def listed(home: Path, *words: str) -> list[dict]:
    command = [sys.executable, "-m", "vispera", "runs", "json=true", "limit=null", "trials=true", *words]
    done = subprocess.run(command, env=environment(home), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_the_frame_holds_what_the_command_tells(home):
    frame, array = vispera.runs(), listed(home)
    assert list(frame["id"]) == [one["id"] for one in array]
    for (_, row), one in zip(frame.iterrows(), array, strict=True):
        told = {**one, **{f"{whole}.{part}": v for whole in ("phases", "hashes", "code", "tracker")
                          for part, v in one[whole].items()}}  # fmt: skip
        for entry in one["headline"]:
            name = f"{entry['name']}.{entry['window']}"
            ends = {"": "value", ".low": "low", ".high": "high"}
            told |= {f"{name}{ending}": entry.get(end) for ending, end in ends.items()}
        for name, value in row.items():
            if name in ("started", "finished"):
                assert value == pd.Timestamp(told[name]) or (told[name] is None and pd.isna(value))
            elif isinstance(value, list):
                assert value == told[name]
            else:
                assert value == told.get(name) or (pd.isna(value) and told.get(name) is None), name
    assert {"log_loss.tuning", "log_loss.tuning.low", "roc_auc.test.high", "phases.data"} <= set(
        frame.columns
    )
    assert set(frame["state"]) == {"finished", "failed", "unreadable"}
    assert str(frame["started"].dtype).endswith("UTC]")


def test_conditions_narrow_the_frame_as_they_do_the_table(home):
    where = "model=rule and log_loss<0.9"
    assert list(vispera.runs(where)["id"]) == [one["id"] for one in listed(home, f"where={where}")]
    with pytest.raises(UsageError, match="closest: 'model'"):
        vispera.runs("modle=rule")


def test_no_runs_are_an_empty_frame_with_the_same_columns(tmp_path, monkeypatch):
    monkeypatch.setenv("VISPERA_HOME", str(tmp_path))
    assert vispera.runs().empty
    assert {"id", "state", "started", "note"} <= set(vispera.runs().columns)
    assert vispera.runs(archived=True).empty
    with start_run(tmp_path / "experiments", name="x", command=[], config={}) as live:
        pass
    archive(live.record, tmp_path / "experiments")
    assert vispera.runs().empty
    assert list(vispera.runs(archived=True)["id"]) == [live.id]


def test_a_run_gives_all_that_it_left(workspace):
    run = vispera.load(trained(workspace)[-6:])
    assert run.folder == workspace / trained(workspace)
    assert run.record.note == "día"
    assert run.config["problem"]["settings"]["rows"] == 6000
    found = run.metrics.set_index(["metric", "window"])
    for entry in run.record.headline:
        assert found.loc[(entry["name"], entry["window"]), "value"] == pytest.approx(entry["value"], rel=1e-5)
        assert found.loc[(entry["name"], entry["window"]), "greater_is_better"] == entry["greater_is_better"]
    assert set(run.predictions.columns) >= {"row_key", "night", "window", "y", "p"}
    assert set(run.curves["test"]) == {"roc", "precision_recall", "calibration", "precision_by_night"}
    assert run.model().manifest["run"] == run.record.id
    assert repr(run) == f"<run {run.record.id}, finished>"


def test_a_changed_model_is_not_loaded(workspace):
    path = workspace / trained(workspace) / "model" / "model.json"
    before = path.read_bytes()
    path.write_bytes(before + b" ")
    try:
        with pytest.raises(ContractBroken, match="was changed"):
            vispera.load(trained(workspace)).model()
    finally:
        path.write_bytes(before)


def test_what_a_run_does_not_have_is_declined(workspace):
    failed = next(record.id for record in read_all(workspace) if record.state == "failed")
    with pytest.raises(Declined, match=f"run {failed} is failed and has no metrics.json"):
        _ = vispera.load(failed).metrics
    damaged = next(record.id for record in read_all(workspace) if record.state == "unreadable")
    with pytest.raises(UsageError, match=r"damaged record\.json"):
        _ = vispera.load(damaged).config
    with pytest.raises(UsageError, match="there is no run 'zzz'"):
        vispera.load("zzz")


def test_to_import_the_package_takes_nothing_heavy():
    code = "import sys, vispera; print(sorted({'pandas', 'numpy', 'hydra', 'yaml'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
