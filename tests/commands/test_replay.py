"""``vispera replay`` as it is typed: what it leaves, what it says, what it refuses."""

from __future__ import annotations

import csv
import json
import shlex
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from typed import environment, train, workspace_in
from vispera.record import RunRecord, read_all
from vispera.report.figure.replay import Subject
from vispera.text import language

TABLE = ("problem.settings.rows=8000",)
SMALL = (*TABLE, "tracker=none", "threads=1", "resamples=100", "ladder.trees.estimator.iterations=20")
WAYS = [
    "nothing",
    "random",
    "soonest",
    "own_rule",
    "rule",
    "model_by_risk",
    "model_by_value",
    "foresight",
]


def vispera(home: Path, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "vispera", *words]
    asked = {"capture_output": True, "text": True, "check": False, "cwd": "/"}
    done = subprocess.run(command, env=environment(home), **asked)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def newest(home: Path) -> RunRecord:
    return read_all(home / "experiments")[-1]


def rows(record: RunRecord) -> list[dict[str, str]]:
    with (record.folder / "lists.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def told(record: RunRecord) -> dict:
    return beside(record, "replay.json")


def beside(record: RunRecord, name: str) -> dict:
    return json.loads((record.folder / name).read_text("utf-8"))


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return workspace_in(tmp_path_factory.mktemp("replays") / "home")


@pytest.fixture(scope="module")
def trained(home) -> RunRecord:
    """A run whose strength of penalty nobody would guess, and which looked at no test window."""
    words = (*TABLE, "threads=1", "tracker=none", "evaluation.test=false", "evaluation.resamples=20")
    done = train(home, "model=logistic", "model.estimator.strength=0.0123", "seed=3", *words)
    assert done.returncode == 0, done.stderr
    return newest(home)


@pytest.fixture(scope="module")
def replayed(home, trained) -> tuple[RunRecord, str]:
    """A replay of that run's recipe, and what it printed."""
    settings = (word for word in SMALL if word not in TABLE)  # the table is the run's
    done = vispera(home, "replay", f"run={trained.id[-6:]}", *settings)
    return newest(home), done.stdout


def test_it_is_recorded_like_every_run(replayed, trained):
    record, printed = replayed
    assert (record.state, record.verb, record.model) == ("finished", "replay", "logistic")
    assert record.parent == trained.id
    left = {path.name for path in record.folder.iterdir()}
    assert left >= {"replay.json", "lists.csv", "predictions.parquet", "figures", "config.yaml", "data.json"}
    assert left >= {"fairness.json", "reasons.json"}
    names = {entry["name"] for entry in record.headline}
    assert names == {"realised_value_a_night", "expected_value_a_night", "precision_at_k"}
    assert printed.startswith(f"run {record.id}: finished\n")


def test_it_says_that_no_call_was_made_and_what_is_assumed(replayed):
    _, printed = replayed
    in_one_line = " ".join(printed.split())
    assert language("en").say("figure.replay.no_call") in in_one_line
    assert Subject(told(replayed[0]), language("en")).assumed in in_one_line
    assert "SIMULATED" in printed
    assert "do you need a model?" in printed
    assert "5 calls a night " in printed
    assert "talked out 0.02 " in printed


def test_every_way_of_calling_stands_side_by_side_and_none_beats_foresight(replayed):
    told_ = told(replayed[0])
    ways = {way["name"]: way for way in told_["contenders"]}
    assert list(ways) == WAYS
    best = max(way["realised"]["value"] for way in ways.values())
    assert ways["foresight"]["realised"]["value"] == best
    for way in ways.values():
        assert way["caught"] + way["missed"] == pytest.approx(told_["book"]["cancelled_units"])
        assert way["caught"] + way["in_vain"] == pytest.approx(way["calls"])
        nights = told_["by_night"][way["name"]]
        assert sum(nights["calls"]) == pytest.approx(way["calls"])
        realised = sum(nights["realised"]) / told_["nights"]["count"]
        assert realised == pytest.approx(way["realised"]["value"])
    assert ways["nothing"]["realised"]["value"] == 0


def test_every_way_and_rung_stands_beside_the_own_rule(replayed):
    told_ = told(replayed[0])
    ways = {way["name"]: way for way in told_["contenders"]}
    own = ways["own_rule"]["realised"]["value"]
    for way in [*ways.values(), *told_["ladder"]["rungs"]]:
        if way["name"] == "own_rule":
            assert way["against_own_rule"] is None
        else:
            more = way["against_own_rule"]
            assert more["value"] == pytest.approx(way["realised"]["value"] - own)
            assert more["low"] <= more["value"] <= more["high"]


def test_the_recipe_is_the_run_s_and_no_saved_model_was_asked(replayed, trained):
    """The same settings typed by hand give the same lists, to the byte."""
    record, _ = replayed
    home = record.folder.parents[1]
    vispera(home, "replay", "model=logistic", "model.estimator.strength=0.0123", "seed=3", *SMALL)
    again = newest(home)
    for name in ("lists.csv", "predictions.parquet", "replay.json", "fairness.json", "reasons.json"):
        assert (again.folder / name).read_bytes() == (record.folder / name).read_bytes(), name


@pytest.mark.slow
def test_a_key_of_the_problem_typed_beside_a_run_changes_that_key_alone(home, replayed, trained):
    few = ("problem.decision.capacity=3", "problem.decision.costs.call=1", "refit=never")
    settings = (word for word in SMALL if word not in TABLE)
    vispera(home, "replay", f"run={trained.id}", *few, *settings)
    record = newest(home)
    assert record.hashes["data"] == replayed[0].hashes["data"], "the table is still the run's"
    assert (told(record)["capacity"], told(record)["costs"]["call"]) == (3, 1.0)
    assert record.parent == trained.id


def test_each_list_is_whole_and_a_unit_is_on_one_of_them_at_most(replayed):
    listed, told_ = rows(replayed[0]), told(replayed[0])
    assert max(Counter(row["unit"] for row in listed).values()) == 1
    by_night = Counter(row["night"] for row in listed)
    assert max(by_night.values()) <= told_["capacity"]
    way = told_["by_night"]["model_by_value"]
    assert [by_night[night] for night in told_["by_night"]["night"]] == way["calls"]
    for before, after in pairwise(listed):
        if before["night"] == after["night"]:
            assert int(after["rank"]) == int(before["rank"]) + 1
            assert float(after["expected_value"]) <= float(before["expected_value"])
    assert all(float(row["expected_value"]) >= 0 and row["arm"] == "call" for row in listed)
    assert not {"cancelled", "outcome_date", "adr", "y"} & set(listed[0])


def test_each_listed_unit_has_its_reasons_in_both_languages(replayed):
    for row in rows(replayed[0]):
        assert row["reason_1_en"].startswith(("More risk: ", "Less risk: ", "Nothing"))
        assert row["reason_1_es"].startswith(("Más riesgo: ", "Menos riesgo: ", "Nada"))
        assert bool(row["reason_3_en"]) == bool(row["reason_3_es"])
        assert row["why_en"] != row["why_es"]


def test_how_often_each_theme_was_a_reason_is_what_the_lists_say(replayed):
    listed, often = rows(replayed[0]), beside(replayed[0], "reasons.json")
    assert (often["rows"], often["declined"]) == (len(listed), None)
    themes = often["themes"].values()
    assert sum(one["first"] for one in themes) + often["without"] == len(listed)
    said = [row[f"reason_{place}_en"] for row in listed for place in (1, 2, 3)]
    assert sum(one["any"] for one in themes) == sum(text.startswith(("More", "Less")) for text in said)
    assert sum(one["raises"] for one in themes) == sum(text.startswith("More") for text in said)
    order = [(-one["first"], -one["any"]) for one in themes]
    assert order == sorted(order)


def test_whom_the_lists_called_is_told_by_permitted_slice(replayed):
    told_, fair = told(replayed[0]), beside(replayed[0], "fairness.json")
    way = next(way for way in told_["contenders"] if way["name"] == "model_by_value")
    slices = ["hotel", "market_segment", "customer_type", "distribution_channel", "lead_time"]
    assert list(fair["columns"]) == slices
    callable_ = told_["book"]["units"] - told_["book"]["do_not_call"]
    for column in fair["columns"].values():
        sums = {name: sum(group[name] for group in column["groups"]) for name in ("lost", "called", "caught")}
        assert sums == {
            "lost": told_["book"]["cancelled_units"],
            "called": way["calls"],
            "caught": way["caught"],
        }
        assert sum(group["units"] for group in column["groups"]) >= callable_
    hotels = fair["columns"]["hotel"]
    shares = {group["level"]: group["called_share"]["value"] for group in hotels["groups"]}
    gap = hotels["differences"]["called_share"]
    assert gap["value"] == pytest.approx(max(shares.values()) - min(shares.values()))
    assert shares[gap["greatest"]] == max(shares.values())
    assert shares[gap["least"]] == min(shares.values())


def test_what_moves_with_capacity_and_each_assumption_is_told(replayed):
    told_ = told(replayed[0])
    assert [one["capacity"] for one in told_["capacities"]] == [5, 10, 20, 40]
    calls = [one["calls"] for one in told_["capacities"]]
    assert calls == sorted(calls)
    varied = {(one["name"], one["setting"]) for one in told_["assumptions"]}
    assert {("call", 2.0), ("call", 4.0), ("pessimistic", None), ("optimistic", None)} <= varied
    values = {(one["name"], one["setting"]): one["expected"]["value"] for one in told_["assumptions"]}
    assert values["call", 4.0] < values["call", 2.0]
    assert values["pessimistic", None] < values["optimistic", None]
    together = {one["name"]: one["settings"] for one in told_["assumptions"] if one["setting"] is None}
    assert together["pessimistic"] == {"call": 4.0, "talked_out": 0.02, "resale_days": 10.0}


def test_the_figures_are_drawn_and_say_what_they_show(replayed):
    record, _ = replayed
    drawn = {path.stem for path in (record.folder / "figures").glob("*.png")}
    said = json.loads((record.folder / "figures.json").read_text("utf-8"))["figures"]
    assert drawn == set(said) == {"one_night", "season", "contenders", "assumptions"}
    assert all("SIMULATED" in one["alt"] for one in said.values())


def test_a_control_share_is_marked_and_not_called(home):
    words = ("model=rule", "list.control_share=0.4", "refit=never", "list.order=risk", *SMALL)
    vispera(home, "replay", *words)
    record = newest(home)
    arms = Counter(row["arm"] for row in rows(record))
    assert 0.25 < arms["control"] / sum(arms.values()) < 0.55
    way = next(way for way in told(record)["contenders"] if way["name"] == "model_by_risk")
    assert way["calls"] == arms["call"]
    hotels = beside(record, "fairness.json")["columns"]["hotel"]["groups"]
    assert sum(group["called"] for group in hotels) == arms["call"], "the control arm was not called"
    assert beside(record, "reasons.json")["rows"] == sum(arms.values())


def test_without_own_rule_slices_or_reasons_there_is_less_to_tell(home):
    """A model that cannot explain, a hotel without a rule, no column to break results down by."""
    without = ("problem.decision.own_rule=null", "problem.decision.slices=[]")
    model = ("model=gradient_boosting", "model.estimator.iterations=20")
    vispera(home, "replay", *model, "refit=never", *without, *SMALL)
    record = newest(home)
    told_, often = told(record), beside(record, "reasons.json")
    assert all(one["against_own_rule"] is None for one in [*told_["contenders"], *told_["ladder"]["rungs"]])
    assert beside(record, "fairness.json")["columns"] == {}
    listed = rows(record)
    assert (often["rows"], often["without"], often["themes"]) == (len(listed), len(listed), {})
    assert {row["reason_1_es"] for row in listed} == {often["declined"]["es"]}


def test_looking_at_the_test_window_is_counted_and_another_range_is_not(home, replayed):
    looks = replayed[0].test_looks
    assert looks
    before = ("nights.first=2017-02-01", "nights.last=2017-02-05", "nights.shown=2017-02-03")
    vispera(home, "replay", "model=rule", "refit=nightly", *before, *SMALL)
    record = newest(home)
    assert record.test_looks is None
    assert told(record)["one_night"]["night"] == "2017-02-03"
    assert told(record)["cutoffs"] == [
        f"2017-{date}" for date in ("01-31", "02-01", "02-02", "02-03", "02-04")
    ]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nights.last=2030-01-01",), "type nights.last="),
        (("nights.first=yesterday",), "nights.first=yesterday: wanted a date"),
        (("nights.first=2017-07-01", "nights.last=2017-06-30"), "is before nights.first"),
        (("nights.first=2015-07-01",), "nothing had arrived by the day before it"),
        (("nights.shown=2016-01-01",), "is not one of the nights"),
        (("refit=yearly",), "refit=yearly"),
        (("list.control_share=1",), "list.control_share=1.0: wanted 0 or more and less than 1"),
        (("sensitivity.bounds.cal=[1,2]",), "sensitivity.bounds.cal"),
        (("problem.decision.worth=null",), "problem.decision.worth has no value"),
        (("problem.decision.own_rule='led_time > 3'",), "lead_time"),
        (("problem.decision.slices=[led_time]",), "lead_time"),
        (("run=nosuchrun",), "there is no run 'nosuchrun'"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(home, words, says):
    done = vispera(home, "replay", "model=rule", *SMALL, *words, code=2)
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, done.stderr
    assert says in errors[0]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("where", ["model", "ladder.trees"])
def test_a_leak_is_refused_in_the_model_and_in_every_rung_of_the_ladder(home, where):
    """What is known at check-in would win every night, and the ladder."""
    leak = f"{where}.features.facts=[hotel,market_segment,customer_type,lead_time,country]"
    done = vispera(home, "replay", "model=rule", leak, *SMALL, code=3)
    assert "not_yet_known: feature 'country' is declared as known at check-in" in done.stderr
    assert newest(home).state == "refused"
    assert not (newest(home).folder / "lists.csv").exists()


@pytest.mark.slow
def test_a_leak_that_is_waived_is_replayed_and_recorded(home):
    leak = "model.features.facts=[hotel,market_segment,customer_type,lead_time,country]"
    checks = "not_yet_known,alone_decides,changes_later"
    words = (f"audit.waive=[{checks}]", "audit.reason='to see what it would be worth'", "refit=never")
    vispera(home, "replay", "model=rule", leak, *words, *SMALL)
    audit = json.loads((newest(home).folder / "audit.json").read_text("utf-8"))
    assert audit["waive"] == checks.split(",")
    assert "not_yet_known" in {finding["check"] for finding in audit["findings"]}


def test_a_model_beside_a_run_is_refused_and_so_is_a_replay_in_its_place(home, trained, replayed):
    done = vispera(home, "replay", f"run={trained.id}", "model=rule", "problem=hotel", code=2)
    assert "says which model; leave out one of them" in done.stderr
    assert f"problem=hotel: run={trained.id} says which problem" in done.stderr
    done = vispera(home, "replay", f"run={replayed[0].id}", code=2)
    assert "it has no recipe, being a replay" in done.stderr


def test_other_verbs_say_that_it_is_a_replay(home, trained, replayed):
    done = vispera(home, "reproduce", f"run={replayed[0].id}", code=1)
    typed = shlex.split(done.stderr.partition("type: ")[2].partition("\n")[0])  # all digits: the id is quoted
    assert typed[:4] == ["vispera", "replay", "problem.settings.rows=8000", "seed=3"]
    assert typed[4].replace("'", "") == f"run={trained.id[-6:]}"
    done = vispera(home, "compare", f"runs=[{trained.id},{replayed[0].id}]", code=2)
    assert "is a replay; only runs of train are compared" in done.stderr
    shown = vispera(home, "runs", 'where="verb=replay"').stdout
    assert replayed[0].id in shown
    assert f"{trained.id} " not in shown
