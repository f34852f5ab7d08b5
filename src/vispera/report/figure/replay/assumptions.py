"""What the value hangs on: how it moves with the number of calls, and with each assumption."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vispera.report.figure.replay.subject import Subject
from vispera.report.figure.style import BLUE, GREEN, GREY, INK, VERMILION, Canvas, above, halo

ROW = 0.42
"""Inches of one assumption."""
SHARES = ("reached", "persuaded", "talked_out", "margin", "resale_ceiling")
TOGETHER = ("pessimistic", "optimistic")


def draw(subject: Subject) -> Canvas:
    """Below each other: the value at other numbers of calls, and under other assumptions."""
    named = _by_name(subject.replay["assumptions"])
    rows = max(len(named), 1)
    capacities = subject.replay["capacities"]
    top = 0.62 + 0.3 * len(capacities)
    canvas = Canvas(_words(subject), top + 0.85 + ROW * rows)
    labels = [subject.say(f"replay_assumptions.name.{name}") for name in named]
    left = 0.45 + canvas.widest([*labels, subject.say("replay_assumptions.capacity_row", calls="40")])
    both = [
        canvas.axes(left, 0.75 + ROW * rows, 0.5, 0.32),
        canvas.axes(left, 0.35, 0.5, canvas.body_height - 0.45 - ROW * rows),
    ]
    low, high = _limits(subject)
    for axes in both:
        axes.set_xlim(low, high)
        axes.axvline(0.0, color=INK, linewidth=1.0)
        axes.grid(visible=False, axis="y")
    _capacities(both[0], subject, capacities)
    _assumptions(both[1], subject, named, labels)
    return canvas


def _capacities(axes, subject: Subject, capacities: Sequence[Mapping[str, Any]]) -> None:
    base = subject.replay["capacity"]
    for row, one in enumerate(capacities):
        color = BLUE if one["capacity"] == base else GREY
        _interval(axes, row, one["realised"], color)
        _value(axes, subject, row, one["realised"], color)
    labels = [
        subject.say("replay_assumptions.capacity_row", calls=str(one["capacity"])) for one in capacities
    ]
    axes.set_yticks(range(len(capacities)), labels)
    axes.set_ylim(len(capacities) - 0.5, -0.5)
    axes.set_xticklabels([])
    above(axes, subject.say("replay_assumptions.capacity"))


def _assumptions(axes, subject: Subject, named: Mapping[str, list], labels: list[str]) -> None:
    base = subject.way(subject.chosen)["realised"]["value"]
    axes.axvline(base, color=BLUE, linewidth=1.0, linestyle=(0, (4, 3)))
    for row, (name, settings) in enumerate(named.items()):
        values = [one["realised"]["value"] for one in settings]
        color = {"pessimistic": VERMILION, "optimistic": GREEN}.get(name, BLUE)
        if name in TOGETHER:
            _interval(axes, row, settings[0]["realised"], color)
            _value(axes, subject, row, settings[0]["realised"], color)
            continue
        axes.plot(
            [min(values), max(values)], [row, row], color=color, linewidth=5, solid_capstyle="butt", alpha=0.5
        )
        for one, value in zip(settings, values, strict=True):
            axes.plot(value, row, "|", color=color, markersize=11, markeredgewidth=2)
            right = value == max(values) and value != min(values)
            told = _setting(subject, name, one["setting"])
            away, side = (7, "left") if right else (-7, "right")
            at = {"textcoords": "offset points", "ha": side, "va": "center", "path_effects": halo()}
            axes.annotate(told, (value, row), (away, 0), color=INK, **at)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(max(len(labels), 1) - 0.5, -0.5)
    above(axes, subject.say("replay_assumptions.x", value=subject.eur(base)))


def _interval(axes, row: int, found: Mapping[str, float | None], color: str) -> None:
    if found["low"] is not None:
        axes.plot([found["low"], found["high"]], [row, row], color=color, linewidth=2.4, alpha=0.45)
    axes.plot(found["value"], row, "o", color=color, markersize=6)


def _value(axes, subject: Subject, row: int, found: Mapping[str, float | None], color: str) -> None:
    at = ((found["value"] or 0.0), row)
    label = subject.eur(found["value"] or 0.0)
    axes.annotate(
        label, at, (0, 5), textcoords="offset points", ha="center", va="bottom", color=color, size=7.5
    )


def _setting(subject: Subject, name: str, value: float) -> str:
    if name in SHARES:
        return subject.language.percent(value)
    return subject.say(f"replay_assumptions.unit.{name}", value=subject.plain(value))


def _by_name(assumptions: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Settings of each assumption: those that move the value most first, then the sets of several."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for one in assumptions:
        found.setdefault(one["name"], []).append(one)
    alone = {name: settings for name, settings in found.items() if name not in TOGETHER}
    ranked = sorted(alone, key=lambda name: (-_span(alone[name]), name))
    return {name: found[name] for name in (*ranked, *(name for name in TOGETHER if name in found))}


def _span(settings: Sequence[Mapping[str, Any]]) -> float:
    values = [one["realised"]["value"] for one in settings]
    return max(values) - min(values)


def _limits(subject: Subject) -> tuple[float, float]:
    alone = [one["realised"]["value"] for one in subject.replay["assumptions"]]
    whole = [
        *subject.replay["capacities"],
        *(one for one in subject.replay["assumptions"] if one["name"] in TOGETHER),
    ]
    ends = [end for one in whole for end in one["realised"].values() if end is not None]
    low, high = min(*alone, *ends, 0.0), max(*alone, *ends, 1.0)
    room = 0.12 * (high - low)
    return low - room, high + room


def _words(subject: Subject):
    base = subject.way(subject.chosen)["realised"]
    named = _by_name(subject.replay["assumptions"])
    told = {"value": subject.stated(base)}
    if all(name in named for name in TOGETHER):
        ends = {name: subject.eur(named[name][0]["realised"]["value"]) for name in TOGETHER}
        title = subject.say("replay_assumptions.title", **told, **ends)
    else:
        title = subject.say("replay_assumptions.title_base", **told)
    ranked = [name for name in named if name not in TOGETHER]
    most = (
        subject.say("replay_assumptions.most", name=subject.say(f"replay_assumptions.name.{ranked[0]}"))
        if ranked
        else ""
    )
    steps = [
        subject.say(
            "replay_assumptions.at", calls=str(one["capacity"]), value=subject.stated(one["realised"])
        )
        for one in subject.replay["capacities"]
    ]
    subtitle = f"{most} {subject.say('replay_assumptions.subtitle', steps='; '.join(steps))}".strip()
    return subject.words("assumptions", title, subtitle, subject.say("replay_assumptions.note"))
