"""Who would have done better: every way of calling by what it would have been worth a night."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vispera.report.figure.replay.subject import BOLD, FORESIGHT, Subject
from vispera.report.figure.style import GREY, INK, RULE, Canvas, above, shortened

ROW = 0.34
"""Inches of one way of calling."""
LONGEST = 26
"""Characters of a name."""
COLUMNS = ("calls", "caught", "in_vain", "missed")


def draw(subject: Subject) -> Canvas:
    """A row for each way of calling: its value a night with the interval, and its counts."""
    ways = subject.ways
    canvas = Canvas(_words(subject), 0.75 + ROW * len(ways))
    labels = [shortened(subject.named(way), LONGEST) for way in ways]
    left = 0.4 + BOLD * canvas.widest(labels)
    axes = canvas.axes(left, 0.35, 2.95, 0.32)
    low, high = _limits(ways)
    axes.set_xlim(low, high)
    axes.set_ylim(len(ways) - 0.5, -0.5)
    axes.axvline(0.0, color=INK, linewidth=1.0)
    for row, way in enumerate(ways):
        _row(axes, subject, row, way, high)
    axes.set_yticks(range(len(ways)), labels)
    for tick, way in zip(axes.get_yticklabels(), ways, strict=True):
        tick.set_color(subject.color(way["name"]))
        tick.set_fontweight("bold" if way["name"] == subject.chosen else "normal")
    axes.grid(visible=False, axis="y")
    above(axes, subject.say("replay_contenders.x"))
    _counts(canvas, subject)
    return canvas


def _row(axes, subject: Subject, row: int, way: Mapping[str, Any], high: float) -> None:
    found, color = way["realised"], subject.color(way["name"])
    if way["name"] == FORESIGHT and found["value"] > high:
        told = subject.say("replay_contenders.beyond", value=subject.eur(found["value"]))
        axes.annotate(
            told, (high, row), (-14, 0), textcoords="offset points", ha="right", va="center", color=GREY
        )
        axes.annotate(
            "",
            (high, row),
            (-11, 0),
            textcoords="offset points",
            arrowprops={"arrowstyle": "->", "color": GREY},
        )
        return
    if found["low"] is not None:
        axes.plot([found["low"], found["high"]], [row, row], color=color, linewidth=2.4, alpha=0.45)
    axes.plot(found["value"], row, "o", color=color, markersize=6)


def _limits(ways) -> tuple[float, float]:
    """Ends of the axis: all ways of calling but foresight, which may lie far beyond."""
    ends = [
        end for way in ways if way["name"] != FORESIGHT for end in way["realised"].values() if end is not None
    ]
    low, high = min(*ends, 0.0), max(*ends, 0.0)
    room = max(high - low, 1.0) * 0.06
    return low - room, high + 2 * room


def _counts(canvas: Canvas, subject: Subject) -> None:
    """The counts beside the axes, aligned to the right under their titles."""
    axes = canvas.axes(4.3, 0.35, 0.3, 0.32)
    axes.axis("off")
    axes.set_ylim(len(subject.ways) - 0.5, -0.5)
    places = np.linspace(0.25, 1.0, len(COLUMNS))
    for place, name in zip(places, COLUMNS, strict=True):
        title = subject.say(f"replay_contenders.{name}")
        axes.text(place, 1.02, title, transform=axes.transAxes, ha="right", va="bottom", color=GREY)
    for row, way in enumerate(subject.ways):
        for place, name in zip(places, COLUMNS, strict=True):
            weight = "bold" if way["name"] == subject.chosen else "normal"
            at = {"transform": axes.get_yaxis_transform(), "ha": "right", "va": "center", "weight": weight}
            axes.text(place, row, subject.count(way[name]), **at)
        axes.axhline(row + 0.5, color=RULE, linewidth=0.6)


def _words(subject: Subject):
    ladder = subject.replay["ladder"]
    rungs = {rung["name"]: rung for rung in ladder["rungs"]}
    if ladder["verdict"] == "stop":
        title = subject.say("replay_contenders.title_stop")
    else:
        won, best = rungs[ladder["verdict"]], rungs[ladder["best"]]
        told = {"name": won["model"], "value": subject.eur(won["realised"]["value"])}
        if won is best:
            title = subject.say("replay_contenders.title_best", **told)
        else:
            title = subject.say("replay_contenders.title_near", best=best["model"], **told)
    steps = [
        subject.say("replay_contenders.rung", name=rung["model"], value=subject.stated(rung["realised"]))
        for rung in ladder["rungs"]
        if rung["model"]
    ]
    subtitle = subject.say("replay_contenders.subtitle", rungs="; ".join(steps))
    mine = subject.way(subject.chosen)
    note = subject.say(
        "replay_contenders.note",
        name=subject.named(mine),
        value=subject.stated(mine["realised"]),
        calls=subject.count(mine["calls"]),
        caught=subject.count(mine["caught"]),
        in_vain=subject.count(mine["in_vain"]),
        missed=subject.count(mine["missed"]),
        capacity=str(subject.replay["capacity"]),
        nights=subject.language.count(subject.nights),
    )
    return subject.words("contenders", title, subtitle, note)
