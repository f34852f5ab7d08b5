"""The whole season: what the calls reached week by week, and how the value of each way of calling grew."""

from __future__ import annotations

import numpy as np

from vispera.clock import day
from vispera.report.figure.calendar import apart, month_ticks
from vispera.report.figure.replay.subject import BOLD, FORESIGHT, Subject
from vispera.report.figure.style import BLUE, GREY, INK, SKY, Canvas, above, halo, shortened

LONGEST = 26
"""Characters of a name."""
MOST_BARS = 45
"""Beyond so many nights a bar is a week, or several."""
DRAWN = ("random", "own_rule", "rule")
"""Ways of calling that are drawn beside the chosen one; the others stand in the figure of contenders."""


def draw(subject: Subject) -> Canvas:
    """Bars of calls that reached a cancellation or did not, above lines of the value so far."""
    canvas = Canvas(_words(subject), 4.9)
    at = np.array([day(night) for night in subject.replay["by_night"]["night"]])
    lines = _lines(subject)
    labels = {name: _end(subject, name, float(line[-1])) for name, line in lines.items()}
    right = 0.35 + BOLD * canvas.widest([*labels.values()])
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
    names = [*(name for name in DRAWN if name in by_night and name != subject.chosen), subject.chosen]
    return {name: np.cumsum(by_night[name]["realised"]) for name in names}


def _end(subject: Subject, name: str, end: float) -> str:
    named = shortened(subject.named(subject.way(name)), LONGEST)
    return subject.say("replay_season.end", name=named, value=subject.eur(end))


def _calls(axes, subject: Subject, at: np.ndarray) -> None:
    mine = subject.replay["by_night"][subject.chosen]
    width = -(-len(at) // MOST_BARS)
    starts = np.arange(0, len(at), width)
    lengths = np.diff(np.append(starts, len(at)))
    caught, in_vain = (
        np.add.reduceat(np.array(mine[name]), starts) / lengths for name in ("caught", "in_vain")
    )
    axes.bar(at[starts], caught, 0.84 * lengths, color=BLUE, align="edge")
    axes.bar(at[starts], in_vain, 0.84 * lengths, bottom=caught, color=SKY, align="edge")
    axes.set_xlim(at[0] - 0.5, at[-1] + 1)
    axes.set_ylim(0, max(subject.replay["capacity"], 1))
    axes.grid(visible=False, axis="x")
    each = "replay_season.calls" if width == 1 else "replay_season.calls_mean"
    above(axes, subject.say(each, nights=str(width)))
    keys = (("caught", BLUE, 0.2), ("in_vain", GREY, 0.8))
    for name, color, height in keys:
        told = subject.say(f"replay_season.{name}", units=subject.count(subject.way(subject.chosen)[name]))
        at_ = {"transform": axes.transAxes, "color": color, "va": "center", "weight": "bold"}
        axes.text(1.02, height, told, **at_)


def _value(axes, subject: Subject, at: np.ndarray, lines, labels) -> None:
    """Lines of the value so far; foresight leaves the picture at the top, lest the others lie flat."""
    by_night = subject.replay["by_night"]
    low = min(0.0, *(float(line.min()) for line in lines.values()))
    high = max(1.0, *(float(line.max()) for line in lines.values()))
    room = 0.12 * (high - low)
    axes.set_ylim(low - room, high + room)
    axes.set_xlim(at[0] - 0.5, at[-1] + 1)
    axes.axhline(0.0, color=INK, linewidth=1.0)
    if FORESIGHT in by_night:
        best = np.cumsum(by_night[FORESIGHT]["realised"])
        axes.plot(at + 0.5, best, color=GREY, linewidth=1.2, linestyle=(0, (1, 2)))
    for name, line in lines.items():
        mine = name == subject.chosen
        axes.plot(
            at + 0.5, line, color=subject.color(name), linewidth=2.4 if mine else 1.5, path_effects=halo()
        )
    ends = {name: float(line[-1]) for name, line in lines.items()}
    heights = apart(ends, 0.095 * (high - low + 2 * room))
    for name, label in labels.items():
        _label(axes, label, heights[name], subject.color(name), bold=name == subject.chosen)
    if FORESIGHT in by_night:
        told = subject.say("replay_season.foresight", value=subject.eur(float(best[-1])))
        axes.text(1.02, 1.06, told, transform=axes.transAxes, color=GREY, va="bottom")
    axes.yaxis.set_major_formatter(lambda value, _: subject.eur(value))
    above(axes, subject.say("replay_season.value"))


def _label(axes, text: str, height: float, color: str, *, bold: bool) -> None:
    axes.annotate(
        text,
        (1.02, height),
        xycoords=("axes fraction", "data"),
        color=color,
        weight="bold" if bold else "normal",
        va="center",
        annotation_clip=False,
    )


def _words(subject: Subject):
    mine, nights = subject.way(subject.chosen), subject.nights
    told = {
        "calls": subject.count(mine["calls"]),
        "nights": subject.language.count(nights),
        "caught": subject.count(mine["caught"]),
        "lost": subject.language.count(subject.replay["book"]["cancelled_units"]),
    }
    title = subject.say("replay_season.title" if mine["calls"] else "replay_season.title_none", **told)
    share = mine["precision"]
    per_call = (
        "" if share is None else subject.say("replay_season.precision", share=subject.language.percent(share))
    )
    subtitle = subject.say("replay_season.subtitle", value=subject.stated(mine["realised"]), **told)
    return subject.words("season", title, f"{per_call} {subtitle}".strip(), subject.say("replay_season.note"))
