"""Sensitivity: how the value a night moves with the number of calls and with each assumption."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vispera.report.feasibility.figure import layout
from vispera.report.feasibility.figure.layout import AXIS, EDGE, SMALL, Found
from vispera.report.figure.replay.subject import Subject
from vispera.report.figure.replay.varied import Varied
from vispera.report.figure.style import BLUE, DASHES, GREY, INK, PAPER, SKY, Sheet
from vispera.text import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW, GAP, TITLE = 0.185, 0.09, 0.27
"""Inches of a line, between assumptions, and of the title of a section."""

MOST_CALLS = 8
"""Numbers of calls that have a line; of more, the first ones."""


@dataclass(frozen=True)
class Line:
    """A setting and the value under it; ``name`` says what is set and stands on the first of its lines.

    ``base`` marks the setting as assumed.
    """

    name: str
    setting: str
    found: Found
    base: bool = False


@dataclass(frozen=True)
class Section:
    """Lines under one title, grouped by what is changed."""

    title: str
    groups: Sequence[Sequence[Line]]


def draw(series: Mapping[str, Any], language: Language, width: float) -> Figure:
    """A line for each setting, with a bar from the value as assumed, its interval and its number."""
    sheet, subject = Sheet(width), Subject({}, language)
    small, sections = layout.narrow(sheet), list(_sections(series, subject))
    ends = layout.limits(_found(one) for one in [series["base"], *series["rows"]])
    digits = layout.digits(ends)
    lines = [line for section in sections for group in section.groups for line in group]
    values = [subject.eur(line.found["value"] or 0.0, digits) for line in lines]
    setting = sheet.widest([line.setting for line in lines], weight="bold")
    name = 0.0 if small else min(0.15 + sheet.widest([line.name for line in lines]), 0.5 * sheet.width)
    left = EDGE + name + setting + 0.12
    right = sheet.width - EDGE - sheet.widest(values, weight="bold") - 0.12
    places = _places(sections, small)
    bottom = places.bottom
    sheet.set_height(bottom + AXIS)
    page = layout.page(sheet)
    axes = layout.plot(sheet, left, right, 0.22, bottom)
    layout.rows(axes, 0.22, bottom)
    layout.value_axis(sheet, axes, lambda value: subject.eur(value, digits), ends)
    axes.axvline(series["base"]["value"] or 0.0, color=BLUE, linewidth=1.0, linestyle=DASHES)
    x = language.say("feasibility_figure.sensitivity.x")
    layout.write(page, sheet.width - EDGE, 0.09, x, ha="right", color=GREY, size=SMALL)
    for y, title in places.titles:
        layout.strip(page, y, TITLE)
        layout.write(page, EDGE, y, title, weight="bold")
    room = sheet.width - 2 * EDGE if small else name
    for y, told in places.names:
        if small:
            layout.strip(page, y)
        layout.write(page, EDGE, y, layout.fitted(sheet, told, room))
    for y, line, value in zip(places.lines, lines, values, strict=True):
        font: Any = {"color": BLUE if line.base else INK, "weight": "bold" if line.base else "normal"}
        layout.write(page, left - 0.12, y, line.setting, ha="right", **font)
        layout.write(page, sheet.width - EDGE, y, value, ha="right", **font)
        _mark(axes, y, line, series["base"]["value"] or 0.0)
    return sheet.figure


@dataclass(frozen=True)
class Places:
    """Heights in inches from the top of what is written."""

    titles: list[tuple[float, str]]
    names: list[tuple[float, str]]
    lines: list[float]
    bottom: float


def _places(sections: Sequence[Section], small: bool) -> Places:
    """Where everything stands; where there is no column for names, a name has a line of its own."""
    y, titles, names, lines = (0.12 if small else 0.0), [], [], []
    for section in sections:
        y += TITLE
        titles.append((y - 0.12, section.title))
        for group in section.groups:
            if group[0].name:
                names.append((y + ROW / 2, group[0].name))
                y += ROW if small else 0.0
            lines += [y + ROW * (place + 0.5) for place in range(len(group))]
            y += ROW * len(group) + (GAP if group[0].name else 0.0)
    return Places(titles, names, lines, y + 0.05)


def _sections(series: Mapping[str, Any], subject: Subject) -> Iterator[Section]:
    say, rows = subject.say, series["rows"]
    of = {kind: [one for one in rows if one["kind"] == kind] for kind in ("calls", "alone", "together")}
    if calls := sorted(of["calls"], key=lambda one: one["setting"]):
        lines = [[_calls(one, subject)] for one in calls[:MOST_CALLS]]
        yield Section(subject.language.say("feasibility_figure.sensitivity.calls"), lines)
    if of["alone"]:
        yield Section(say("replay_assumptions.section.alone"), list(_alone(of["alone"], subject)))
    if of["together"]:
        lines = [[Line("", _name(one["name"], subject), _found(one))] for one in of["together"]]
        yield Section(say("replay_assumptions.section.together"), lines)


def _calls(one: Mapping[str, Any], subject: Subject) -> Line:
    return Line("", subject.plain(one["setting"]), _found(one), base=one["setting"] == one["base"])


def _alone(rows, subject: Subject) -> Iterator[list[Line]]:
    """Lines of each assumption from the lowest setting on; what moves the value most comes first."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for one in rows:
        found.setdefault(one["name"], []).append(one)

    def span(name: str) -> float:
        values = [one["value"] or 0.0 for one in found[name]]
        return max(values) - min(values)

    varied = Varied(subject)
    for name in sorted(found, key=lambda name: (-span(name), name)):
        settings = sorted(found[name], key=lambda one: one["setting"])
        assumed = _setting(varied, name, settings[0]["base"])
        title = subject.language.say(
            "feasibility_figure.sensitivity.assumed", name=_name(name, subject), setting=assumed
        )
        yield [
            Line(title if place == 0 else "", _setting(varied, name, one["setting"]), _found(one))
            for place, one in enumerate(settings)
        ]


def _setting(varied: Varied, name: str, value: float | None) -> str:
    if value is None:
        return "–"
    known = varied.subject.language.has(f"figure.replay_assumptions.name.{name}")
    return varied.setting(name, value) if known else varied.subject.plain(value)


def _name(name: str, subject: Subject) -> str:
    known = f"figure.replay_assumptions.name.{name}"
    return subject.language.say(known) if subject.language.has(known) else name.replace("_", " ")


def _found(one: Mapping[str, Any]) -> Found:
    return {end: one.get(end) for end in ("value", "low", "high")}


def _mark(axes: Axes, y: float, line: Line, base: float) -> None:
    """A bar from the value as assumed to this one, the interval, and a dot, hollow if zero is in it."""
    value, low, high = line.found["value"] or 0.0, line.found["low"], line.found["high"]
    axes.barh(y, value - base, 0.6 * ROW, base, color=SKY)
    hollow = low is not None and high is not None and low <= 0.0 <= high
    face = {"markerfacecolor": PAPER} if hollow else {}
    layout.interval(axes, y, line.found, BLUE, 6.0 if line.base else 5.0, path_effects=None, **face)
