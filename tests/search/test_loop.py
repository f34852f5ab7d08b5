"""The loop over a real study in a real storage, its trials a formula: what is run, kept and repeated."""

from __future__ import annotations

from dataclasses import replace

import pytest

from formula import FIRST, SETTINGS, WINDOWS, Formula, Killed, search, searched, study
from vispera.errors import VisperaError
from vispera.search import Asked, Result
from vispera.search.pruning import stop_above
from vispera.search.study import as_text
from vispera.trial import Trial


def test_it_runs_as_many_trials_as_were_asked_for_and_todays_values_first(tmp_path):
    found = searched(tmp_path).trials()
    assert [trial.number for trial in found] == list(range(12))
    assert found[0].values == FIRST
    assert {trial.state for trial in found} == {"finished", "pruned"}
    assert all(trial.run == f"run-{trial.number}" for trial in found if trial.state == "finished")
    assert [trial.batch for trial in found] == [number // 4 for number in range(12)]


def test_the_same_seed_gives_the_same_table_and_another_does_not(tmp_path):
    one = searched(tmp_path / "one")
    assert one.not_repeatable is None
    assert as_text(searched(tmp_path / "two").trials()) == as_text(one.trials())
    other = study(tmp_path / "three", seed=1)
    search(other, Formula(), WINDOWS, lambda trial: None)
    assert as_text(other.trials()) != as_text(one.trials())


@pytest.mark.parametrize("die_after", [0, 1, 2, 5, 11])
def test_a_search_that_was_killed_goes_on_and_gives_the_same_table(tmp_path, die_after):
    whole = searched(tmp_path / "whole")
    broken = study(tmp_path / "broken")
    first = Formula(die_after=die_after)
    with pytest.raises(Killed):
        search(broken, first, WINDOWS, lambda trial: None)
    resumed = study(tmp_path / "broken")
    second = Formula()
    search(resumed, second, WINDOWS, lambda trial: None)
    assert as_text(resumed.trials()) == as_text(whole.trials())
    ended = [number for number in first.begun if number not in second.begun]
    assert len(ended) == die_after
    assert sorted({*ended, *second.begun}) == list(range(12))


def test_a_search_that_was_killed_between_two_questions_goes_on_the_same(tmp_path):
    whole = searched(tmp_path / "whole")
    broken = study(tmp_path / "broken")
    broken.ask()
    broken.leave()
    resumed = study(tmp_path / "broken")
    search(resumed, Formula(), WINDOWS, lambda trial: None)
    assert as_text(resumed.trials()) == as_text(whole.trials())


@pytest.mark.parametrize("lines", range(1, 40))
def test_a_search_that_was_killed_in_any_line_of_its_journal_goes_on_the_same(tmp_path, lines):
    whole = searched(tmp_path / "whole", trials=4)
    journal = tmp_path / "whole" / "journal.log"
    written = journal.read_text().splitlines(keepends=True)
    broken = tmp_path / "broken" / "journal.log"
    broken.parent.mkdir()
    host, _, token, number = whole.owner.split("/")
    gone = f"{host}/{2**22 + 1}/{token}/{number}"  # a process that is not there
    broken.write_text("".join(written[:lines]).replace(whole.owner, gone))
    resumed = study(tmp_path / "broken", replace(SETTINGS, trials=4))
    search(resumed, Formula(), WINDOWS, lambda trial: None)
    assert as_text(resumed.trials()) == as_text(whole.trials())


def test_a_journal_whose_last_line_was_cut_is_gone_on_with(tmp_path):
    whole = searched(tmp_path / "whole")
    with pytest.raises(Killed):
        search(study(tmp_path / "cut"), Formula(die_after=4), WINDOWS, lambda trial: None)
    journal = tmp_path / "cut" / "journal.log"
    with journal.open("a") as file:
        file.write('{"op_code": 8, "worker_id": "x')
    resumed = study(tmp_path / "cut")
    search(resumed, Formula(), WINDOWS, lambda trial: None)
    assert as_text(resumed.trials()) == as_text(whole.trials())


def test_a_finished_search_has_nothing_left_and_more_trials_go_on_with_it(tmp_path):
    searched(tmp_path)
    idle = Formula()
    searched(tmp_path, idle)
    assert idle.begun == []
    more = Formula()
    assert len(searched(tmp_path, more, trials=16).trials()) == 16
    assert sorted(more.begun) == [12, 13, 14, 15]


def test_fresh_begins_anew_and_is_what_is_gone_on_with_then(tmp_path):
    searched(tmp_path)
    anew = Formula()
    assert searched(tmp_path, anew, fresh=True).name == "s-2"
    assert len(anew.begun) == 12
    again = Formula()
    assert searched(tmp_path, again).name == "s-2"
    assert again.begun == []


def test_failed_trials_are_kept_with_their_reason_and_the_others_go_on(tmp_path):
    found = searched(tmp_path, Formula(fails=lambda asked: asked.number in (3, 6))).trials()
    assert [trial.number for trial in found if trial.state == "failed"] == [3, 6]
    assert found[3].reason == "it was meant to"
    assert len(found) == 12


def test_too_many_failures_end_a_search_with_one_clear_line(tmp_path):
    with pytest.raises(VisperaError, match="3 trials failed, the last for: it was meant to"):
        searched(tmp_path, Formula(fails=lambda asked: asked.values["depth"] <= 6))
    assert len(study(tmp_path).trials()) <= 4


@pytest.mark.parametrize("workers", [1, 3, 5])
def test_any_number_of_workers_runs_every_trial_once(tmp_path, workers):
    runner = Formula(room=workers)
    found = searched(tmp_path, runner, workers=workers).trials()
    assert sorted(runner.begun) == list(range(12))
    assert max(trial.batch for trial in found) == 11 // (2 * workers)


def test_fast_mode_runs_every_trial_once_and_says_that_it_cannot_be_repeated(tmp_path):
    runner = Formula(room=3)
    done = searched(tmp_path, runner, mode="fast", workers=3)
    assert sorted(runner.begun) == list(range(12))
    assert done.not_repeatable == "search.mode=fast"


def test_a_second_searcher_marks_the_study(tmp_path):
    first = study(tmp_path)
    assert first.not_repeatable is None
    second = study(tmp_path)
    assert second.not_repeatable == "a second process joined"
    assert first.left_behind() == []


def test_a_timeout_marks_the_study(tmp_path):
    asked = study(tmp_path)
    trial = asked.ask()
    asked.end(trial.number, Result(state="failed", reason="outran 3 s", outside=True))
    assert asked.not_repeatable == "trial 0: outran 3 s"
    assert asked.trials()[0].reason == "outran 3 s"


def test_pruned_trials_are_measured_by_earlier_batches_only(tmp_path):
    bars = {}

    class Watching(Formula):
        def begin(self, asked: Asked) -> None:
            bars[asked.number] = asked.stop_above
            super().begin(asked)

    found = searched(tmp_path, Watching()).trials()
    assert all(bars[number] == (None, None, None) for number in range(4))
    assert all(bars[number] == bars[number // 4 * 4] for number in range(12))
    assert all(bar[-1] is None for bar in bars.values())
    pruned = [trial for trial in found if trial.state == "pruned"]
    assert pruned
    assert all(trial.so_far[-1] > bars[trial.number][len(trial.so_far) - 1] for trial in pruned)


def test_without_pruning_every_trial_is_finished(tmp_path):
    assert {trial.state for trial in searched(tmp_path, prune=None).trials()} == {"finished"}


def test_a_trial_that_is_ahead_of_the_best_is_not_stopped():
    def trial(number: int, *so_far: float) -> Trial:
        return Trial(number=number, state="finished", values={}, so_far=so_far)

    # the best of all was the worst after the first window
    before = [trial(0, 0.30, 0.31), trial(1, 0.29, 0.32), trial(2, 0.28, 0.33), trial(3, 0.31, 0.30)]
    assert stop_above(before, 2, 0.25) == (0.31, None)
    assert stop_above(before[:3], 2, 0.25) == (None, None)
    # and where it was the best there too, the quarter decides
    leading = [trial(4, 0.20, 0.20), *before]
    assert stop_above(leading, 2, 0.25) == (pytest.approx(0.28), None)
