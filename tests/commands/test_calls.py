"""``vispera calls``: the file to be filled in, what comes back checked, what calls did, in shares alone."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from called import Season, season, write_list, write_told
from vispera.__main__ import main
from vispera.money.outcome_file import read_list, read_outcomes
from vispera.problem.simulator import Settings

SETTINGS = Settings(rows=12_000, months=12, call_prevents=0.6, call_destroys=0.1)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("VISPERA_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VISPERA_DATA", raising=False)
    return tmp_path


@pytest.fixture(scope="module")
def world() -> Season:
    return season(SETTINGS, nights=30, size=40, control_share=0.5, seed=4)


@pytest.fixture(scope="module")
def bookings(world, tmp_path_factory):
    """The hotel's table after the calls, in the form of the real one."""
    path = tmp_path_factory.mktemp("after") / "bookings.parquet"
    world.after.bookings.to_parquet(path, index=False)
    return path


@pytest.fixture
def words(world, bookings, home) -> list[str]:
    """What is typed when a file has come back and the guests have arrived or not."""
    write_list(home / "lists.csv", world.listed)
    write_told(home / "outcomes.csv", world.told)
    return ["calls", "list=lists.csv", "outcomes=outcomes.csv", *table(bookings)]


def table(path) -> list[str]:
    return ["problem=hotel", f"data.path={path}", "~problem.counts"]


def test_it_writes_the_file_to_be_filled_in_and_reads_it_again(world, home, capsys):
    write_list(home / "lists.csv", world.listed)
    assert main(["calls", "list=lists.csv", "out=outcomes.csv"]) == 0
    assert f"{home / 'outcomes.csv'}: {len(world.listed)} units to be filled in" in capsys.readouterr().out
    listed = read_list(home / "lists.csv")
    assert listed == world.listed
    assert [one.listed for one in read_outcomes(home / "outcomes.csv", listed)] == list(listed)


def test_a_file_that_is_there_is_never_written_over(world, home, capsys):
    write_list(home / "lists.csv", world.listed)
    (home / "outcomes.csv").write_text("filled in")
    assert main(["calls", "list=lists.csv", "out=outcomes.csv"]) == 2
    assert "out=outcomes.csv is there already, and may be filled in; type out=" in capsys.readouterr().err
    assert (home / "outcomes.csv").read_text() == "filled in"


def test_it_tells_what_calls_did_against_those_left_alone(words, world, capsys):
    assert main(words) == 0
    told = capsys.readouterr().out
    control = sum(one.arm == "control" for one in world.listed)
    call = len(world.listed) - control
    assert "hotel: the file is whole and tells of 30 of the 30 nights of the list" in told
    assert re.search(rf"^  call +{call} +{call} +{call} +{call} +0 +0$", told, re.MULTILINE)
    assert re.search(rf"^  control +{control} +0 +0 +0 +0 +0$", told, re.MULTILINE)
    assert f"compared within 30 nights ({call} call, {control} control)" in told
    assert re.search(r"lost late: cancelled later, or no-show +\d+\.\d% +\d+\.\d% +-\d+\.\d points \[", told)
    assert re.search(r"late losses averted by a call, net: \d+% \[.*; the lists assume 36%", told)
    assert "BREACH" not in told
    # a difference in shares is never made into money
    assert not re.search(r"EUR|€|\$|worth|saved", told)


