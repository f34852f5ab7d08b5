"""Who would have done better: every way of calling by what it would have been worth a night."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vispera.report.figure.replay.subject import BOLD, FORESIGHT, LONGEST, Subject
from vispera.report.figure.style import GREY, INK, RULE, WIDTH, Canvas, above, halo

ROW = 0.34
"""Inches of one way of calling."""
RUNG = "rung"
"""A step of the ladder that is no way of calling of its own, as its lists were not kept."""
COLUMNS = ("calls", "caught", "in_vain", "missed")
TABLE = 2.75
"""Inches of the counts."""


def draw(subject: Subject) -> Canvas:
    """A row for each way of calling: its value a night with the interval, and its counts."""
    from matplotlib.ticker import MaxNLocator

    ways = _shown(subject)
    canvas = Canvas(_words(subject), 0.75 + ROW * len(ways))
    labels = [subject.named(way, LONGEST) for way in ways]
    left = 0.4 + BOLD * canvas.widest(labels)
    axes = canvas.axes(left, 0.35, TABLE + 0.4, 0.32)
    low, high = _limits(ways)
    axes.set_xlim(low, high)
    axes.set_ylim(len(ways) - 0.5, -0.5)
    axes.axvline(0.0, color=INK, linewidth=1.0)
    for row, way in enumerate(ways):
        _row(axes, canvas, subject, row, way)
    axes.set_yticks(range(len(ways)), labels)
    for tick, way in zip(axes.get_yticklabels(), ways, strict=True):
        tick.set(color=subject.color(way["name"]), fontweight=_weight(subject, way))
    axes.grid(visible=False, axis="y")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(lambda value, _: subject.eur(value, 0 if high - low > 4 else 1))
    above(axes, subject.say("replay_contenders.x"))
    _counts(canvas, subject, ways)
    return canvas


def _shown(subject: Subject) -> list[Mapping[str, Any]]:
    """Every way of calling, and the steps of the ladder that are none of them."""
    ways = list(subject.ways)
    by_value = [way["model"] for way in ways if way["name"] in ("rule", "model_by_value")]
    rungs = [
        {**rung, "name": RUNG}
        for rung in subject.replay["ladder"]["rungs"]
        if rung["model"] and rung["model"] not in by_value
    ]
    place = next((at for at, way in enumerate(ways) if way["name"].startswith("model_by")), len(ways))
    return [*ways[:place], *rungs, *ways[place:]]


def _weight(subject: Subject, way: Mapping[str, Any]) -> str:
    """Bold for what the lists follow, and for what the ladder names in the title."""
    ladder = subject.replay["ladder"]
    won = {rung["name"]: rung["model"] for rung in ladder["rungs"]}.get(ladder["verdict"])
    named = won is not None and way["name"] in ("rule", RUNG, "model_by_value") and way["model"] == won
    return "bold" if named or way["name"] == subject.chosen else "normal"


def _row(axes, canvas: Canvas, subject: Subject, row: int, way: Mapping[str, Any]) -> None:
    found, color = way["realised"], subject.color(way["name"])
    # an interval that is cut at the edge would look narrower than it is
    most = found["value"] if found["high"] is None else found["high"]
    if way["name"] == FORESIGHT and most > axes.get_xlim()[1]:
        _beyond(axes, canvas, subject, row, found)
        return
    if found["low"] is not None:
        axes.plot([found["low"], found["high"]], [row, row], color=color, linewidth=2.4, alpha=0.45)
    axes.plot(found["value"], row, "o", color=color, markersize=6)


def _beyond(axes, canvas: Canvas, subject: Subject, row: int, found: Mapping[str, float | None]) -> None:
    """A value that lies off the axis as a number with an arrow, with its interval where there is room."""
    whole, alone = _number(subject, found), subject.eur(found["value"] or 0.0)
    told = whole if canvas.widest([whole]) < axes.get_position().width * WIDTH - 0.25 else alone
    edge = (1.0, row)
    offset: Any = {"xycoords": axes.get_yaxis_transform(), "textcoords": "offset points"}
    at: Any = {"ha": "right", "va": "center_baseline", "color": GREY, "path_effects": halo(4)}
    axes.annotate(told, edge, (-15, 0), **offset, **at)
    axes.annotate("", edge, (-13, 0), **offset, arrowprops={"arrowstyle": "->", "color": GREY})


def _number(subject: Subject, found: Mapping[str, float | None]) -> str:
    """A value with its interval, without the unit."""
    if found["low"] is None:
        return subject.eur(found["value"] or 0.0)
    ends = {end: subject.eur(found[end] or 0.0) for end in ("value", "low", "high")}
    return subject.say("replay_contenders.range", **ends)


def _limits(ways) -> tuple[float, float]:
    """Ends of the axis: all ways of calling but foresight, which may lie far beyond."""
    ends = [
        end for way in ways if way["name"] != FORESIGHT for end in way["realised"].values() if end is not None
    ]
    low, high = min(*ends, 0.0), max(*ends, 0.0)
    room = max(high - low, 1.0) * 0.06
    return low - room, high + 2 * room


def _counts(canvas: Canvas, subject: Subject, ways: list[Mapping[str, Any]]) -> None:
    """The counts beside the axes, aligned to the right under their titles."""
    axes = canvas.axes(WIDTH - TABLE - 0.3, 0.35, 0.3, 0.32)
    axes.axis("off")
    axes.set_ylim(len(ways) - 0.5, -0.5)
    places = np.linspace(0.22, 1.0, len(COLUMNS))
    for place, name in zip(places, COLUMNS, strict=True):
        title, at = subject.say(f"replay_contenders.{name}"), {"ha": "right", "va": "bottom", "color": GREY}
        axes.annotate(title, (place, 1.0), (0, 6), "axes fraction", textcoords="offset points", **at)
    for row, way in enumerate(ways):
        at: Any = {"ha": "right", "va": "center_baseline", "weight": _weight(subject, way)}
        for place, name in zip(places, COLUMNS, strict=True):
            told = subject.count(way[name]) if name in way else "–"
            axes.text(place, row, told, transform=axes.get_yaxis_transform(), **at)
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
            title = subject.say("replay_contenders.title_near", **told)
    steps = [
        subject.say("replay_contenders.rung", name=rung["model"], value=_number(subject, rung["realised"]))
        for rung in ladder["rungs"]
        if rung["model"]
    ]
    subtitle = subject.say(
        "replay_contenders.subtitle",
        rungs="; ".join(steps),
        level=subject.language.percent(subject.replay["level"]),
    )
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
    if any(COLUMNS[0] not in way for way in _shown(subject)):
        note = f"{subject.say('replay_contenders.uncounted')} {note}"
    return subject.words("contenders", title, subtitle, note)
