"""Words that every figure of a replay carries, and what the season says of calls that were not made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vispera.report.figure.replay import FIGURES, Subject
from vispera.report.figure.style import Canvas, look
from vispera.text import LANGUAGES, language

GOLDEN = Path(__file__).parents[1] / "golden" / "replay-v1.json"


def recorded() -> dict[str, Any]:
    return json.loads(GOLDEN.read_text("utf-8"))


def season(told: dict[str, Any], code: str = "en") -> Canvas:
    with look():
        return FIGURES["season"](Subject(told, language(code)))


def contenders(told: dict[str, Any], code: str = "en") -> Canvas:
    with look():
        return FIGURES["contenders"](Subject(told, language(code)))


def shown(one: Canvas) -> list[str]:
    return [text.get_text() for axes in one.figure.axes for text in axes.texts]


@pytest.mark.parametrize("code", LANGUAGES)
def test_assumptions_are_told_as_they_were_made_and_not_rounded(code):
    told = recorded()
    told["costs"] |= {"talked_out": 0.025, "margin": 0.07, "call": 2.5}
    spoken = language(code)
    said = Subject(told, spoken).assumed
    assert spoken.percent(0.025, 1) in said
    assert f" {spoken.percent(0.07)}" in said
    assert f"{spoken.number(2.5, 1)} EUR" in said


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_single_night_has_one_date(code):
    told = recorded()
    told["nights"] |= {"first": "2017-03-01", "last": "2017-03-01", "count": 1}
    said = Subject(told, language(code)).sample
    assert said.count(language(code).date("2017-03-01")) == 1
    assert "–" not in said


@pytest.mark.parametrize("code", LANGUAGES)
def test_calls_that_could_have_been_made_and_were_not_are_counted(code):
    told, say = recorded(), language(code).say
    mine = next(way for way in told["contenders"] if way["name"] == "model_by_value")
    told["capacity"], told["nights"]["count"] = 2, 63
    mine["calls"] = 120.0
    assert say("figure.replay_season.free", units="6") in shown(season(told, code))
    mine["calls"] = 126.0
    full = say("figure.replay_season.free", units="")
    assert not [text for text in shown(season(told, code)) if text.startswith(full)]


def test_no_value_is_told_of_calls_that_nobody_would_have_made():
    told = recorded()
    mine = next(way for way in told["contenders"] if way["name"] == "model_by_value")
    mine |= {"calls": 0.0, "caught": 0.0, "in_vain": 0.0, "precision": None}
    words = season(told).words
    assert "EUR" not in words.subtitle
    assert str(told["book"]["cancelled_units"]) in words.subtitle


@pytest.mark.parametrize("high", [36.0, 3000.0])
def test_no_interval_is_cut_at_the_edge_of_the_axis(high):
    told = recorded()
    found = {"value": 8.0, "low": 7.0, "high": high}
    next(way for way in told["contenders"] if way["name"] == "foresight")["realised"] = found
    one = contenders(told)
    axes = one.figure.axes[0]
    ends = [float(np.max(line.get_xdata())) for line in axes.lines]
    assert max(ends) <= axes.get_xlim()[1]
    assert any(f"8 (7 to {high:,.0f})" in text for text in shown(one))
