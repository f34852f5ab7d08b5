"""Ladder: what each way of calling would have been worth a night."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vispera.report.feasibility.figure import layout
from vispera.report.feasibility.figure.layout import AXIS, EDGE, LINE, SMALL, Found
from vispera.report.feasibility.figure.naming import headed, way
from vispera.report.figure.replay.subject import FORESIGHT, Subject
from vispera.report.figure.style import BLUE, GREY, INK, Sheet
from vispera.text import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COUNTS = ("calls", "caught", "in_vain")
SQUASHED = 1.4
"""Foresight lies beyond the axis if it would make the axis so many times as long."""


def draw(series: Mapping[str, Any], language: Language, width: float) -> Figure:
    """A row for each way of calling: its value a night with the interval, the recommended one in colour."""
    sheet, subject = Sheet(width), Subject({}, language)
    (_narrow if layout.narrow(sheet) else _wide)(sheet, subject, series)
    return sheet.figure


def _wide(sheet: Sheet, subject: Subject, series: Mapping[str, Any]) -> None:
    """Names on the left, axes, and columns of numbers on the right."""
    ways = series["ways"]
    names = [layout.fitted(sheet, headed(way(one, subject.language)), 2.2, 2, weight="bold") for one in ways]
    left = EDGE + max(sheet.widest(name.split("\n"), weight="bold") for name in names) + 0.2
    head, row = LINE + 0.12, 0.33
    bottom = head + row * len(ways)
    sheet.set_height(bottom + AXIS)
    page = layout.page(sheet)
    columns = _columns(sheet, subject, ways)
    right = sheet.width - EDGE - sum(wide for wide, _ in columns.values())
    axes = layout.plot(sheet, left, right - 0.1, head, bottom)
    ends = _limits(ways)
    _scale(sheet, axes, subject, ends, (head, bottom))
    middles = [head + row * (place + 0.5) for place in range(len(ways))]
    dressed = [(y, *_dress(one)) for y, one in zip(middles, ways, strict=True)]
    _numbers(page, subject, right, columns, dressed)
    layout.rules(page, sheet.width, [head + row * place for place in range(len(ways) + 1)])
    for one, name, (y, color, weight) in zip(ways, names, dressed, strict=True):
        layout.write(page, EDGE, y, name, color=color, weight=weight, va="center", linespacing=1.15)
        _mark(axes, y, one, ends)


def _narrow(sheet: Sheet, subject: Subject, series: Mapping[str, Any]) -> None:
    """Name and number above each line."""
    ways, ends = series["ways"], _limits(series["ways"])
    told = [subject.eur(one["value"], layout.digits(ends)) for one in ways]
    room = sheet.width - 2 * EDGE - 0.1 - sheet.widest(told)
    names = [
        layout.fitted(sheet, headed(way(one, subject.language)), room, weight=_dress(one)[1]) for one in ways
    ]
    head, row = LINE + 0.1, 0.4
    bottom = head + row * len(ways)
    sheet.set_height(bottom + AXIS)
    page = layout.page(sheet)
    axes = layout.plot(sheet, EDGE + 0.05, sheet.width - EDGE - 0.05, head, bottom)
    _scale(sheet, axes, subject, ends, (head, bottom))
    layout.write(
        page, EDGE, 0.09, subject.language.say("feasibility_figure.ladder.x"), color=GREY, size=SMALL
    )
    layout.rules(page, sheet.width, [head + row * place for place in range(len(ways) + 1)])
    for place, (one, name) in enumerate(zip(ways, names, strict=True)):
        y = head + row * place
        color, weight = _dress(one)
        font: Any = {"color": color, "weight": weight}
        layout.strip(page, y + 0.12)
        layout.write(page, EDGE, y + 0.12, name, **font)
        layout.write(page, sheet.width - EDGE, y + 0.12, told[place], ha="right", **font)
        _mark(axes, y + 0.27, one, ends)


def _scale(sheet: Sheet, axes: Axes, subject: Subject, ends: tuple[float, float], rows) -> None:
    layout.rows(axes, *rows)
    layout.value_axis(sheet, axes, lambda value: subject.eur(value, layout.digits(ends)), ends)


def _dress(one: Mapping[str, Any]) -> tuple[str, str]:
    """Colour and weight: what is recommended stands out, what the lists follow is ink, the rest pale."""
    if one.get("recommended"):
        return BLUE, "bold"
    return (INK if one.get("chosen") else GREY), "normal"


def _limits(ways) -> tuple[float, float]:
    """Ends of the axis: all ways of calling, without foresight where it would squash them."""
    near = layout.limits(_ends(one) for one in ways if one["name"] != FORESIGHT)
    every = layout.limits(_ends(one) for one in ways)
    return every if every[1] - every[0] <= SQUASHED * (near[1] - near[0]) else near


def _ends(one: Mapping[str, Any]) -> Found:
    return {end: one.get(end) for end in ("value", "low", "high")}


def _mark(axes: Axes, y: float, one: Mapping[str, Any], ends: tuple[float, float]) -> None:
    """Dot and line, or an arrow to what lies beyond the axis."""
    color = _dress(one)[0]
    if one["value"] <= ends[1]:
        size = 7.0 if one.get("recommended") else 5.5
        layout.interval(axes, y, _ends(one), color, size)
        return
    arrow = {"arrowstyle": "-|>", "color": color, "linewidth": 1.2, "shrinkA": 0, "shrinkB": 0}
    span = ends[1] - ends[0]
    axes.annotate("", (ends[1], y), (ends[1] - 0.12 * span, y), arrowprops=arrow, annotation_clip=False)


def _columns(sheet: Sheet, subject: Subject, ways) -> dict[str, tuple[float, list[str]]]:
    """Inches and texts of each column of numbers; a count that no way of calling has is no column."""
    found = {}
    for name in ("value", *COUNTS):
        if any(one.get(name) is not None for one in ways):
            told = [_told(subject, one, name, layout.digits(_limits(ways))) for one in ways]
            title = subject.language.say(f"feasibility_figure.ladder.{name}")
            wide = max(sheet.widest(told, weight="bold"), sheet.widest([title], size=SMALL))
            found[name] = (0.2 + wide, told)
    return found


def _told(subject: Subject, one: Mapping[str, Any], name: str, digits: int) -> str:
    if one.get(name) is None:
        return "–"
    return subject.eur(one[name], digits) if name == "value" else subject.count(one[name])


def _numbers(page: Axes, subject: Subject, right: float, columns, rows) -> None:
    """Columns of numbers under their titles, aligned to the right."""
    for name, (wide, told) in columns.items():
        right += wide
        title = subject.language.say(f"feasibility_figure.ladder.{name}")
        layout.write(page, right, 0.1, title, ha="right", color=GREY, size=SMALL)
        for text, (y, color, weight) in zip(told, rows, strict=True):
            layout.write(page, right, y, text, ha="right", color=color, weight=weight)
