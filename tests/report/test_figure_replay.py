"""Figures of a replay: legible in both languages, of good, worthless, tiny and large replays."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest

from legible import assert_legible
from replayed import canvas, recorded, texts
from vispera.report.figure.replay import FIGURES, draw
from vispera.text import LANGUAGES, Language, language


def worthless() -> dict[str, Any]:
    """A replay in which nobody was worth a call, the hotel has no rule, and nothing was varied."""
    told = recorded()
    zero = {"value": 0.0, "low": 0.0, "high": 0.0}
    told["contenders"] = [way for way in told["contenders"] if way["name"] != "own_rule"]
    for way in told["contenders"]:
        way |= {"calls": 0.0, "caught": 0.0, "in_vain": 0.0, "precision": None, "recall": None}
        way |= {"realised": dict(zero), "expected": dict(zero)}
        told["by_night"][way["name"]] = {
            name: [0.0] * told["nights"]["count"]
            for name in ("calls", "caught", "in_vain", "realised", "expected")
        }
    del told["by_night"]["own_rule"]
    told["ladder"] |= {"verdict": "stop", "best": None}
    told["one_night"]["rows"], told["one_night"]["why"] = [], "asked"
    return told | {"assumptions": [], "capacities": told["capacities"][:1]}


def nights(count: int) -> dict[str, Any]:
    """The replay of one night, or of very many."""
    from datetime import date, timedelta

    told = recorded()
    dates = [(date(2015, 9, 1) + timedelta(days=place)).isoformat() for place in range(count)]
    told["nights"] |= {"first": dates[0], "last": dates[-1], "count": count}
    for name, by_night in told["by_night"].items():
        if name == "night":
            continue
        for key, values in by_night.items():
            by_night[key] = values and (values * (count // len(values) + 1))[:count]
    told["by_night"]["night"] = dates
    return told


def large() -> dict[str, Any]:
    """Fifty calls a night, long names, groups of many rooms, a fate of each kind, a price that is unknown."""
    told = recorded()
    told["capacity"], told["model"] = 50, "gradient_boosting_of_many_trees"
    for way in told["contenders"]:
        way["model"] = way["model"] and told["model"]
    rows = (told["one_night"]["rows"] * 50)[:50]
    told["one_night"]["rows"] = rows = [copy.deepcopy(row) | {"rank": n + 1} for n, row in enumerate(rows)]
    fates = [("came", None), ("cancelled", 1), ("cancelled", 13), ("no_show", None), ("partly", 4)]
    fates += [("partly", None)]
    for place, row in enumerate(rows):
        row["outcome"], row["days_before"] = fates[place % len(fates)]
        row |= {
            "rooms": 32,
            "nights": 27.0,
            "days_left": 14,
            "label": {"hotel": "The Grand Hotel of the Eve"},
        }
        row["price"] = None if place == 3 else 1234.5
        row["arm"] = "control" if place % 4 == 3 else "call"
    return told


def listed(*fates: tuple[str, float, float], arm: str = "call") -> dict[str, Any]:
    """The replay whose night has calls of these outcomes, expected and realised values."""
    told = recorded()
    like = told["one_night"]["rows"][0]
    told["one_night"]["rows"] = [
        copy.deepcopy(like)
        | {"rank": n + 1, "outcome": outcome, "expected_value": expected, "realised": realised, "arm": arm}
        | {"days_before": 3 if outcome == "cancelled" else None, "nights": float(n), "label": {}}
        for n, (outcome, expected, realised) in enumerate(fates)
    ]
    return told


def varied() -> dict[str, Any]:
    """Up to fifty calls a night, losses of thousands, a value without an interval, sets that are told."""
    told = recorded()
    like = told["capacities"][0]
    told["capacities"] = [copy.deepcopy(like) | {"capacity": calls} for calls in range(1, 51)]
    told["assumptions"][0]["realised"] = {"value": -1234.5, "low": -12345.6, "high": 2345.6}
    told["assumptions"][1]["realised"] |= {"low": None, "high": None}
    told["assumptions"][-1]["settings"] = {"call": 2.0, "talked_out": 0.025, "resale_days": 1.0}
    return told


REPLAYS = {
    "varied widely": varied,
    "one call, caught": lambda: listed(("cancelled", 1234.5, 2345.6)),
    "one call, in vain": lambda: listed(("came", 0.0, -1234.5)),
    "one of three caught": lambda: listed(
        ("no_show", 9.0, 0.0), ("came", -4.0, -3.0), ("came", -500.0, -3.0)
    ),
    "all left by lot": lambda: listed(("came", 3.0, 0.0), ("no_show", 2.0, 0.0), arm="control"),
    "recorded": recorded,
    "worthless": worthless,
    "one night": lambda: nights(1),
    "many nights": lambda: nights(400),
    "large": large,
}


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", REPLAYS)
@pytest.mark.parametrize("figure", FIGURES)
def test_every_word_can_be_read(figure, name, code):
    assert_legible(canvas(figure, REPLAYS[name](), code))


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize("code", LANGUAGES)
def test_each_says_that_no_call_was_made_what_is_assumed_and_that_it_is_simulated(figure, code):
    one = canvas(figure, recorded(), code)
    spoken = language(code)
    assert spoken.say("figure.replay.no_call") in one.words.note
    assert spoken.percent(0.73) in one.words.note
    assert one.words.badge == spoken.say("figure.simulated")
    real = canvas(figure, recorded() | {"simulated": False}, code)
    assert real.words.badge == ""


def digits(text: str) -> list[str]:
    """Runs of digits, whatever separates thousands and decimals."""
    return sorted(re.findall(r"\d+", re.sub(r"(?<=\d)[.,\u00a0](?=\d)", "", text)))


@pytest.mark.parametrize("name", ["recorded", "large"])
@pytest.mark.parametrize("figure", FIGURES)
def test_both_languages_carry_equal_numbers(figure, name):
    english, spanish = (canvas(figure, REPLAYS[name](), code) for code in ("en", "es"))
    for part in ("title", "subtitle", "note"):
        assert digits(getattr(english.words, part)) == digits(getattr(spanish.words, part)), part
    if figure != "one_night":  # where there is no room for a price in one of them it is left out
        assert digits(" ".join(texts(english))) == digits(" ".join(texts(spanish)))


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_sums_of_a_night_are_over_all_that_would_have_been_called(code):
    fates = [("cancelled", 10.0, 20.0), ("came", 1.0, -3.5)] * 7
    one = canvas("one_night", listed(*fates), code)
    date = language(code).date(recorded()["one_night"]["night"])
    assert digits(one.words.title) == sorted([*digits(date), "7", "14", "7"])
    words, number = " ".join(texts(one)), language(code).number
    assert number(77.0, 1) in words
    assert number(115.5, 1) in words
    assert number(77.0, 1) in one.words.subtitle
    assert number(115.5, 1) in one.words.subtitle


@pytest.mark.parametrize("code", LANGUAGES)
def test_who_was_left_uncalled_is_marked_and_counts_in_no_sum(code):
    called, left = listed(("came", 5.0, -3.0)), listed(("no_show", 40.0, 60.0), arm="control")
    called["one_night"]["rows"] += left["one_night"]["rows"]
    one, say = canvas("one_night", called, code), language(code).say
    assert say("figure.replay_one_night.uncalled") in " ".join(texts(one))
    assert one.words.title.endswith(say("figure.replay_one_night.title_only_vain").partition(": ")[2])
    assert language(code).number(60.0, 1) not in " ".join(texts(one))


def test_equal_data_gives_equal_bytes_and_the_alt_text_has_the_numbers(tmp_path):
    first = draw(recorded(), tmp_path / "a", "en", ("png", "svg"))
    again = draw(recorded(), tmp_path / "b", "en", ("png", "svg"))
    assert [one.name for one in first] == [name for name in FIGURES for _ in range(2)]
    assert [one.path.read_bytes() for one in first] == [one.path.read_bytes() for one in again]
    assert all(re.search(r"\d", one.alt) and "No real call was ever made" in one.alt for one in first)


@pytest.mark.slow
def test_every_text_of_the_figures_is_said_somewhere(monkeypatch):
    said: set[str] = set()
    honest = Language.say

    def listening(self, key, /, **values):
        said.add(key)
        return honest(self, key, **values)

    monkeypatch.setattr(Language, "say", listening)
    best = recorded()
    best["ladder"] |= {"verdict": "rule", "best": "rule"}
    near = recorded()
    near["ladder"] |= {"verdict": "rule", "best": "trees"}
    soon = large()
    soon["one_night"]["rows"][1] |= {"days_left": 1, "nights": 1.0, "rooms": 1, "days_before": 1}
    soon["one_night"]["rows"][4] |= {"days_before": 1}
    refits = [recorded() | {"refit": one} for one in ("never", "monthly", "weekly", "nightly")]
    refits.append(recorded() | {"knowledge": "artefact"})
    alone = recorded()
    for one in (alone["capacities"][0], alone["contenders"][-2]):
        one["realised"] |= {"low": None, "high": None}
    for told in (*(make() for make in REPLAYS.values()), best, near, soon, alone, *refits):
        for figure in FIGURES:
            canvas(figure, told, "en")
    written = {
        f"figure.{section}.{key}"
        for section, texts in language("en").texts["figure"].items()
        if section.startswith("replay")
        for key in _keys(texts)
    }
    assert written - said == set()


def _keys(texts: dict) -> list[str]:
    nested = [f"{key}.{inner}" for key, value in texts.items() if isinstance(value, dict) for inner in value]
    return nested + [key for key, value in texts.items() if not isinstance(value, dict)]
