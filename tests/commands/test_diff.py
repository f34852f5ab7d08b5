"""``vispera diff``: two runs, cause by cause, and whether what they came to differs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vispera.commands.diff import Arguments, run
from vispera.errors import UsageError
from vispera.invocation import Invocation
from vispera.run import start_run

METRICS = {"windows": {"test": {"metrics": {"log_loss": {"value": 0.25, "low": 0.2, "high": 0.3}}}}}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("VISPERA_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def page(capsys):
    """Calls the command; gives what it prints."""

    def page(**settings) -> str:
        assert run(Arguments(**settings), Invocation("diff")) == 0
        return capsys.readouterr().out

    return page


def made(home: Path, name: str, depth: int, loss: float, rows: int = 9) -> str:
    config = {"model": {"estimator": {"depth": depth}}, "note": name, "token": f"{name}-canary-9f8e7d"}
    with start_run(home / "experiments", name=name, command=[], config=config, threads=depth) as live:
        live.set(hashes={"data": str(rows) * 64})
        live.put_json("data.json", {"content_hash": str(rows) * 64, "rows": rows})
        metrics = json.loads(json.dumps(METRICS))
        metrics["windows"]["test"]["metrics"]["log_loss"]["value"] = loss
        live.put_json("metrics.json", metrics)
    return live.id


def test_what_differs_is_told_by_cause(home, page):
    one, other = made(home, "a", 6, 0.25), made(home, "b", 8, 0.26, rows=8)
    told = page(run=one, other=other)
    lines = told.splitlines()
    assert lines[0] == f"{one} (finished) -> {other} (finished)"
    assert [line.split(maxsplit=1) for line in lines if not line.startswith(" ")][1:] == [
        ["data", "2 differ"],
        ["code", "the same"],
        ["configuration", "1 differ"],
        ["packages", "the same"],
        ["threads", "1 differ"],
        ["machine", "the same"],
        ["results", "different"],
    ]
    assert "  rows: 9 -> 8" in lines
    assert "  model.estimator.depth: 6 -> 8" in lines
    assert "  threads: 6 -> 8" in lines
    assert "log_loss in test 0.25 -> 0.26" in told
    assert "canary" not in told


def test_by_default_the_last_two_are_told(home, page):
    ids = sorted(made(home, name, 6, 0.25) for name in ("a", "b"))
    lines = page().splitlines()
    assert lines[0] == f"{ids[0]} (finished) -> {ids[1]} (finished)"
    assert "results        identical" in lines


def test_json_holds_every_value(home, page):
    one, other = made(home, "a", 6, 0.25), made(home, "b", 8, 0.26)
    told = json.loads(page(run=one, other=other, json=True))
    assert told["runs"] == [one, other]
    assert told["identical"] is False
    depth = {"cause": "configuration", "what": "model.estimator.depth", "recorded": 6, "here": 8}
    assert depth in told["differences"]
    assert told["results"][0]["values"] == {"windows.test.metrics.log_loss.value": [0.25, 0.26]}


def test_a_run_that_left_nothing_is_told_as_such(home, page):
    one = made(home, "a", 6, 0.25)
    with (
        pytest.raises(ZeroDivisionError),
        start_run(home / "experiments", name="b", command=[], config={}) as live,
    ):
        raise ZeroDivisionError
    told = page(run=live.id, other=one)
    assert "data           not recorded by " + live.id in told
    assert "results        one of them has left nothing to compare" in told


def test_a_run_that_is_not_there_is_refused(home, page):
    one = made(home, "a", 6, 0.25)
    with pytest.raises(UsageError, match="there is no run 'nobody'"):
        page(run=one, other="nobody")
