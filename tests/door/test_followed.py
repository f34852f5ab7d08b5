"""The problem of a report where none is typed is that of the replay, with the words that chose it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reported import PROBLEM, change, copied, of_verb
from vispera.door.followed import with_problem
from vispera.files import read_json, write_json


def words_of(home: Path, monkeypatch, *typed: str) -> list[str]:
    monkeypatch.setenv("VISPERA_HOME", str(home))
    return with_problem(typed)


def another(home: Path, *problem: str, day: str = "20991231") -> str:
    """A later replay that was typed with other words; its id."""
    replay = of_verb(home, "replay")
    name = re.sub(r"^\d{8}", day, replay.id)
    folder = copied(replay.folder, home / "experiments" / name)
    record = read_json(folder / "record.json")
    write_json(
        folder / "record.json", {**record, "id": name, "command": ["refit=monthly", *problem, "seed=3"]}
    )
    return name


def test_the_words_that_chose_the_problem_are_typed_again_and_no_others(recorded, monkeypatch):
    assert words_of(recorded, monkeypatch, "language=es") == [*PROBLEM, "language=es"]


@pytest.mark.parametrize("typed", ["problem=hotel", "+problem=hotel"])
def test_a_problem_that_is_typed_wins(recorded, monkeypatch, typed):
    assert words_of(recorded, monkeypatch, "language=es", typed) == ["language=es", typed]


def test_a_word_that_is_typed_wins_over_the_replay_s(recorded, monkeypatch):
    found = words_of(recorded, monkeypatch, "problem.decision.costs.call=4")
    assert [word for word in found if "costs.call" in word] == ["problem.decision.costs.call=4"]
    assert len(found) == len(PROBLEM)


def test_the_newest_replay_is_followed_unless_another_is_named(own_runs, monkeypatch):
    first = of_verb(own_runs, "replay").id
    second = another(own_runs, "problem=hotel", "problem.decision.capacity=7")
    assert words_of(own_runs, monkeypatch) == ["problem=hotel", "problem.decision.capacity=7"]
    for name in (second, "20991231", f"'{second}'"):
        assert words_of(own_runs, monkeypatch, f"replay={name}")[:1] == ["problem=hotel"]
    assert words_of(own_runs, monkeypatch, f"replay={first}") == [*PROBLEM, f"replay={first}"]
    assert words_of(own_runs, monkeypatch, "replay=null")[0] == "problem=hotel"


def test_one_that_did_not_finish_is_not_followed(own_runs, monkeypatch):
    later = another(own_runs, "problem=hotel")
    change(own_runs / "experiments" / later / "record.json", "state", to="failed")
    (own_runs / "experiments" / later / "DONE").unlink(missing_ok=True)
    assert words_of(own_runs, monkeypatch) == list(PROBLEM)


def test_a_report_that_is_checked_has_the_problem_that_it_had(own_report, monkeypatch):
    another(own_report, "problem=hotel")
    for typed in ("check=1", "check=001"):
        assert words_of(own_report, monkeypatch, typed) == [*PROBLEM, typed]
    assert words_of(own_report, monkeypatch, "check=null")[0] == "problem=hotel"


@pytest.mark.parametrize("typed", ["replay=zzzzzz", "check=7", "check=x", "replay=''"])
def test_what_is_not_there_is_left_to_the_command_to_say(own_report, monkeypatch, typed):
    found = words_of(own_report, monkeypatch, typed)
    assert found[-1] == typed


def test_an_empty_workspace_has_nothing_to_follow(tmp_path, monkeypatch):
    assert words_of(tmp_path, monkeypatch, "language=es") == ["language=es"]
