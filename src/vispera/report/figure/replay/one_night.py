"""One night's list as it lay on the desk in the morning, and what became of everyone on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vispera.report.figure.replay.subject import Subject
from vispera.report.figure.style import (
    BLUE,
    GREY,
    INK,
    MARGIN,
    RULE,
    SKY,
    VERMILION,
    WIDTH,
    Canvas,
    shortened,
)

MOST_ROWS = 12
CONTROL, CAME, PARTLY = "control", "came", "partly"

HEAD, ROW, FOOT = 0.4, 0.4, 0.34
"""Inches of the titles of the columns, of one call, and of a line below them."""

RANK, WHO, RISK, BARS, AFTER, WORTH = 0.2, 0.32, 3.05, 3.25, 4.72, WIDTH - 2 * MARGIN
"""Where the columns are, in inches from the left margin; rank, risk and worth end there, the others begin."""

LONGEST_BAR = 0.85
"""Inches, so that there is room for a number beside it."""
SMALL = 7.5


def draw(subject: Subject) -> Canvas:
    """Two lines for each call: who, the risk, a bar for the expected value, and what came of it."""
    night = subject.replay["one_night"]
    rows = night["rows"][:MOST_ROWS]
    more = len(night["rows"]) - len(rows)
    height = HEAD + ROW * len(rows) + FOOT * (1 + (more > 0)) if rows else FOOT
    canvas = Canvas(_words(subject, night), height + 0.1)
    axes = canvas.axes(MARGIN, 0.1, MARGIN, 0.0)
    axes.axis("off")
    axes.set(xlim=(0.0, WORTH), ylim=(height, 0.0))
    if not rows:
        axes.text(0.0, FOOT / 2, subject.say("replay_one_night.nobody"), color=GREY, size=10, va="center")
        return canvas
    _heads(axes, subject)
    for place, row in enumerate(rows):
        _line(axes, subject, canvas, HEAD + ROW * (place + 0.5), row)
    _bars(axes, subject, rows)
    y = HEAD + ROW * len(rows) + FOOT / 2
    if more:
        axes.text(WHO, y, subject.say("replay_one_night.more", rows=str(more)), color=GREY, va="center")
        y += FOOT
    _sums(axes, subject, night, y)
    return canvas


def _heads(axes, subject: Subject) -> None:
    for x, name, align in (
        (WHO, "who", "left"),
        (RISK, "risk", "right"),
        (BARS, "value", "left"),
        (AFTER, "after", "left"),
        (WORTH, "worth", "right"),
    ):
        told = subject.say(f"replay_one_night.{name}")
        axes.text(x, HEAD - 0.07, told, color=GREY, size=SMALL, va="bottom", ha=align, linespacing=1.1)
    axes.plot([0.0, WORTH], [HEAD, HEAD], color=GREY, linewidth=0.8)


def _line(axes, subject: Subject, canvas: Canvas, y: float, row: Mapping[str, Any]) -> None:
    upper, lower = {"y": y - 0.08, "va": "center"}, {"y": y + 0.09, "va": "center", "size": SMALL}
    axes.plot([0.0, WORTH], [y + ROW / 2] * 2, color=RULE, linewidth=0.6)
    axes.text(RANK, s=f"{row['rank']}", **upper, ha="right", color=GREY)
    axes.text(WHO, s=_who(subject, row, canvas), **upper, color=INK)
    axes.text(WHO, s=_stay(subject, row), **lower, color=GREY)
    axes.text(RISK, y, subject.language.percent(row["risk"]), ha="right", va="center", color=INK)
    told, when = _fate(subject, row)
    lost = row["outcome"] != CAME
    at = upper if when else {"y": y, "va": "center"}
    axes.text(AFTER, s=told, **at, color=BLUE if lost else GREY, weight="bold" if lost else "normal")
    axes.text(AFTER, s=when, **lower, color=GREY)
    if row["arm"] == CONTROL:
        told, color = subject.say("replay_one_night.uncalled"), VERMILION
    else:
        told, color = subject.eur(row["realised"], 1), INK
    axes.text(WORTH, y, told, ha="right", va="center", color=color, size=SMALL if color != INK else None)


def _bars(axes, subject: Subject, rows: Sequence[Mapping[str, Any]]) -> None:
    """Bars of the expected value; hollow where nobody would have called, dark where the booking was lost."""
    values = [row["expected_value"] for row in rows]
    scale = LONGEST_BAR / max(max(values) - min(*values, 0.0), 1.0, max(values))
    zero = BARS - scale * min(*values, 0.0)
    for place, (row, value) in enumerate(zip(rows, values, strict=True)):
        y = HEAD + ROW * (place + 0.5)
        color = BLUE if row["outcome"] != CAME else SKY
        if row["arm"] == CONTROL:
            axes.barh(y, scale * value, 0.17, zero, color="none", edgecolor=VERMILION, linewidth=1.0)
        else:
            axes.barh(y, scale * value, 0.19, zero, color=color)
        label = subject.eur(value, 1)
        axes.text(zero + scale * max(value, 0.0) + 0.05, y, label, va="center", color=INK)
    axes.plot([zero, zero], [HEAD, HEAD + ROW * len(rows)], color=GREY, linewidth=0.8)


def _sums(axes, subject: Subject, night: Mapping[str, Any], y: float) -> None:
    """The night's sums below its columns, over all calls, those that are not drawn too."""
    told, font = _told(subject, night), {"va": "center", "weight": "bold", "color": INK}
    axes.text(WHO, y, subject.say("replay_one_night.sum", **told), **font)
    axes.text(BARS, y, told["expected"], **font)
    axes.text(WORTH, y, told["realised"], ha="right", **font)


