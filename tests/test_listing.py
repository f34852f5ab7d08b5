from __future__ import annotations

from pathlib import Path

import pytest

from vispera.errors import UsageError
from vispera.listing import folded, sorted_by, table
from vispera.record import RunRecord


def made(number: int, score: float | None = None, state: str = "finished", **values) -> RunRecord:
    name = f"2026112{number // 10}-10000{number % 10}-rule-00000{number % 10}"
    headline = [] if score is None else [{"name": "log_loss", "window": "tuning", "value": score}]
    return RunRecord(id=name, state=state, folder=Path(name), headline=headline, **values)


def test_sorting_is_by_value_with_those_that_have_none_last():
    runs = [made(3, 0.3), made(2), made(1, 0.1), made(0, 0.3)]
    assert sorted_by(runs, None) == runs
    assert sorted_by(runs, "log_loss") == [runs[2], runs[0], runs[3], runs[1]]
    assert sorted_by(runs, "-log_loss") == [runs[0], runs[3], runs[2], runs[1]]
    assert sorted_by(runs, "id") == runs[::-1]
    with pytest.raises(
        UsageError, match=r"sort: there is no field 'los_loss'; closest: 'log_loss'; type sort="
    ):
        sorted_by(runs, "los_loss")


def test_a_search_is_one_line_where_its_newest_trial_was():
    full = made(9, 0.2, sweep="s-1")
    trials = [
        made(7, state="failed", sweep="s-1", trial=2, seconds=1.0),
        made(6, 0.2, sweep="s-1", trial=1, seconds=2.0, model="rule"),
        made(4, 0.3, sweep="s-1", trial=0, seconds=3.0),
    ]
    pruned = made(5, 0.1, state="pruned", sweep="s-2", trial=0)
    alone = made(2)
    lines = folded([full, trials[0], trials[1], pruned, trials[2], alone])
    assert [line.id for line in lines] == [full.id, "search s-1", "search s-2", alone.id]
    search = lines[1]
    assert (search.state, search.seconds, search.headline) == ("3 trials", 6.0, trials[1].headline)
    assert search.note == f"best trial 1, {trials[1].id}; 2 finished, 1 failed"
    assert (lines[2].state, lines[2].headline, lines[2].note) == ("1 trial", [], "1 pruned")
    assert sorted_by(lines, "log_loss")[:2] == [full, search]


def test_ten_searches_of_forty_are_ten_lines_that_fit_a_screen():
    trials = [made(0, 0.3, sweep=f"s-{i % 10}", trial=i // 10) for i in range(400)]
    assert len(table(folded(trials)).splitlines()) == 11


def test_secrets_in_what_was_typed_are_not_shown(monkeypatch):
    monkeypatch.setenv("HOTEL_PASSWORD", "hunter22")
    shown = table([made(0, note="used hunter22"), made(1, tags=["hunter22"]), made(2, error="no hunter22")])
    assert "hunter22" not in shown
    assert shown.count("<redacted>") == 3


def test_a_run_is_one_line_whatever_stands_in_its_record():
    odd = made(0, note="a\nb", tags=["c\nd"], problem="e\nf", model="g\r\nh", started="2026\n")
    odd.headline.append({"name": "roc_auc", "window": ["test"], "value": 1})
    assert len(table([odd, made(1)]).splitlines()) == 3
