"""``vispera compare`` over real run folders: what is compared, what is printed, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from compared import config, kept, trial
from vispera import workspace
from vispera.commands.compare import Arguments, run, title
from vispera.door.application import composed
from vispera.door.building import arguments
from vispera.errors import UsageError
from vispera.invocation import Invocation
from vispera.record import RunRecord

SMALL = {"resamples": 20}


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def records(home) -> list[RunRecord]:
    """Two full runs, one of another key, three trials of a search."""
    place = home / "experiments"
    full = [kept(place, 0.0, settings=config(depth=6)), kept(place, 1.5, settings=config(depth=8))]
    other = kept(place, 0.0, name="rule", key="b" * 16, note="elsewhere")
    return [*full, other, *(trial(place, "catboost-7", number, 0.3 + number) for number in range(3))]


@pytest.fixture
def called(home, records, monkeypatch, capsys):
    """Calls the command; gives what it printed."""
    monkeypatch.setenv("VISPERA_HOME", str(home))

    def called(**settings) -> str:
        assert run(Arguments(**{**SMALL, **settings}), Invocation("compare")) == 0
        return capsys.readouterr().out

    return called


def test_the_summary_says_who_is_best_the_verdicts_and_where_the_page_is(called, records, home):
    pytest.importorskip("jinja2", reason="the page is made with jinja2, which pyproject names")
    good, bad, *_ = records
    told = called(runs=(good.id, bad.id[-6:]))
    label = f"catboost {good.id[-6:]}"
    assert told.startswith("compared 2 runs (SIMULATED)\n")
    assert f"{label} is better than catboost {bad.id[-6:]}, by more than the noise" in told
    assert f"tuning {bad.id}: log-loss +" in told
    assert told.count("worse") == 2
    page = Path(told.splitlines()[-1].split()[1].rstrip(","))
    assert page.parent == home / "reports" / "compare"
    assert page.read_text("utf-8").startswith("<!doctype html>")


def test_runs_of_another_key_are_told_in_the_summary(called, records):
    told = json.loads(called(runs=tuple(r.id for r in records[:3]), json=True))
    assert [one["runs"] for one in told["apart"]] == [[records[2].id]]


def test_the_comparison_as_data_writes_no_page(called, records, home):
    before = set(home.rglob("*.html"))
    told = json.loads(called(sweep="catboost-7", json=True))
    assert [one["trial"] for one in told["runs"]] == [0, 1, 2]
    assert told["best"] is None
    assert len(told["searches"]) == 1
    assert set(home.rglob("*.html")) == before


def test_a_baseline_is_taken_in_though_it_was_not_asked_for(called, records):
    good, bad, *_ = records
    told = json.loads(called(runs=(good.id,), baseline=bad.id, json=True))
    assert told["baseline"] == bad.id
    assert told["runs"][0]["against"]["windows"]["tuning"]["log_loss"]["verdict"] == "better"


def test_conditions_narrow_what_is_compared(called, records):
    told = json.loads(called(where="model=rule", json=True))
    assert [one["id"] for one in told["runs"]] == [records[2].id]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({}, "say which runs: runs="),
        ({"runs": ("nothing-like-it",)}, "there is no run 'nothing-like-it'"),
        ({"sweep": "catbost-7"}, "there is no such search; closest: 'catboost-7'"),
        ({"where": "model=prior"}, "where=model=prior: none of 6 runs"),
    ],
)
def test_what_is_not_there_is_one_line(called, settings, says):
    with pytest.raises(UsageError, match=says):
        called(**settings)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"resamples": 0}, "wanted 1 or more"),
        ({"pairs": -1}, "wanted 0 or more"),
        ({"out": Path("runs.txt")}, ".html"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_read(settings, says):
    with pytest.raises(UsageError, match=says):
        Arguments(**settings)


def test_a_page_has_a_name_of_its_own_that_is_no_path():
    assert title(Arguments(sweep="../a b")) == "a-b"
    assert title(Arguments(runs=("x",))) != title(Arguments(runs=("y",)))
    assert title(Arguments(runs=("x",))) == title(Arguments(runs=("x",)))


def test_what_is_typed_becomes_arguments():
    config_ = composed("compare", ["runs=[a,b]", "pairs=null", "out=a.html", "language=es"])
    made = arguments(Arguments, config_)
    assert (made.runs, made.pairs, made.out, made.language) == (("a", "b"), None, Path("a.html"), "es")
    assert workspace.source().joinpath("conf", "compare.yaml").is_file()