def _who(subject: Subject, row: Mapping[str, Any], canvas: Canvas) -> str:
    """Whose booking it is and when it arrives, the name shortened to what there is room for."""
    name = str(next(iter(row["label"].values()), ""))
    arrives = subject.days("replay_one_night.arrives", row["days_left"])
    forms = [f"{shortened(name, longest)}, {arrives}" for longest in range(len(name), 4, -1)]
    room = RISK - WHO - 0.45
    fitting = (form for form in forms if canvas.widest([form]) <= room)
    return next(fitting, forms[-1] if forms else ", ".join(part for part in (name, arrives) if part))


def _stay(subject: Subject, row: Mapping[str, Any]) -> str:
    """Nights and rooms, and the price of a room and night."""
    nights = round(row["nights"])
    stay = (
        subject.days("replay_one_night.nights", nights)
        if nights
        else subject.say("replay_one_night.no_night")
    )
    if row["rooms"] > 1:
        stay += subject.say("replay_one_night.rooms", rooms=str(row["rooms"]))
    if row["price"] is None:
        return stay + subject.say("replay_one_night.no_price")
    return stay + subject.say("replay_one_night.price", price=subject.eur(row["price"]))


def _fate(subject: Subject, row: Mapping[str, Any]) -> tuple[str, str]:
    """What happened, and when, in words."""
    days = row["days_before"]
    partly = "partly_cancelled" if days else PARTLY
    told = subject.say(f"replay_one_night.{partly if row['outcome'] == PARTLY else row['outcome']}")
    return told, subject.days("replay_one_night.before", days) if days else ""


def _told(subject: Subject, night: Mapping[str, Any]) -> dict[str, str]:
    called = [row for row in night["rows"] if row["arm"] != CONTROL]
    caught = sum(row["outcome"] != CAME for row in called)
    return {
        "date": subject.language.date(night["night"]),
        "calls": str(len(called)),
        "caught": str(caught),
        "in_vain": str(len(called) - caught),
        "left": str(len(night["rows"]) - len(called)),
        "units": subject.language.count(night["units"]),
        "lost": subject.language.count(night["cancelled_units"]),
        "expected": subject.eur(sum(row["expected_value"] for row in called), 1),
        "realised": subject.eur(sum(row["realised"] for row in called), 1),
    }


def _title(told: Mapping[str, str]) -> str:
    if told["calls"] == "1":
        return "_only" if told["caught"] == "1" else "_only_vain"
    return "_one" if told["caught"] == "1" else ""


def _words(subject: Subject, night: Mapping[str, Any]):
    told = _told(subject, night)
    some, left = told["calls"] != "0", told["left"] != "0"
    form = "" if some else "_control" if left else "_none"
    title = subject.say(f"replay_one_night.title{_title(told) if some else form}", **told)
    subtitle = subject.say(f"replay_one_night.subtitle{form}", **told)
    note = [subject.say(f"replay_one_night.why_{night['why']}")]
    if night["rows"]:
        note.append(subject.say("replay_one_night.note"))
    if left:
        note.append(subject.say("replay_one_night.control", **told))
    return subject.words("one_night", title, subtitle, " ".join(note))
