"""Season: what the calls reached night by night, and how the value grew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from vispera.clock import day
from vispera.report.feasibility.figure import layout
from vispera.report.feasibility.figure.layout import AXIS, EDGE, LINE, SMALL, Part
from vispera.report.figure.calendar import apart, month_ticks
from vispera.report.figure.replay.subject import Subject
from vispera.report.figure.style import BLUE, INK, SKY, VERMILION, Sheet, halo
from vispera.text import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_NIGHTS, WEEK = 100, 7
"""Beyond so many nights a bar is a week, even where there is room."""

LEAST = 10.0
"""EUR that the axis of the value shows at least, as its ticks are whole."""

STEPS = 5
"""Most steps along that axis."""

COLORS = {"lists": BLUE, "own_rule": VERMILION}
PALE_INK = "#3F7199"
"""What is said of the pale bars: their own colour would be too faint to read."""


def draw(series: Mapping[str, Any], language: Language, width: float) -> Figure:
    """Bars of calls that were caught or in vain, above lines of the value so far."""
    sheet, subject = Sheet(width), Subject({}, language)
    small = layout.narrow(sheet)
    at = np.array([day(night) for night in series["night"]])
    weekly = len(at) > (WEEK if small else MOST_NIGHTS)
    ends = _ends(subject, series)
    first = _key(subject, series, weekly)
    second = [Part(language.say("feasibility_figure.season.value")), *(reversed(ends) if small else [])]
    room = sheet.width - 2 * EDGE
    limits = _limits(series)
    ticks = [subject.eur(tick) for tick in layout.round_ticks(limits, STEPS)]
    left = EDGE + 0.1 + sheet.widest(ticks, size=SMALL)
    right = (
        sheet.width - 0.1 if small else room - 0.15 - sheet.widest([end.text for end in ends], weight="bold")
    )

    top = LINE * layout.line_count(sheet, first, room) + 0.1
    bottom = top + (1.0 if small else 1.25)
    upper = bottom + AXIS + 0.12 + LINE * layout.line_count(sheet, second, room) + 0.1
    lower = upper + (1.5 if small else 1.8)
    sheet.set_height(lower + AXIS)
    page = layout.page(sheet)
    layout.parts(sheet, page, EDGE, 0.09, first, room)
    layout.parts(sheet, page, EDGE, bottom + AXIS + 0.21, second, room)
    calls = layout.plot(sheet, left, right, top, bottom)
    _bars(calls, series, at, WEEK if weekly else 1)
    lines = layout.plot(sheet, left, right, upper, lower)
    _lines(lines, subject, series, at, limits)
    if not small:
        _label(lines, series, ends, lower - upper)
    for axes in (calls, lines):
        axes.set_xlim(at[0] - 0.5, at[-1] + 1.5)
        axes.tick_params(labelsize=SMALL)
        month_ticks(axes, language, max(2, int((right - left) / 0.75)))
    return sheet.figure


def _key(subject: Subject, series: Mapping[str, Any], weekly: bool) -> list[Part]:
    """What the bars count, and the sums, in the colours of the bars."""
    say = subject.language.say
    units = {name: subject.count(sum(series[name])) for name in ("caught", "in_vain")}
    return [
        Part(say(f"feasibility_figure.season.{'calls_week' if weekly else 'calls'}")),
        Part(say("feasibility_figure.season.caught", units=units["caught"]), BLUE, "bold"),
        Part(say("feasibility_figure.season.in_vain", units=units["in_vain"]), PALE_INK, "bold"),
    ]


def _ends(subject: Subject, series: Mapping[str, Any]) -> list[Part]:
    """Name and last value of each line in its colour."""
    say = subject.language.say
    return [
        Part(
            say(f"feasibility_figure.season.{name}", value=subject.eur(float(line[-1]))),
            COLORS[name],
            "bold" if name == "lists" else "normal",
        )
        for name, line in _cumulated(series).items()
    ]


def _bars(axes: Axes, series: Mapping[str, Any], at: np.ndarray, width: int) -> None:
    from matplotlib.ticker import MaxNLocator

    starts = np.arange(0, len(at), width)
    lengths = np.diff(np.append(starts, len(at)))
    caught, in_vain = (
        np.add.reduceat(np.array(series[name], float), starts) for name in ("caught", "in_vain")
    )
    axes.bar(at[starts], caught, 0.84 * lengths, color=BLUE, align="edge")
    axes.bar(at[starts], in_vain, 0.84 * lengths, bottom=caught, color=SKY, align="edge")
    axes.set_ylim(0.0, max(1.0, float((caught + in_vain).max())))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10], integer=True))
    axes.grid(visible=False, axis="x")


def _cumulated(series: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Value so far of the lists and, where it was replayed, of the hotel's own rule."""
    own = {"own_rule": np.cumsum(series["own_rule"])} if series.get("own_rule") is not None else {}
    return {**own, "lists": np.cumsum(series["realised"])}


def _limits(series: Mapping[str, Any]) -> tuple[float, float]:
    """Ends of the axis of the value, zero among them."""
    lines = _cumulated(series).values()
    low = min(0.0, *(float(line.min()) for line in lines))
    high = max(low + LEAST, 0.0, *(float(line.max()) for line in lines))
    room = 0.06 * (high - low)
    return low - room, high + room


def _lines(axes: Axes, subject: Subject, series: Mapping[str, Any], at: np.ndarray, limits) -> None:
    lines = _cumulated(series)
    axes.set_ylim(*limits)
    axes.axhline(0.0, color=INK, linewidth=1.0)
    for name, line in lines.items():
        wide = 2.2 if name == "lists" else 1.5
        axes.plot(at + 0.5, line, color=COLORS[name], linewidth=wide, path_effects=halo())
        axes.plot(at[-1] + 0.5, line[-1], "o", color=COLORS[name], markersize=4.5, clip_on=False)
    ticks = layout.round_ticks(limits, STEPS)
    axes.set_yticks(ticks, [subject.eur(tick) for tick in ticks])
    axes.grid(visible=False, axis="x")


def _label(axes: Axes, series: Mapping[str, Any], ends: list[Part], height: float) -> None:
    """Name each line where it ends."""
    low, high = axes.get_ylim()
    last = {name: float(line[-1]) for name, line in _cumulated(series).items()}
    placed = _heights(last, LINE / height * (high - low), high)
    for y, end in zip(placed.values(), ends, strict=True):
        at: Any = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
        font: Any = {"color": end.color, "weight": end.weight, "va": "center", "annotation_clip": False}
        axes.annotate(end.text, (1.0, y), (8, 0), **at, **font)


def _heights(ends: Mapping[str, float], least: float, high: float) -> dict[str, float]:
    """Heights of the labels in the order of the lines: pushed up, or down where that leaves the axes."""
    pushed = apart(ends, least)
    if max(pushed.values()) > high:
        pushed = {name: -y for name, y in apart({name: -end for name, end in ends.items()}, least).items()}
    return {name: pushed[name] for name in ends}
