"""What the figure of a replay's assumptions tells: every setting in words, with what it would be worth."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from replayed import canvas as drawn
from replayed import recorded
from vispera.report.figure.replay import Subject
from vispera.report.figure.replay.varied import MOST_CAPACITIES, Varied
from vispera.report.figure.style import PAPER, Canvas
from vispera.text import LANGUAGES, language

SETTINGS = {"pessimistic": {"call": 4.0, "talked_out": 0.025}, "optimistic": {"resale_days": 1.0}}


@pytest.fixture
def told() -> dict[str, Any]:
    return recorded()


def canvas(told: dict[str, Any], code: str = "en") -> Canvas:
    return drawn("assumptions", told, code)


def varied(told: dict[str, Any], code: str = "en") -> Varied:
    return Varied(Subject(told, language(code)))


@pytest.mark.parametrize("code", LANGUAGES)
def test_each_setting_stands_in_words_beside_its_value_and_interval(told, code):
    shown = [text.get_text() for axes in canvas(told, code).figure.axes for text in axes.texts]
    subject = Subject(told, language(code))
    for one in told["assumptions"]:
        assert varied(told, code).range(one["realised"]) in shown
        assert subject.say(f"replay_assumptions.name.{one['name']}") in shown
        if one["setting"] is not None:
            assert varied(told, code).setting(one["name"], one["setting"]) in shown


def test_what_moves_the_value_most_comes_first_and_its_settings_rise(told):
    groups = varied(told).alone
    spans = [np.ptp([line.realised["value"] or 0.0 for line in group]) for group in groups]
    assert spans == sorted(spans, reverse=True)
    by_name: dict[str, list[float]] = {}
    for one in told["assumptions"]:
        by_name.setdefault(one["name"], []).append(one["setting"])
    assert len(groups) == len(by_name) - 2
    told["assumptions"].reverse()
    assert varied(told).alone == groups


def test_the_title_tells_the_span_over_single_assumptions(told):
    alone = [one["realised"] for one in told["assumptions"] if one["setting"] is not None]
    alone[0]["value"], alone[1]["value"] = -321.4, 654.3
    assert canvas(told).words.title.endswith("with a single one changed, from \u2212321 to 654")


def test_the_assumed_number_of_calls_has_a_line_whatever_was_tried(told):
    for capacities in ([], told["capacities"][:1]):
        lines = [line for (line,) in varied(told | {"capacities": capacities, "capacity": 10}).calls]
        assert [line.name for line in lines if line.base] == ["Up to 10 calls a night"]


def test_of_many_numbers_of_calls_some_are_left_out_but_never_the_assumed_nor_the_ends(told):
    like = told["capacities"][0]
    told["capacities"] = [copy.deepcopy(like) | {"capacity": calls} for calls in range(1, 51)]
    found = [one["capacity"] for one in varied(told).by_calls]
    assert len(found) <= MOST_CAPACITIES + 2
    assert {1, told["capacity"], 50} <= set(found)


def test_a_dot_is_hollow_where_zero_lies_in_the_interval(told):
    told |= {"capacities": [], "assumptions": [one for one in told["assumptions"] if one["setting"] is None]}
    ends = {"pessimistic": (-1.0, 9.0), "optimistic": (1.0, 30.0)}
    for one in told["assumptions"]:
        low, high = ends[one["name"]]
        one["realised"] = {"value": (low + high) / 2, "low": low, "high": high}
    dots: dict[float, Any] = {}
    for line in canvas(told).figure.axes[1].lines:
        if line.get_marker() == "o":
            (x,) = np.asarray(line.get_xdata())
            dots[float(x)] = line.get_markerfacecolor()
    assert dots[4.0] == PAPER
    assert dots[15.5] != PAPER


@pytest.mark.parametrize("code", LANGUAGES)
def test_nothing_varied_leaves_the_value_as_assumed(told, code):
    one = canvas(told | {"assumptions": [], "capacities": []}, code)
    value = varied(told, code).number(Subject(told, language(code)).way("model_by_value")["realised"])
    assert one.words.title == language(code).say("figure.replay_assumptions.title_base", value=value)


def test_what_a_set_changes_is_told_where_the_replay_holds_it(told):
    assert "Pessimistic:" not in canvas(told).words.note
    for one in told["assumptions"]:
        one |= {"settings": SETTINGS[one["name"]]} if one["name"] in SETTINGS else {}
    note = canvas(told).words.note
    assert "Pessimistic: a call costs 4 EUR, coming guests put off by a call 2.5%." in note
    assert "Optimistic: time scale of a resale 1 day." in note
