"""Charts of the feasibility report: legible in both widths and languages, whatever the records hold."""

from __future__ import annotations

import copy
from datetime import date, timedelta
from typing import Any, cast
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from legible import assert_legible
from replayed import recorded
from vispera.money.theme import THEMES
from vispera.report.feasibility.figure import FIGURES, NARROW, WIDE, draw
from vispera.report.feasibility.figure.naming import named, way
from vispera.report.figure.style import BLUE, PAPER, Canvas, look
from vispera.text import LANGUAGES, Language, language

WINDOWS = ("tuning-1", "tuning-2", "tuning-3", "tuning-4", "test")
LONG = "a_level_with_a_very_long_name_that_no_phone_has_room_for_" * 3
WAYS = {
    "nothing": None,
    "random": None,
    "soonest": None,
    "own_rule": None,
    "rule": "rule",
    "linear": "logistic",
    "trees": "gradient_boosting",
    "model_by_risk": "catboost",
    "model": "catboost",
    "foresight": None,
}


def ends(value: float, around: float) -> dict[str, float]:
    return {"value": value, "low": value - around, "high": value + around}


def ladder() -> dict[str, Any]:
    ways = [
        {
            "name": name,
            "model": model,
            **ends(-58.0 + 15.0 * place, 4.0 * place),
            **{"calls": 630.0, "caught": 12.0 * place, "in_vain": 630.0 - 12.0 * place, "missed": 400.0},
            "chosen": name == "model",
            "recommended": name == "linear",
        }
        for place, (name, model) in enumerate(WAYS.items())
    ]
    ways[0] |= {"value": 0.0, "low": 0.0, "high": 0.0, "calls": 0.0, "in_vain": 0.0}
    ways[-1] |= ends(213.5, 30.0)
    return {"level": 0.9, "nights": 63, "ways": ways}


def season(nights: int = 63, realised: float = 38.6) -> dict[str, Any]:
    first = date(2017, 3, 16)
    return {
        "night": [(first + timedelta(days=place)).isoformat() for place in range(nights)],
        "calls": [10.0] * nights,
        "caught": [float(place % 4) for place in range(nights)],
        "in_vain": [10.0 - place % 4 for place in range(nights)],
        "realised": [realised + place % 5 for place in range(nights)],
        "own_rule": [-58.2] * nights,
        "capacity": 10,
    }


def calibration() -> dict[str, Any]:
    shares = [0.01 + 0.018 * place for place in range(14)]
    bins = [{"rows": 485, "mean_p": p, "rate": 0.9 * p, "low": 0.7 * p, "high": 1.2 * p} for p in shares]
    return {"model": "catboost", "window": "test", "bins": bins}


def windows() -> dict[str, Any]:
    first = date(2016, 7, 7)
    told = []
    for place, name in enumerate(WINDOWS):
        start = first + timedelta(days=63 * place)
        told.append(
            {
                "name": name,
                "first": start.isoformat(),
                "last": (start + timedelta(days=62)).isoformat(),
                "roc_auc": ends(0.66 + 0.01 * place, 0.03),
                "baseline_roc_auc": 0.62 + 0.01 * place,
                "ece": ends(0.012 + 0.003 * place, 0.005),
                "rate": 0.1,
                "mean_p": None,
            }
        )
    return {"model": "catboost", "baseline": "rule", "ceiling": 0.78, "windows": told}


def sensitivity() -> dict[str, Any]:
    replay = recorded()
    base = next(one for one in replay["contenders"] if one["name"] == "model_by_value")["realised"]
    rows = [
        {
            "kind": "calls",
            "name": "calls",
            "setting": one["capacity"],
            "base": replay["capacity"],
            **one["realised"],
        }
        for one in replay["capacities"]
    ]
    rows += [
        {
            "kind": "together" if one["setting"] is None else "alone",
            **{key: one[key] for key in ("name", "setting", "base")},
            **one["realised"],
        }
        for one in replay["assumptions"]
    ]
    return {"base": base, "capacity": replay["capacity"], "rows": rows}


def uses() -> dict[str, Any]:
    names = [
        "days_left",
        "rate_91_agent",
        "channel",
        "guest_history",
        "overall",
        "arrival_date",
        "nights",
        "hotel",
    ]
    themes = [{"name": name, "share": 0.2 - 0.02 * place} for place, name in enumerate(names)]
    return {"method": "contribution", "themes": themes, "others": 7, "others_share": 0.09}


