"""The whole season: what the calls reached week by week, and how the value of each way of calling grew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vispera.clock import day
from vispera.report.figure.calendar import apart, month_ticks
from vispera.report.figure.replay.subject import BOLD, FORESIGHT, LONGEST, Subject
from vispera.report.figure.style import BLUE, GREY, INK, SKY, Canvas, above, halo

MOST_BARS, WEEK = 100, 7
"""Beyond so many nights a bar is a week."""
LEAST = 10.0
"""EUR that the axis of the value shows at least, as its ticks are whole."""
DRAWN = (FORESIGHT, "random", "own_rule", "rule")
"""Ways of calling that are drawn beside the chosen one; the others stand in the figure of contenders."""


def draw(subject: Subject) -> Canvas:
    """Bars of calls that reached a cancellation or did not, above lines of the value so far."""
    canvas = Canvas(_words(subject), 4.9)
    at = np.array([day(night) for night in subject.replay["by_night"]["night"]])
    lines = _lines(subject)
    labels = {name: _end(subject, name, line) for name, line in lines.items()}
    right = 0.35 + BOLD * canvas.widest([*labels.values(), *_keys(subject).values()])
    calls = canvas.axes(0.7, 3.35, right, 0.32)
    _calls(calls, subject, at)
    month_ticks(calls, subject.language)
    value = canvas.axes(0.7, 0.4, right, 2.1)
    _value(value, subject, at, lines, labels)
    month_ticks(value, subject.language)
    return canvas


def _lines(subject: Subject) -> dict[str, np.ndarray]:
    """Value so far of each way of calling that is drawn, the chosen one last, on top of the others."""
    by_night = subject.replay["by_night"]
    names = [*(name for name in DRAWN if name in by_night), subject.chosen]
    return {name: np.cumsum(by_night[name]["realised"]) for name in names}


def _ends(axes_top: float, lines: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Heights at which the lines that end within the picture do."""
    return {name: float(line[-1]) for name, line in lines.items() if line[-1] <= axes_top}


def _end(
    subject: Subject, name: str, line: np.ndarray, key: str = "end", longest: int | None = LONGEST
) -> str:
    named = subject.named(subject.way(name), longest)
    return subject.say(f"replay_season.{key}", name=named, value=subject.eur(float(line[-1])))


def _calls(axes, subject: Subject, at: np.ndarray) -> None:
    from matplotlib.ticker import MaxNLocator

    mine = subject.replay["by_night"][subject.chosen]
    width = 1 if len(at) <= MOST_BARS else WEEK
    starts = np.arange(0, len(at), width)
    lengths = np.diff(np.append(starts, len(at)))
    caught, in_vain = (
        np.add.reduceat(np.array(mine[name]), starts) / lengths for name in ("caught", "in_vain")
    )
    axes.bar(at[starts], caught, 0.84 * lengths, color=BLUE, align="edge")
    axes.bar(at[starts], in_vain, 0.84 * lengths, bottom=caught, color=SKY, align="edge")
    axes.set_xlim(at[0] - 0.5, at[-1] + 1)
    axes.set_ylim(0, max(1.0, float((caught + in_vain).max())))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.grid(visible=False, axis="x")
    each = "replay_season.calls" if width == 1 else "replay_season.calls_mean"
    above(axes, subject.say(each))
    for (name, told), height in zip(_keys(subject).items(), (0.2, 0.6, 1.0), strict=False):
        color = BLUE if name == "caught" else GREY
        weight = "normal" if name == "free" else "bold"
        axes.text(1.02, height, told, transform=axes.transAxes, color=color, va="center", weight=weight)


def _keys(subject: Subject) -> dict[str, str]:
    """How many calls were caught and in vain, and how many could have been made and were not."""
    mine = subject.way(subject.chosen)
    free = subject.nights * subject.replay["capacity"] - mine["calls"]
    found = {"caught": mine["caught"], "in_vain": mine["in_vain"], **({"free": free} if free > 0 else {})}
    return {name: subject.say(f"replay_season.{name}", units=subject.count(n)) for name, n in found.items()}


def _value(axes, subject: Subject, at: np.ndarray, lines, labels) -> None:
    """Lines of the value so far; foresight leaves the picture at the top, lest the others lie flat."""
    near = [line for name, line in lines.items() if name != FORESIGHT]
    low = min(0.0, *(float(line.min()) for line in near))
    high = max(LEAST, *(float(line.max()) for line in near))
    room = 0.12 * (high - low)
    axes.set_ylim(low - room, high + room)
    axes.set_xlim(at[0] - 0.5, at[-1] + 1)
    axes.axhline(0.0, color=INK, linewidth=1.0)
    for name, line in lines.items():
        axes.plot(at + 0.5, line, color=subject.color(name), **_stroke(subject, name))
    ends = _ends(high + room, lines)
    heights = _heights(ends, 0.095 * (high - low + 2 * room), high)
    for name, line in lines.items():
        if name in heights:
            axes.plot(at[-1] + 0.5, line[-1], "o", color=subject.color(name), markersize=4, clip_on=False)
            text, font = labels[name], {"weight": "bold" if name == subject.chosen else "normal"}
            _label(axes, text, heights[name], subject.color(name), **font)
        else:
            text = _end(subject, name, line, "beyond")
            axes.text(1.02, 1.06, text, transform=axes.transAxes, color=GREY, va="bottom")
    axes.yaxis.set_major_formatter(lambda value, _: subject.eur(value))
    above(axes, subject.say("replay_season.value"))


def _heights(ends: Mapping[str, float], least: float, high: float) -> dict[str, float]:
    """Heights of the labels: pushed up where they would overprint, or down where that leaves the picture."""
    pushed = apart(ends, least)
    if max(pushed.values()) <= high:
        return pushed
    return {name: -height for name, height in apart({n: -end for n, end in ends.items()}, least).items()}


def _stroke(subject: Subject, name: str) -> dict[str, Any]:
    """How a line is drawn: the chosen one thick, foresight dotted, as nobody can call by it."""
    if name == FORESIGHT:
        return {"linewidth": 1.4, "linestyle": (0, (1, 1.6))}
    return {"linewidth": 2.4 if name == subject.chosen else 1.5, "path_effects": halo()}


def _label(axes, text: str, height: float, color: str, **font: Any) -> None:
    at = {"xycoords": ("axes fraction", "data"), "va": "center", "annotation_clip": False}
    axes.annotate(text, (1.02, height), color=color, **at, **font)


def _words(subject: Subject):
    mine, nights = subject.way(subject.chosen), subject.nights
    told = {
        "calls": subject.count(mine["calls"]),
        "nights": subject.language.count(nights),
        "caught": subject.count(mine["caught"]),
        "lost": subject.language.count(subject.replay["book"]["cancelled_units"]),
    }
    form = "title_none" if not mine["calls"] else "title" if nights > 1 else "title_one"
    title = subject.say(f"replay_season.{form}", **told)
    share = mine["precision"]
    per_call = (
        "" if share is None else subject.say("replay_season.precision", share=subject.language.percent(share))
    )
    form = "subtitle" if mine["calls"] else "subtitle_none"
    subtitle = subject.say(f"replay_season.{form}", value=subject.stated(mine["realised"]), **told)
    ends = [_end(subject, name, line, longest=None) for name, line in reversed(_lines(subject).items())]
    note = subject.say("replay_season.note", ends="; ".join(ends))
    return subject.words("season", title, f"{per_call} {subtitle}".strip(), note)
