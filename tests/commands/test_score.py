"""``vispera score`` as it is typed: what it hands off, says and refuses, and what it survives."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from typed import environment, train, workspace_in
from vispera.handoff import Published, earlier, read_current
from vispera.record import read_all

TABLE = ("problem.settings.rows=8000",)
UNTIL = "2017-04-30"
NIGHTS = ("2017-05-01", "2017-05-02", "2017-05-03")
QUICK = {
    "catboost": ("model.estimator.iterations=30",),
    "logistic": (),
    "gradient_boosting": ("model.estimator.iterations=20",),
}


def vispera(home: Path, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = started(home, *words)
    out, err = done.communicate(timeout=300)
    assert done.returncode == code, out + err
    return subprocess.CompletedProcess(words, done.returncode, out, err)


def started(home: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "vispera", *words]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=environment(home), cwd="/", **pipes)


def score(home: Path, night: str, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    return vispera(home, "score", *TABLE, f"night={night}", f"extract={home}/extracts", *words, code=code)


def lists(home: Path) -> Path:
    return home / "handoff" / "simulated"


def standing(home: Path) -> Published:
    """The list that readers are pointed to."""
    published = read_current(lists(home))
    assert published is not None, "nothing has been published"
    return published


def content(home: Path) -> dict[str, bytes]:
    """Every byte that a scored workspace has handed off or kept."""
    files = [path for top in ("handoff", "scores") for path in (home / top).rglob("*") if path.is_file()]
    return {str(path.relative_to(home)): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A workspace with extracts of three nights and a logistic model that was trained before them."""
    home = workspace_in(tmp_path_factory.mktemp("scores") / "home")
    model_in(home, "logistic")
    for night in NIGHTS:
        vispera(home, "data", *TABLE, f"extract.night={night}")
    return home


def model_in(home: Path, model: str) -> Path:
    """Folder of a model that has learned until the night before the first; trained where it is not there."""
    place = home / model
    if not place.exists():
        small = ("threads=1", "tracker=none", "evaluation.test=false", "evaluation.resamples=0")
        done = train(home, f"model={model}", *TABLE, *QUICK[model], *small, f"trained_until={UNTIL}")
        assert done.returncode == 0, done.stderr
        shutil.copytree(read_all(home / "experiments")[-1].folder / "model", place)
    return place


@pytest.fixture
def home(made, tmp_path) -> Path:
    """A workspace of a test's own, with the same extracts and models, the logistic one in production."""
    own = workspace_in(tmp_path / "home")
    shutil.copytree(made / "extracts", own / "extracts")
    shutil.copytree(made / "logistic", own / "production")
    shutil.copy(made / "pseudonym.key", own) if (made / "pseudonym.key").exists() else None
    (own / "data").symlink_to(made / "data")
    return own


@pytest.mark.parametrize(
    ("model", "order"),
    [
        ("logistic", "risk"),
        pytest.param("catboost", "value", marks=pytest.mark.slow),
        pytest.param("gradient_boosting", "risk", marks=pytest.mark.slow),
    ],
)
def test_a_night_scored_here_and_in_the_replay_with_the_same_fit_is_the_same_bytes(made, model, order):
    for night in NIGHTS:
        place = (f"artefact={model_in(made, model)}", f"to={made}/handoff/{model}")
        score(made, night, *place, f"list.order={order}")
    words = (
        *QUICK[model],
        "threads=1",
        "tracker=none",
        "resamples=10",
        "ladder.trees.estimator.iterations=5",
    )
    span = (f"nights.first={NIGHTS[0]}", f"nights.last={NIGHTS[-1]}", "refit=never", "knowledge=artefact")
    vispera(made, "replay", f"model={model}", f"list.order={order}", *TABLE, *words, *span)
    replayed = (read_all(made / "experiments")[-1].folder / "lists.csv").read_bytes().split(b"\r\n")
    handed = [(made / "handoff" / model / f"{night}-1" / "list.csv").read_bytes() for night in NIGHTS]
    assert {one.split(b"\r\n")[0] for one in handed} == {replayed[0]}
    assert [row for one in handed for row in one.split(b"\r\n")[1:-1]] == replayed[1:-1]
    assert len(replayed) - 2 > (25 if order == "risk" else 3)


def test_a_list_is_handed_off_and_told_about(home):
    done = score(home, NIGHTS[0])
    published = standing(home)
    assert (published.night, published.number, published.kind) == (NIGHTS[0], 1, "list")
    assert published.told["simulated"] is True
    assert published.told["in_sample"] is False
    assert published.told["model"]["trained_until"] == UNTIL
    assert 0 < len(published.rows) <= 10
    assert f"night {NIGHTS[0]} (SIMULATED): {len(published.rows)} of" in done.stdout
    assert "logistic" in done.stdout
    kept = home / "scores" / "simulated" / f"{NIGHTS[0]}-1"
    about = json.loads((kept / "score.json").read_text())
    scores = pd.read_parquet(kept / "scores.parquet")
    assert about["open"] == len(scores) > 50
    assert scores["p"].between(0, 1).all()
    assert scores["row_key"].is_unique