def group(level: str, units: int, called: float | None, reached: float | None) -> dict[str, Any]:
    shares = {"called_share": called, "reached_share": reached}
    spread = {
        name: ends(value, 0.03) if value is not None else dict.fromkeys(("value", "low", "high"))
        for name, value in shares.items()
    }
    return {"level": level, "units": units, "lost": units // 10, "called": 20, "caught": 5, **spread}


def fairness() -> dict[str, Any]:
    groups = [
        group("Online TA", 3000, 0.15, 0.29),
        group("Direct", 700, 0.09, 0.15),
        group("Aviation", 12, None, None),
    ]
    return {
        "column": "market_segment",
        "groups": groups,
        "overall": {"called_share": 0.113, "reached_share": 0.215},
    }


def precision() -> dict[str, Any]:
    rows = {"perfect": 7.6, "model": 2.2, "random": 0.9, "own_rule": 0.2}
    return {"k": 10, "rows": [{"name": name, "value": value} for name, value in rows.items()]}


PLAIN = {
    "ladder": ladder,
    "season": season,
    "calibration": calibration,
    "windows": windows,
    "sensitivity": sensitivity,
    "uses": uses,
    "fairness": fairness,
    "precision": precision,
}


def without_intervals(told: Any) -> Any:
    """The same without any resamples."""
    if isinstance(told, dict):
        return {
            key: None if key in ("low", "high") else without_intervals(value) for key, value in told.items()
        }
    return [without_intervals(one) for one in told] if isinstance(told, list) else told


def negative() -> dict[str, Any]:
    told = ladder()
    for way_ in told["ways"]:
        way_ |= {"value": -1234.5, "low": -4321.0, "high": -2.5}
    return told


def uncounted() -> dict[str, Any]:
    told = ladder()
    for one in told["ways"]:
        one |= {"value": 0.0, "low": None, "high": None, "calls": None, "caught": None, "in_vain": None}
    told["ways"][5]["model"] = LONG
    return told


def hopeless() -> dict[str, Any]:
    told = sensitivity()
    for one in (told["base"], *told["rows"]):
        one |= {"value": -25.0, "low": -1234.0, "high": -2.5}
    return told


def many_groups() -> dict[str, Any]:
    groups = [group(f"{LONG}{number}", 100 + number, 0.1, 0.9) for number in range(100)]
    return {"column": "agent", "groups": groups, "overall": None}


def one_window(name: str) -> dict[str, Any]:
    told = windows()
    told["windows"] = [{**told["windows"][0], "name": name, "baseline_roc_auc": None}]
    return {**told, "baseline": None, "ceiling": None}


def undefined() -> dict[str, Any]:
    told = windows()
    for one in told["windows"]:
        one["roc_auc"] = one["ece"] = dict.fromkeys(("value", "low", "high"))
    return told


def many_windows() -> dict[str, Any]:
    told, first = windows(), date(2014, 1, 1)
    told["windows"] = [
        {
            **copy.deepcopy(told["windows"][place % 4]),
            "name": f"tuning-{place + 1}",
            "first": (first + timedelta(days=30 * place)).isoformat(),
            "last": (first + timedelta(days=30 * place + 29)).isoformat(),
        }
        for place in range(24)
    ]
    return told


HARD: dict[str, tuple[str, Any]] = {
    "every call lost money": ("ladder", negative),
    "no counts and a long name": ("ladder", uncounted),
    "one night": ("season", lambda: season(1)),
    "a year": ("season", lambda: season(365)),
    "no call": (
        "season",
        lambda: {**season(), "caught": [0.0] * 63, "in_vain": [0.0] * 63, "realised": [0.0] * 63},
    ),
    "no own rule, all lost": ("season", lambda: {**season(20, -900.0), "own_rule": None}),
    "equal ends": ("season", lambda: {**season(), "own_rule": season()["realised"]}),
    "one point": (
        "calibration",
        lambda: {"bins": [{"rows": 3, "mean_p": 0.0, "rate": 0.0, "low": 0.0, "high": 0.0}]},
    ),
    "far too high": (
        "calibration",
        lambda: {"bins": [{"rows": 900, "mean_p": 0.9, "rate": 0.1, "low": None, "high": None}]},
    ),
    "one window": ("windows", lambda: one_window("test")),
    "a window of another name": ("windows", lambda: one_window("held out")),
    "nothing to tell apart": ("windows", undefined),
    "many windows": ("windows", many_windows),
    "hopeless": ("sensitivity", hopeless),
    "only calls": (
        "sensitivity",
        lambda: {**sensitivity(), "rows": [one for one in sensitivity()["rows"] if one["kind"] == "calls"]},
    ),
    "unknown themes": (
        "uses",
        lambda: {"themes": [{"name": LONG, "share": 1.0}], "others": 1, "others_share": 0.0},
    ),
    "a hundred groups": ("fairness", many_groups),
    "one group": (
        "fairness",
        lambda: {"column": "hotel", "groups": [group("City Hotel", 1, 0.0, None)], "overall": None},
    ),
    "shares at the edge": (
        "fairness",
        lambda: {**fairness(), "overall": {"called_share": 1.0, "reached_share": 0.0}},
    ),
    "many calls": (
        "precision",
        lambda: {"k": 40, "rows": [{"name": "model", "value": 40.0}, {"name": LONG[:30], "value": 0.0}]},
    ),
}
for chart, make in PLAIN.items():
    HARD[chart] = (chart, make)
    HARD[f"{chart}, no intervals"] = (chart, lambda make=make: without_intervals(make()))


def figure(name: str, series: dict[str, Any], code: str = "en", width: float = WIDE) -> Figure:
    with look():
        return FIGURES[name](series, language(code), width)


def texts(drawn: Figure) -> list[str]:
    return [text.get_text() for axes in drawn.axes for text in axes.texts]


@pytest.mark.parametrize(("code", "width"), [("en", NARROW), ("es", WIDE)])
@pytest.mark.parametrize("case", HARD)
def test_every_word_can_be_read(case, code, width):
    name, make = HARD[case]
    check(figure(name, make(), code, width), width)


@pytest.mark.parametrize(("code", "width"), [("es", NARROW), ("en", WIDE)])
@pytest.mark.parametrize("name", FIGURES)
def test_every_word_can_be_read_in_the_other_width_too(name, code, width):
    check(figure(name, PLAIN[name](), code, width), width)


def check(drawn: Figure, width: float) -> None:
    """Words on the paper and apart, none of them smaller than a phone shows."""
    assert_legible(cast(Canvas, drawn), least=2)
    assert min(float(text.get_fontsize()) for axes in drawn.axes for text in axes.texts) >= 8
    assert drawn.get_figwidth() == width


@pytest.mark.parametrize("name", FIGURES)
def test_equal_series_give_equal_bytes_and_few_of_them(name):
    first = draw(name, PLAIN[name](), language("es"), NARROW)
    mpl.rcParams["font.size"] = 30  # a user's own taste must not reach the charts
    try:
        assert draw(name, PLAIN[name](), language("es"), NARROW) == first
    finally:
        mpl.rcdefaults()
    wide = draw(name, PLAIN[name](), language("es"), WIDE)
    assert max(len(first), len(wide)) < 70_000
    for svg in (first, wide):
        assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314  (our own)
        assert b"<text" not in svg  # letters are outlines
        assert b"<dc:date>" not in svg


def test_the_leaner_picture_looks_the_same():
    from io import BytesIO

    drawn = figure("ladder", ladder())
    with look():
        plain = BytesIO()
        drawn.savefig(plain, format="svg", metadata={"Date": None, "Creator": None})
    lean = draw("ladder", ladder(), language("en"), WIDE)
    for mark in (b"<path", b"<use"):
        assert lean.count(mark) == plain.getvalue().count(mark)
    referred = {part.split(b'"')[0] for part in lean.split(b'xlink:href="#')[1:]}
    referred |= {part.split(b")")[0] for part in lean.split(b"url(#")[1:]}
    assert referred
    assert all(b'id="' + one + b'"' in lean for one in referred)


def test_what_is_recommended_stands_out_and_foresight_points_beyond_the_axis():
    drawn = figure("ladder", ladder())
    bold = {text.get_text() for axes in drawn.axes for text in axes.texts if text.get_fontweight() == "bold"}
    assert "A logistic model, by value" in bold
    assert "17" in bold
    blue = [text for axes in drawn.axes for text in axes.texts if text.get_color() == BLUE]
    assert {text.get_text() for text in blue} == bold
    arrows = [text for axes in drawn.axes for text in axes.texts if getattr(text, "arrow_patch", None)]
    assert len(arrows) == 1
    assert "214" in texts(drawn)
    near = ladder()
    near["ways"][-1] |= ends(70.0, 5.0)
    assert not [
        one for axes in figure("ladder", near).axes for one in axes.texts if getattr(one, "arrow_patch", None)
    ]


def test_the_bars_of_a_season_hold_all_calls_and_the_line_ends_at_the_sum():
    for width, bars in ((WIDE, 63), (NARROW, 9)):
        drawn = figure("season", season(), width=width)
        found = [bar for stack in drawn.axes[1].containers for bar in stack]
        assert len(found) == 2 * bars
        assert sum(bar.get_height() for bar in found) == pytest.approx(630)
    assert f"the lists {round(sum(season()['realised'])):,}" in texts(drawn)
    assert "today's rule −3,667" in texts(drawn)


def test_a_dot_is_hollow_where_its_interval_reaches_zero():
    told = sensitivity()
    drawn = figure("sensitivity", told)
    axes = drawn.axes[1]
    faces = [to_hex(line.get_markerfacecolor()) for line in axes.lines if line.get_marker() == "o"]
    reaching = sum(one["low"] <= 0.0 <= one["high"] for one in told["rows"])
    assert faces.count(PAPER.lower()) == reaching
    assert len(faces) == len(told["rows"])


def test_small_groups_are_not_judged_and_only_the_most_numerous_are_drawn():
    assert texts(figure("fairness", fairness())).count("too few") == 2
    many = texts(figure("fairness", many_groups()))
    assert "92 smaller groups are not drawn." in many
    assert [text for text in many if text.endswith(" bookings") and text[0] == "1"] == [
        f"{100 + n} bookings" for n in range(92, 100)
    ]


def test_hits_fill_as_many_dots_as_there_are():
    drawn = figure("precision", {"k": 10, "rows": [{"name": "model", "value": 2.2}]})
    base, whole, part = drawn.axes[0].lines
    assert [np.size(line.get_xdata()) for line in (base, whole, part)] == [10, 2, 1]
    assert "2.2 of 10" in texts(drawn)


@pytest.mark.parametrize("code", LANGUAGES)
def test_whatever_a_model_uses_has_a_plain_name(code):
    columns = [*THEMES, *THEMES.values(), "overall", "arrival_date", "hotel", "nights", "agent", "company"]
    made = [
        f"{kind}_{by}"
        for kind in ("rate", "rate_91", "cancelled_28", "booked_7", "off_books", "on_books")
        for by in ("agent", "overall", "arrival_date+hotel")
    ]
    for name in [*columns, *made, "days_left", "arrival_weekday", "social_trend_trend"]:
        told = named(name, language(code))
        assert "_" not in told
        assert told == language(code).texts["feasibility_figure"]["name"].get(name, told)
        assert "+" not in told
    assert named("shoe_size", language(code)) == "shoe size"


@pytest.mark.parametrize("code", LANGUAGES)
def test_ways_of_calling_are_called_as_in_the_prose(code):
    told = [way({"name": name, "model": model}, language(code)) for name, model in WAYS.items()]
    assert not [name for name in told if "_" in name]
    prose = language(code).texts["report"]
    assert told[3] == prose["way"]["own_rule"]
    assert prose["model"]["logistic"] in told[5]
    assert way({"name": "by_moon", "model": None}, language(code)) == "by moon"


def test_every_text_of_the_charts_is_said_somewhere(monkeypatch):
    said, plain = set(), Language.say

    def listening(self, key, /, **values):
        said.add(key)
        return plain(self, key, **values)

    monkeypatch.setattr(Language, "say", listening)
    for name, make in PLAIN.items():
        for width in (WIDE, NARROW):
            figure(name, make(), width=width)
    for case in ("a hundred groups", "one group", "unknown themes"):
        name, make = HARD[case]
        figure(name, make())
    for kind in ("rate", "rate_91", "cancelled_28", "booked_7", "off_books", "on_books"):
        for by in ("agent", "overall"):
            named(f"{kind}_{by}", language("en"))
    few = fairness()
    ranges = ["1 to under 19", "19 to 400", *map(str, range(7))]
    few["groups"] = [group(name, 1, 0.1, 0.1) for name in ranges]
    figure("fairness", few)
    texts_ = language("en").texts["feasibility_figure"]
    written = {
        f"feasibility_figure.{section}.{key}"
        for section, inner in texts_.items()
        if section not in ("name", "by")
        for key in inner
    }
    assert written - said == set()
