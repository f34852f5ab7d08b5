"""Several searchers on one study: who takes which trial, and whose trials are taken over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from formula import SETTINGS, WINDOWS, Formula, Killed, search, study, together
from vispera.clock import now
from vispera.search import Result, Study
from vispera.search.presence import ABSENT, AT_WORK
from vispera.search.study import as_text

FAR = "another-host/4711/0/abcd"


def far_away(tmp_path, seen_before: timedelta) -> Study:
    """A study one of whose two trials belongs to a searcher on another host, heard of so long ago."""
    asked = study(tmp_path)
    asked.ask_up_to(2)
    asked._storage.set_trial_user_attr(asked._id(1), "owner", FAR)
    asked.note(AT_WORK + FAR, (now() - seen_before).isoformat())
    asked.leave()
    return study(tmp_path)


def test_a_trial_of_a_searcher_on_another_host_is_left_to_it_while_it_is_heard_of(tmp_path):
    asked = far_away(tmp_path, ABSENT / 2)
    assert [trial.number for trial in asked.left_behind()] == [0]
    assert asked.elsewhere() == 1
    assert not asked.adopt(1)
    assert asked.not_repeatable == "a second process joined"
    runner = Formula()
    search(asked, runner, WINDOWS, lambda trial: None)
    assert sorted(runner.begun) == [0, *range(2, 12)]
    assert asked.trials()[1].state == "running"
    assert not asked.may_keep()


def test_a_trial_of_a_searcher_on_another_host_that_is_gone_is_run_again_under_its_number(tmp_path):
    whole = study(tmp_path / "whole")
    search(whole, Formula(), WINDOWS, lambda trial: None)
    asked = far_away(tmp_path / "gone", ABSENT + timedelta(seconds=1))
    assert [trial.number for trial in asked.left_behind()] == [0, 1]
    assert asked.elsewhere() == 0
    runner = Formula()
    search(asked, runner, WINDOWS, lambda trial: None)
    assert sorted(runner.begun) == list(range(12))
    assert as_text(asked.trials()) == as_text(whole.trials())
    assert asked.may_keep()


def test_only_one_of_two_searchers_adopts_a_trial_and_keeps_the_best(tmp_path):
    with pytest.raises(Killed):
        search(study(tmp_path), Formula(die_after=3), WINDOWS, lambda trial: None)
    one, two = study(tmp_path), study(tmp_path)
    (left,) = one.left_behind()
    assert [one.adopt(left.number), two.adopt(left.number)] == [True, False]
    assert two.left_behind() == []
    one.end(left.number, Result(state="finished", score=0.3))
    assert [one.may_keep(), two.may_keep()] == [True, False]
    one.leave()
    assert two.may_keep()


def test_no_more_trials_are_asked_than_the_study_has_left(tmp_path):
    one = study(tmp_path, replace(SETTINGS, trials=3))
    two = study(tmp_path, replace(SETTINGS, trials=3))
    assert [trial.number for trial in one.ask_up_to(2)] == [0, 1]
    assert [trial.number for trial in two.ask_up_to(2)] == [2]
    assert one.ask_up_to(2) == two.ask_up_to(1) == []


@pytest.mark.parametrize("mode", ["repeatable", "fast"])
def test_processes_that_begin_together_run_every_trial_once(tmp_path, mode):
    place = str(tmp_path / "journal.log")
    told = together(place, searchers=3, trials=25, mode=mode)
    assert sorted(number for ran in told for number in ran) == list(range(25))
    assert study(tmp_path).not_repeatable


def test_processes_that_go_on_with_a_killed_search_share_what_it_left(tmp_path):
    with pytest.raises(Killed):
        search(study(tmp_path), Formula(die_after=4), WINDOWS, lambda trial: None)
    told = together(str(tmp_path / "journal.log"), searchers=3)
    assert sorted(number for ran in told for number in ran) == list(range(4, 12))