def test_as_json_it_is_the_same_and_holds_the_truth(words, world, capsys):
    assert main([*words, "json=true", "within_days=2"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["schema"], found["contract"], found["problem"], found["simulated"]) == (
        1,
        1,
        "hotel",
        False,
    )
    assert found["not_in_table"] == {"call": 0, "control": 0}
    assert found["assumed"] == {"success": pytest.approx(0.36), "reached": 0.6, "talked_out": 0.01}
    shown = found["effect"]
    assert (shown["level"], shown["within_days"], shown["nights"]) == (0.9, 2, 30)
    for fate, truth in world.truth(2).items():
        assert shown["differences"][fate]["low"] <= truth <= shown["differences"][fate]["high"], fate
    assert "EUR" not in json.dumps(found)


def test_what_was_done_otherwise_is_said_and_the_lot_still_counts(words, world, home, capsys):
    assert main([*words, "json=true"]) == 0
    obedient = json.loads(capsys.readouterr().out)
    told = world.told
    for place in range(7):
        called = not told[place].called
        told[place] = replace(told[place], called=called, reached="no" if called else "", answer="")
    write_told(home / "outcomes.csv", told)
    assert main(words) == 0
    said = capsys.readouterr().out
    breaches = sum(one.called and one.listed.arm == "control" for one in told)
    assert 0 < breaches < 7
    assert f"BREACH of the experiment: called although the list had left them uncalled: {breaches}\n" in said
    assert f"to be called, and not called: {7 - breaches}\n" in said
    assert main([*words, "json=true"]) == 0
    assert json.loads(capsys.readouterr().out)["effect"] == obedient["effect"]


def test_a_night_that_has_not_come_back_is_left_out(words, world, home, capsys):
    late = world.listed[0].night + 25
    write_told(home / "outcomes.csv", [one for one in world.told if one.listed.night < late])
    assert main([*words, "json=true"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["nights"] == {"listed": 30, "told": 25}
    assert found["effect"]["nights"] == 25


def test_units_that_the_table_no_longer_knows_are_left_out_and_counted(words, world, home, capsys):
    strangers = (*(replace(one, unit=f"{place:016x}") for place, one in enumerate(world.listed[:9])),)
    listed = (*strangers, *world.listed[9:])
    write_list(home / "lists.csv", listed)
    write_told(
        home / "outcomes.csv", [replace(t, listed=of) for t, of in zip(world.told, listed, strict=True)]
    )
    assert main(words) == 0
    lost = {arm: sum(one.arm == arm for one in strangers) for arm in ("call", "control")}
    told = (
        f"the table has no open booking of {lost['call']} of call and {lost['control']} of control: left out"
    )
    assert told in capsys.readouterr().out


def test_a_broken_file_ends_in_exit_5_with_all_its_faults(words, home, capsys):
    path = home / "outcomes.csv"
    lines = path.read_text().splitlines()
    lines[3], lines[8] = lines[3].replace("-", "/", 2), lines[8].replace("2016-05-02T", "2 May ")
    path.write_text("\n".join(lines) + "\n")
    assert main(words) == 5
    told = capsys.readouterr()
    faults = [line for line in told.err.splitlines() if line.startswith("error: ")]
    assert re.findall(r"outcomes\.csv, line (\d+)", "".join(faults)) == ["4", "9"]
    assert told.out == ""
    assert "Traceback" not in told.err


NOTHING = "nothing can be said of what a call does: "


def test_without_controls_it_says_so_plainly(words, world, home, capsys):
    listed = tuple(replace(one, arm="call") for one in world.listed)
    write_list(home / "lists.csv", listed)
    write_told(
        home / "outcomes.csv", [replace(one, listed=of) for one, of in zip(world.told, listed, strict=True)]
    )
    assert main(words) == 0
    told = capsys.readouterr().out
    assert f"{NOTHING}the list left nobody uncalled" in told
    assert "list.control_share=0.1" in told
    assert "points" not in told


def test_where_nobody_was_called_a_difference_is_no_effect(words, world, home, capsys):
    idle = [replace(one, called=False, reached="", answer="") for one in world.told]
    write_told(home / "outcomes.csv", idle)
    assert main(words) == 0
    told = capsys.readouterr().out
    assert f"{NOTHING}nobody was called; fill in called_at" in told
    assert "points" not in told


def test_where_the_table_is_another_or_not_here_the_file_is_checked_all_the_same(words, capsys):
    assert main([*words[:3], "problem.settings.rows=6000"]) == 0
    told = capsys.readouterr().out
    assert "simulated (SIMULATED): the file is whole" in told
    assert f"{NOTHING}the table has none of the listed units; type problem=NAME" in told
    assert main([*words[:3], "problem=hotel"]) == 0
    assert f"{NOTHING}the real bookings are not here: type vispera data" in capsys.readouterr().out
    assert main([*words[:3], "problem=hotel", "json=true"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["effect"] is None
    assert "are not here" in found["no_effect_told"]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ([], "list has no value; type vispera calls list=lists.csv outcomes=FILE, or out=FILE"),
        (["list=lists.csv"], "outcomes has no value; type vispera calls"),
        (["list=lists.csv", "outcomes=a.csv", "out=b.csv"], "type one of them"),
        (["list=lists.csv", "outcomes=a.csv", "within_days=0"], "within_days=0: wanted 1 or more"),
        (["list=nowhere.csv", "out=b.csv"], "list=nowhere.csv: No such file or directory; type list=FILE"),
        (["list=lists.csv", "outcomes=a.csv"], "outcomes=a.csv: No such file"),
        (["list=lists.csv", "out=no/where.csv"], "out=no/where.csv: there is no folder"),
    ],
)
def test_what_was_typed_wrongly_is_told_in_one_line(world, home, capsys, typed, told):
    write_list(home / "lists.csv", world.listed)
    assert main(["calls", *typed]) == 2
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert told in line
