"""Words that every figure of a replay carries, and what the season says of calls that were not made."""

from __future__ import annotations

import numpy as np
import pytest

from replayed import canvas, recorded, texts
from vispera.report.figure.replay import Subject
from vispera.text import LANGUAGES, language


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
def test_it_is_said_when_models_knew_no_more_than_their_last_fit(code):
    told = recorded()
    old = Subject(told, language(code)).say("replay.old")
    for knowledge, said in (("nightly", False), ("artefact", True)):
        assert (old in Subject(told | {"knowledge": knowledge}, language(code)).sample) is said
    assert old not in Subject(told, language(code)).sample  # of before there was a choice


@pytest.mark.parametrize("code", LANGUAGES)
def test_calls_that_could_have_been_made_and_were_not_are_counted(code):
    told, say = recorded(), language(code).say
    mine = next(way for way in told["contenders"] if way["name"] == "model_by_value")
    told["capacity"], told["nights"]["count"] = 2, 63
    mine["calls"] = 120.0
    assert say("figure.replay_season.free", units="6") in texts(canvas("season", told, code))
    mine["calls"] = 126.0
    full = say("figure.replay_season.free", units="")
    assert not [text for text in texts(canvas("season", told, code)) if text.startswith(full)]


def test_no_value_is_told_of_calls_that_nobody_would_have_made():
    told = recorded()
    mine = next(way for way in told["contenders"] if way["name"] == "model_by_value")
    mine |= {"calls": 0.0, "caught": 0.0, "in_vain": 0.0, "precision": None}
    words = canvas("season", told).words
    assert "EUR" not in words.subtitle
    assert str(told["book"]["cancelled_units"]) in words.subtitle


@pytest.mark.parametrize("high", [36.0, 3000.0])
def test_no_interval_is_cut_at_the_edge_of_the_axis(high):
    told = recorded()
    found = {"value": 8.0, "low": 7.0, "high": high}
    next(way for way in told["contenders"] if way["name"] == "foresight")["realised"] = found
    one = canvas("contenders", told)
    axes = one.figure.axes[0]
    ends = [float(np.max(line.get_xdata())) for line in axes.lines]
    assert max(ends) <= axes.get_xlim()[1]
    assert any(f"8 (7 to {high:,.0f})" in text for text in texts(one))
