"""The season of a replay and its ways of calling: what is drawn where sums lie close, low or far beyond."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from legible import assert_legible
from replayed import canvas, recorded, texts
from vispera.report.figure.style import Canvas
from vispera.text import LANGUAGES, language


def nights(count: int) -> dict[str, Any]:
    """The replay over so many nights, those of the record again and again."""
    told = recorded()
    dates = [(date(2015, 9, 1) + timedelta(days=place)).isoformat() for place in range(count)]
    told["nights"] |= {"first": dates[0], "last": dates[-1], "count": count}
    for name in ("model_by_value", "random", "own_rule", "rule", "foresight"):
        nightly = told["by_night"][name]
        for key in ("caught", "in_vain", "realised"):
            nightly[key] = (nightly[key] * (count // len(nightly[key]) + 1))[:count]
    told["by_night"]["night"] = dates
    return told


def lost() -> dict[str, Any]:
    """A replay in which every call cost more than it brought, and even foresight brought little."""
    told = recorded()
    for way in told["contenders"]:
        way["realised"] = {"value": -25.0, "low": -1234.0, "high": -2.5}
        nightly = told["by_night"][way["name"]]
        nightly["realised"] = [-25.0] * told["nights"]["count"]
    return told


def crowded() -> dict[str, Any]:
    """A replay in which all ways of calling end near the top, and foresight beyond it."""
    told = recorded()
    for place, way in enumerate(told["contenders"]):
        told["by_night"][way["name"]]["realised"] = [100.0 + 0.1 * place] * told["nights"]["count"]
    told["by_night"]["foresight"]["realised"] = [900.0] * told["nights"]["count"]
    return told


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("make", [lost, crowded])
@pytest.mark.parametrize("figure", ["season", "contenders"])
def test_every_word_can_be_read(figure, make, code):
    assert_legible(canvas(figure, make(), code))


def rows(one: Canvas) -> list[str]:
    """Names of the ways of calling beside the dots."""
    return [label.get_text() for label in one.figure.axes[0].get_yticklabels()]


def test_what_the_title_names_has_a_row_and_counts_where_the_ladder_has_them():
    told = recorded()
    told["ladder"] |= {"verdict": "logistic", "best": "trees"}
    one = canvas("contenders", told, "en")
    assert "The simplest way within the noise of the best is logistic" in one.words.title
    assert "logistic, by value" in rows(one)
    assert len(rows(one)) == len(told["contenders"]) + 1
    assert "only the value is known" in one.words.note
    told["ladder"]["rungs"][2] |= {"calls": 512.0, "caught": 77.0, "in_vain": 435.0, "missed": 190.0}
    counted = canvas("contenders", told, "en")
    assert "512 77 435 190" in " ".join(texts(counted))
    assert "only the value is known" not in counted.words.note


def test_stop_is_said_in_words():
    told = recorded()
    told["ladder"] |= {"verdict": "stop", "best": None}
    title = canvas("contenders", told, "es").words.title
    assert title == language("es").say("figure.replay_contenders.title_stop")


def test_foresight_beyond_the_picture_is_a_number_and_within_it_a_line_like_others():
    beyond, within = (" ".join(texts(canvas("season", make(), "en"))) for make in (crowded, lost))
    assert f"↑ perfect foresight {63 * 900:,}" in beyond
    assert "↑" not in within
    assert "perfect foresight −1,575" in within


@pytest.mark.parametrize(("count", "bars"), [(1, 1), (100, 100), (101, 15), (400, 58)])
def test_a_bar_is_a_night_or_a_week_and_the_bars_hold_all_calls(count, bars):
    told = nights(count)
    drawn = [bar for stack in canvas("season", told, "en").figure.axes[0].containers for bar in stack]
    assert len(drawn) == 2 * bars
    called = sum(bar.get_height() * bar.get_width() / 0.84 for bar in drawn)
    mine = told["by_night"]["model_by_value"]
    assert called == pytest.approx(sum(mine["caught"]) + sum(mine["in_vain"]))
