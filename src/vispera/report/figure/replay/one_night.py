"""One night's list as it lay on the desk in the morning, and what became of everyone on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vispera.report.figure.replay.subject import Subject
from vispera.report.figure.style import BLUE, GREY, INK, RULE, SKY, VERMILION, Canvas, above, shortened

MOST_ROWS = 12
ROW = 0.33
"""Inches of one call."""
CONTROL, CAME, PARTLY = "control", "came", "partly"
LONGEST = 18
"""Characters of a label."""

RISK, AFTER = 0.56, 0.765
"""Where the risk ends and where what happened begins, in widths of the body."""
ROOM = 3.1
"""Inches for who it is."""


def draw(subject: Subject) -> Canvas:
    """A line for each call: who, the risk, a bar for the expected value, and what happened."""
    night = subject.replay["one_night"]
    shown = night["rows"][:MOST_ROWS]
    canvas = Canvas(_words(subject, night), 0.5 + ROW * max(len(shown), 1) + 0.3)
    if not shown:
        axes = canvas.axes(0.3, 0.2, 0.3, 0.1)
        axes.axis("off")
        axes.text(0.0, 0.5, subject.say("replay_one_night.nobody"), color=GREY, size=10, va="center")
        return canvas
    text = canvas.axes(0.3, 0.3, 0.3, 0.32)
    text.axis("off")
    bars = canvas.axes(4.12, 0.3, 2.0, 0.32)
    bars.patch.set_visible(False)
    for axes in (text, bars):
        axes.set_ylim(len(shown) - 0.5, -0.5)
    _bars(bars, subject, shown)
    _heads(text, subject)
    for place, row in enumerate(shown):
        _line(text, subject, place, row, _who(subject, row, canvas))
    more = len(night["rows"]) - len(shown)
    if more:
        told = subject.say("replay_one_night.more", rows=str(more))
        text.text(0.0, -0.06, told, transform=text.transAxes, color=GREY, va="top")
    return canvas


def _heads(axes, subject: Subject) -> None:
    for x, name in ((0.0, "who"), (RISK, "risk"), (AFTER, "after")):
        align = "right" if name == "risk" else "left"
        title = subject.say(f"replay_one_night.{name}")
        axes.text(x, 1.03, title, transform=axes.transAxes, color=GREY, va="bottom", ha=align)


def _line(axes, subject: Subject, place: int, row: Mapping[str, Any], who: str) -> None:
    at = {"transform": axes.get_yaxis_transform(), "va": "center"}
    axes.axhline(place + 0.5, color=RULE, linewidth=0.6)
    axes.text(0.0, place, f"{row['rank']}", **at, color=GREY, weight="bold")
    axes.text(0.035, place, who, **at, color=INK)
    axes.text(RISK, place, subject.language.percent(row["risk"]), **at, ha="right", color=INK)
    told, color = _fate(subject, row)
    axes.text(AFTER, place, told, **at, color=color, weight="bold" if row["outcome"] != CAME else "normal")


def _bars(axes, subject: Subject, rows) -> None:
    for place, row in enumerate(rows):
        hit, control = row["outcome"] != CAME, row["arm"] == CONTROL
        color = VERMILION if control else BLUE if hit else SKY
        axes.barh(place, row["expected_value"], 0.62, color=color)
        end = max(row["expected_value"], 0.0)
        label = subject.eur(row["expected_value"], 1)
        axes.annotate(label, (end, place), (3, 0), textcoords="offset points", va="center", color=INK)
    most = max(*(row["expected_value"] for row in rows), 1.0)
    axes.set_xlim(min(*(row["expected_value"] for row in rows), 0.0), 1.45 * most)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines["bottom"].set_visible(False)
    axes.grid(visible=False)
    axes.axvline(0.0, color=GREY, linewidth=0.8)
    above(axes, subject.say("replay_one_night.value"), points=4)


def _who(subject: Subject, row: Mapping[str, Any], canvas: Canvas) -> str:
    """Whom the call is to, as much of it as there is room for."""
    place = shortened(str(next(iter(row["label"].values()), "")), LONGEST)
    arrives = subject.days("replay_one_night.arrives", row["days_left"])
    stay = subject.days("replay_one_night.nights", round(row["nights"]))
    if row["rooms"] > 1:
        stay += subject.say("replay_one_night.rooms", rooms=str(row["rooms"]))
    known = row["price"] is not None
    price = subject.say("replay_one_night.price", price=subject.eur(row["price"])) if known else ""
    forms = (f"{place}, {arrives}, {stay}{price}", f"{place}, {arrives}, {stay}", f"{place}, {arrives}")
    return next((form for form in forms if canvas.widest([form]) <= ROOM), forms[-1])


def _fate(subject: Subject, row: Mapping[str, Any]) -> tuple[str, str]:
    """What happened, in words, and their colour, which marks those that would have been left uncalled."""
    key, days = f"replay_one_night.{row['outcome']}", row["days_before"]
    if row["outcome"] == PARTLY and days:
        told = subject.say("replay_one_night.partly_cancelled")
    else:
        told = subject.days(key, days) if days else subject.say(key)
    if row["arm"] == CONTROL:
        return told, VERMILION
    return told, GREY if row["outcome"] == CAME else BLUE


def _words(subject: Subject, night: Mapping[str, Any]):
    called = [row for row in night["rows"] if row["arm"] != CONTROL]
    hits = [row for row in called if row["outcome"] != CAME]
    told = {
        "date": subject.language.date(night["night"]),
        "calls": str(len(called)),
        "caught": str(len(hits)),
        "in_vain": str(len(called) - len(hits)),
        "units": subject.language.count(night["units"]),
        "lost": subject.language.count(night["cancelled_units"]),
        "expected": subject.eur(sum(row["expected_value"] for row in called), 1),
        "realised": subject.eur(sum(row["realised"] for row in called), 1),
    }
    title = subject.say("replay_one_night.title" if called else "replay_one_night.title_none", **told)
    subtitle = subject.say(
        "replay_one_night.subtitle" if called else "replay_one_night.subtitle_none", **told
    )
    note = subject.say(f"replay_one_night.why_{night['why']}")
    if len(called) < len(night["rows"]):
        note += " " + subject.say("replay_one_night.control", units=str(len(night["rows"]) - len(called)))
    return subject.words("one_night", title, subtitle, note)
