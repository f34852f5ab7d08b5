"""The answer follows from the declared rules and from what the records hold, reason by reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from report.feasibility.reading import read
from reported import change, copied, of_verb, told_of
from vispera.files import read_json, write_json
from vispera.report.feasibility import Report
from vispera.report.feasibility.told import Told
from vispera.text import LANGUAGES

BY_VALUE = 6
"""Place of the lists by expected value among the ways of calling."""


def own_rule(low: float | None) -> Callable[[Path], None]:
    """The paired interval to the hotel's own rule begins there."""

    def edit(home: Path) -> None:
        place = ("contenders", BY_VALUE, "against_own_rule")
        change(replay(home), *place, to={"value": 18.0, "low": low, "high": None if low is None else 40.0})

    return edit


def noise(home: Path) -> None:
    """Better than the own rule, and not than calling nobody, beyond the noise."""
    own_rule(2.0)(home)
    change(replay(home), "contenders", BY_VALUE, "realised", "low", to=-0.1)


def stop(home: Path) -> None:
    """What the replay says itself when no way is worth more than nothing."""
    change(replay(home), "ladder", "verdict", to="stop")


def no_test(home: Path) -> None:
    own_rule(2.0)(home)
    for name in ("metrics.json", "curves.json"):
        path = judged(home) / name
        content = read_json(path)
        del content["windows"]["test"]
        write_json(path, content)


def too_good(home: Path) -> None:
    own_rule(2.0)(home)
    change(judged(home) / "metrics.json", "windows", "test", "metrics", "roc_auc", "value", to=0.81)


def waived(home: Path) -> None:
    own_rule(2.0)(home)
    change(judged(home) / "audit.json", "waive", to=["order_predicts"])


def no_audit(home: Path) -> None:
    waived(home)
    change(judged(home) / "audit.json", "skip", to=True)


def forgets_the_own_rule(home: Path) -> None:
    """A replay of before each way was held against the hotel's own rule."""
    change(replay(home), "contenders", BY_VALUE, "against_own_rule", to=None)


def replay(home: Path) -> Path:
    return of_verb(home, "replay").folder / "replay.json"


def judged(home: Path) -> Path:
    return of_verb(home, "train", "logistic").folder


CASES = {
    "success": (own_rule(0.1), "viable"),
    "own_rule": (own_rule(0.0), "not_yet"),
    "noise": (noise, "not_yet"),
    "no_interval": (own_rule(None), "not_yet"),
    "no_test": (no_test, "not_yet"),
    "too_good": (too_good, "not_yet"),
    "waived": (waived, "not_yet"),
    "no_audit": (no_audit, "not_yet"),
    "stop": (stop, "not_viable"),
}


@pytest.mark.parametrize("because", CASES)
def test_every_answer_has_its_reason_and_its_words(recorded, tmp_path, because):
    edit, answer = CASES[because]
    home = copied(recorded, tmp_path / "home")
    edit(home)
    told = told_of(home)
    assert (told.verdict["answer"], told.verdict["because"]) == (answer, because)
    for code in LANGUAGES:
        report = Report(told, code)
        verdict = report.section("verdict").html
        assert f'<section class="verdict {answer}" id="verdict">' in verdict
        assert str(report._teller.say(f"verdict.because.{because}")) in verdict
        assert str(report._teller.say(f"answer.{answer}")) in report.front().html
        assert read(report.front().html).bare == []


def test_there_is_a_case_for_every_reason_that_can_be_told():
    from vispera.text import language

    assert set(CASES) == set(language("en").texts["report"]["verdict"]["because"])


def test_a_replay_that_was_not_held_against_the_own_rule_settles_nothing(recorded, tmp_path):
    home = copied(recorded, tmp_path / "home")
    forgets_the_own_rule(home)
    assert told_of(home).verdict["because"] == "no_interval"


def test_the_rule_for_stopping_goes_before_every_doubt(recorded, tmp_path):
    home = copied(recorded, tmp_path / "home")
    no_audit(home)
    stop(home)
    assert told_of(home).verdict["answer"] == "not_viable"


def test_a_problem_without_a_ceiling_has_no_score_that_is_too_good(recorded, tmp_path):
    home = copied(recorded, tmp_path / "home")
    too_good(home)
    config = of_verb(home, "replay").folder / "config.yaml"
    config.write_text(config.read_text().replace("ceiling: 0.8\n", "ceiling: null\n"))
    assert told_of(home).verdict["because"] == "success"
    assert read(Report(told_of(home), "es").section("limitations").html).bare == []


def changes(home: Path) -> list[str]:
    return told_of(home).verdict["changes"]


def test_what_would_change_the_answer_ends_with_real_calls(recorded):
    assert changes(recorded) == ["pessimistic_zero", "assumption", "simpler", "real_calls"]


def test_assumptions_that_leave_something_even_when_all_are_pessimistic_are_told_so(recorded, tmp_path):
    home = copied(recorded, tmp_path / "home")
    told = read_json(replay(home))
    place = next(i for i, one in enumerate(told["assumptions"]) if one["name"] == "pessimistic")
    change(replay(home), "assumptions", place, "realised", to={"value": 3.0, "low": 0.5, "high": 7.0})
    assert changes(home)[0] == "pessimistic"


def test_a_no_tells_what_would_turn_it_round(recorded, tmp_path):
    home = copied(recorded, tmp_path / "home")
    stop(home)
    told = told_of(home)
    assert told.verdict["changes"] == ["optimistic", "assumption", "real_calls"]
    best = told.facts["calls"]["best_case"]["under"]
    shown = read(Report(told, "en").section("verdict").html)
    assert f"under_{best}" in {claim.name for claim in shown.claims}
    assert shown.bare == []


def test_the_way_that_the_lists_follow_is_no_simpler_than_itself(recorded, tmp_path):
    home = copied(recorded, tmp_path / "home")
    change(replay(home), "ladder", "verdict", to="logistic")
    assert "simpler" not in changes(home)


def test_a_replay_without_changed_assumptions_is_told_too(recorded, tmp_path):
    home = copied(recorded, tmp_path / "home")
    for name in ("assumptions", "capacities"):
        change(replay(home), name, to=[])
    assert changes(home) == ["simpler", "real_calls"]
    for code in LANGUAGES:
        for name in ("verdict", "value", "limitations", "risks", "roles"):
            assert read(Report(told_of(home), code).section(name).html).bare == []
    cards = Report(told_of(home), "en").section("roles").html
    assert 'href="#value"' in cards, "there is no figure to lead to"
    assert "figure-sensitivity" not in cards


def test_the_worst_assumption_is_the_one_that_leaves_least(recorded):
    told: Told = told_of(recorded)
    alone = [one for one in read_json(replay(recorded))["assumptions"] if one["setting"] is not None]
    least = min(alone, key=lambda one: one["realised"]["value"])
    worst = told.facts["calls"]["worst"]
    assert worst["name"] == least["name"]
    assert told.claims[f"under_{worst['under']}"].value == least["realised"]["value"]