def test_run_twice_it_is_the_same_bytes_and_nothing_new(home):
    score(home, NIGHTS[0])
    before = content(home)
    done = score(home, NIGHTS[0])
    assert "nothing new" in done.stdout
    assert content(home) == before


@pytest.mark.slow
def test_nobody_is_called_on_two_nights(home):
    for night in NIGHTS:
        score(home, night, "list.order=risk")
    units = [row["unit"] for one in earlier(lists(home), "2018-01-01") for row in one.rows]
    assert len(units) == len(set(units)) == 30


def test_a_night_that_the_model_has_seen_is_refused_unless_labelled(home, made):
    vispera(made, "data", *TABLE, "extract.night=2017-04-20", f"extract.to={home / 'extracts'}")
    done = score(home, "2017-04-20", code=3)
    assert f"learned from guests who arrived until {UNTIL}" in done.stderr
    assert not lists(home).exists()
    score(home, "2017-04-20", "in_sample=true")
    published = standing(home)
    assert published.told["in_sample"] is True


def broken(home: Path, night: str, change) -> None:
    path = home / "extracts" / night / "bookings.csv"
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    change(rows).to_csv(path, index=False)


def test_a_broken_contract_leaves_the_last_good_list_untouched(home):
    score(home, NIGHTS[0])
    before = content(home)
    broken(home, NIGHTS[1], lambda rows: rows.drop(columns="agent"))
    done = score(home, NIGHTS[1], code=5)
    assert "column 'agent' is missing" in done.stderr
    assert content(home) == before


def test_broken_rows_are_set_apart_and_counted(home):
    def spoil(rows):
        rows.loc[rows.index[:5], "adults"] = "two"
        rows.loc[rows.index[5:8], "hotel"] = "Mountain Hotel"
        return rows

    broken(home, NIGHTS[0], spoil)
    done = score(home, NIGHTS[0])
    assert "8 set aside" in done.stdout
    assert "adults is not integer: 5" in done.stdout
    assert standing(home).told["quarantined"] == 8
    with (home / "scores" / "simulated" / f"{NIGHTS[0]}-1" / "quarantine.csv").open(newline="") as file:
        apart = list(csv.DictReader(file))
    assert [row["adults"] for row in apart].count("two") == 5


@pytest.mark.slow
def test_without_a_model_the_own_rule_stands_in_until_there_is_a_list(home):
    away = home / "production"
    away.rename(home / "away")
    done = score(home, NIGHTS[0], code=6)
    assert "a fallback (rule) stands in for the list" in done.stderr
    fallback = standing(home)
    assert (fallback.kind, fallback.number) == ("fallback", 1)
    assert fallback.told["reason"] == "rule: no valid model"
    assert "there is no model at" in done.stderr
    online = {row["market_segment"] for row in fallback.rows}
    assert online == {"Online TA"}
    assert all(row["risk"] == "" and row["price"] == "" for row in fallback.rows)
    assert [int(row["days_left"]) for row in fallback.rows] == sorted(
        int(row["days_left"]) for row in fallback.rows
    )
    score(home, NIGHTS[0], code=6)
    assert standing(home).number == 1
    (home / "away").rename(away)
    score(home, NIGHTS[0])
    real = standing(home)
    assert (real.kind, real.number) == ("list", 2)
    away.rename(home / "away")
    done = score(home, NIGHTS[0])
    assert "a fallback never supersedes a list" in done.stdout


@pytest.mark.slow
def test_a_model_whose_rates_are_older_than_it_learned_to_bridge_is_none(home, made):
    vispera(made, "data", *TABLE, "extract.night=2017-05-04", f"extract.to={home}/extracts")
    done = score(home, "2017-05-04", code=6)
    assert "it has learned with such of up to 0 days, so its probabilities would be wrong" in done.stderr
    score(home, "2017-05-04", "model_days=4")
    assert standing(home).kind == "list"


def test_a_damaged_model_is_none(home):
    (home / "production" / "manifest.json").write_bytes(b"{}")
    done = score(home, NIGHTS[0], code=6)
    assert "manifest.json" in done.stderr


def test_without_an_extract_the_last_list_stands_in_without_those_who_arrived(home):
    score(home, NIGHTS[0])
    before = standing(home).rows
    shutil.rmtree(home / "extracts" / NIGHTS[2])
    score(home, NIGHTS[2], code=6)
    fallback = standing(home)
    assert (fallback.night, fallback.kind) == (NIGHTS[2], "fallback")
    assert fallback.told["reason"] == "previous: no extract of 2017-05-03"
    still = [row["unit"] for row in before if row["arrival_date"] > NIGHTS[2]]
    assert [row["unit"] for row in fallback.rows] == still
    assert [row["rank"] for row in fallback.rows] == [str(rank + 1) for rank in range(len(still))]
    for row in fallback.rows:
        left = pd.Timestamp(row["arrival_date"]) - pd.Timestamp(NIGHTS[2])
        assert (row["night"], int(row["days_left"])) == (NIGHTS[2], left.days)


def test_the_last_list_leaves_out_who_has_cancelled_since(home):
    score(home, NIGHTS[0])
    gone = standing(home).rows[0]
    (home / "production").rename(home / "away")

    def without(rows):
        same = (rows["agent"] == gone["agent"]) & (rows["arrival_date"] == gone["arrival_date"])
        return rows[~same]

    broken(home, NIGHTS[1], without)
    score(home, NIGHTS[1], "fallback.order=[previous]", code=6)
    fallback = standing(home)
    assert gone["unit"] not in {row["unit"] for row in fallback.rows}
    assert len(fallback.rows) > 0


def test_where_nothing_can_stand_in_nothing_is_published(home):
    shutil.rmtree(home / "extracts" / NIGHTS[0])
    done = score(home, NIGHTS[0], code=1)
    assert "the hotel's own rule needs an extract; no list of an earlier night is there" in done.stderr
    (home / "production").rename(home / "away")
    done = score(home, NIGHTS[1], "fallback.when=never", code=1)
    assert "no fallback was published" in done.stderr
    assert not lists(home).exists()


def test_what_comes_before_the_deadline_is_waited_for(home):
    from datetime import datetime, timedelta

    folder = home / "extracts" / NIGHTS[0]
    folder.rename(home / "late")
    # a night whose morning is now: the extract is named by it, and holds what it held
    today = datetime.now().date()
    night = (today - timedelta(days=1)).isoformat()
    deadline = (datetime.now() + timedelta(seconds=60)).time().isoformat("seconds")
    waits = (f"wait.deadline={deadline}", "wait.every_seconds=0.2", "model_days=100000")
    process = started(home, "score", *TABLE, f"night={night}", f"extract={home}/extracts", *waits)
    assert process.stderr is not None
    told = ""
    while "wait until" not in told:
        told = process.stderr.readline()
        assert told, "it ended without waiting"
    assert f"there is no extract of {night}" in told
    (home / "late").rename(home / "extracts" / night)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 5, out + err  # it was read, and it is that of another night
    assert "cannot be used" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("night=yesterday",), "night=yesterday: wanted a date"),
        (("keep_days=3",), "keep_days=3: wanted 14 or more"),
        (("wait.deadline=never",), "wait.deadline=never: wanted a time of the morning"),
        (("list.order=beauty",), "list.order=beauty: allowed: risk, value"),
        (("fallback.order=[luck]",), "fallback.order.0=luck: allowed: previous, rule"),
        (("artefakt=production",), "closest: 'artefact'"),
    ],
)
def test_what_is_typed_wrong_is_told_in_one_line(home, words, said):
    done = vispera(home, "score", *TABLE, f"extract={home}/extracts", *words, code=2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_night_or_an_extract_it_says_what_to_type(home):
    assert "type night=" in vispera(home, "score", *TABLE, code=2).stderr
    assert "type extract=FILE" in vispera(home, "score", *TABLE, f"night={NIGHTS[0]}", code=2).stderr


def test_a_night_before_the_one_that_is_read_is_not_published(home):
    score(home, NIGHTS[1])
    before = content(home)
    done = score(home, NIGHTS[0], code=1)
    assert "never goes back; to score a past night, type to=ANOTHER_FOLDER" in done.stderr
    assert content(home) == before


def test_two_at_once_leave_one_list(home):
    both = [
        started(home, "score", *TABLE, f"night={NIGHTS[0]}", f"extract={home}/extracts") for _ in range(2)
    ]
    for process in both:
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, out + err
    assert sorted(path.name for path in lists(home).iterdir()) == [f"{NIGHTS[0]}-1", "CURRENT"]
    assert standing(home).night == NIGHTS[0]


@pytest.mark.slow
def test_killed_at_any_moment_readers_see_the_old_list_or_the_new_one(home):
    score(home, NIGHTS[0])
    old = standing(home).files["list.csv"]
    seen = set()
    for tenths in (8, 14, 18, 22, 26):
        process = started(home, "score", *TABLE, f"night={NIGHTS[1]}", f"extract={home}/extracts")
        time.sleep(tenths / 10)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        now = standing(home)
        seen.add(now.night)
        assert now.files["list.csv"] == old or now.night == NIGHTS[1]
    score(home, NIGHTS[1])
    assert standing(home).night == NIGHTS[1]
    assert (home / "scores" / "simulated" / f"{NIGHTS[1]}-1" / "score.json").is_file()
    assert NIGHTS[0] in seen
