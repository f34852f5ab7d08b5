"""What the value hangs on: how it moves with the number of calls, and with each assumption."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vispera.report.figure.replay.subject import BOLD, Subject
from vispera.report.figure.replay.varied import Line, Varied
from vispera.report.figure.style import BLUE, DASHES, GREY, INK, MARGIN, PAPER, RULE, SKY, WIDTH, Canvas, halo

HEAD, SECTION, ROW, GAP = 0.25, 0.36, 0.215, 0.1
"""Inches of the titles of the columns, of the title of a section, of a line, and between assumptions."""

SMALL = 7.5
APART = 0.2
"""Inches between columns."""


def draw(subject: Subject) -> Canvas:
    """A line for each setting: what is changed to what, the value with its interval, and its numbers."""
    varied = Varied(subject)
    sections = [(title, groups) for title, groups in varied.sections if groups]
    placed, height = _placed(sections)
    canvas = Canvas(_words(subject, varied), height + 0.45)
    lines = [line for _, line in placed]
    name = max(
        BOLD * canvas.widest([line.name]) if line.base else canvas.widest([line.name]) for line in lines
    )
    start = name + APART + BOLD * canvas.widest([line.setting for line in lines])
    values = [varied.range(line.realised) for line in lines]
    end = (
        WIDTH - 2 * MARGIN - APART - BOLD * canvas.widest([*values, subject.say("replay_assumptions.value")])
    )
    page = canvas.axes(MARGIN, 0.45, MARGIN, 0.0)
    page.axis("off")
    page.set(xlim=(0.0, WIDTH - 2 * MARGIN), ylim=(height, 0.0))
    plot = canvas.axes(MARGIN + start + APART, 0.45, WIDTH - MARGIN - end, HEAD)
    ticks = [subject.eur(end, varied.digits) for end in varied.limits]
    most = (end - start - APART) / (canvas.widest(ticks) + 0.15)
    _frame(plot, subject, varied, (height, HEAD), max(1, min(4, int(most))))
    _heads(page, subject, start + APART, sections)
    for (y, line), value in zip(placed, values, strict=True):
        _line(page, y, line, start, value)
        _mark(plot, y, line, varied.base)
    return canvas


def _placed(
    sections: Sequence[tuple[str, Sequence[Sequence[Line]]]],
) -> tuple[list[tuple[float, Line]], float]:
    """Each line with its middle in inches from the top, and the height of all."""
    y, placed = HEAD, []
    for title, groups in sections:
        y += SECTION
        for group in groups:
            placed += [(y + ROW * (place + 0.5), line) for place, line in enumerate(group)]
            y += ROW * len(group) + (GAP if title == "alone" else 0.0)
    return placed, y + 0.1


def _heads(page, subject: Subject, start: float, sections) -> None:
    """Titles of the columns and of the sections."""
    font = {"color": GREY, "size": SMALL}
    page.text(start, HEAD - 0.06, subject.say("replay_assumptions.x"), va="bottom", **font)
    value = subject.say("replay_assumptions.value")
    page.text(WIDTH - 2 * MARGIN, HEAD - 0.06, value, va="bottom", ha="right", **font)
    for place, (title, _) in enumerate(sections):
        y = _placed(sections[:place])[1] - 0.1 + SECTION - 0.07
        told = subject.say(f"replay_assumptions.section.{title}")
        page.text(0.0, y, told, va="bottom", color=INK, weight="bold", size=SMALL)
        if place:
            page.plot([0.0, WIDTH - 2 * MARGIN], [y - 0.19] * 2, color=RULE, linewidth=0.8)


def _frame(plot, subject: Subject, varied: Varied, ends: tuple[float, float], steps: int) -> None:
    """The axis of values in at most so many steps, with the zero line and that of the value as assumed."""
    from matplotlib.ticker import MaxNLocator

    plot.set(xlim=varied.limits, ylim=ends)
    plot.patch.set_visible(False)
    plot.set_yticks([])
    plot.axvline(0.0, color=INK, linewidth=1.0)
    plot.axvline(varied.base, color=BLUE, linewidth=1.0, linestyle=DASHES)
    plot.xaxis.set_major_locator(MaxNLocator(nbins=steps, steps=[1, 2, 2.5, 5, 10]))
    plot.xaxis.set_major_formatter(lambda value, _: subject.eur(value, varied.digits))


def _line(page, y: float, line: Line, start: float, value: str) -> None:
    weight = "bold" if line.base else "normal"
    font = {"va": "center_baseline", "weight": weight}
    grey = {"color": GREY, "size": SMALL} if line.under else {"color": INK}
    page.text(0.0, y, line.name, **font, **grey)
    page.text(start, y, line.setting, ha="right", color=GREY if line.pale else INK, **font)
    page.text(WIDTH - 2 * MARGIN, y, value, ha="right", color=BLUE if line.base else INK, **font)


def _mark(plot, y: float, line: Line, base: float) -> None:
    """A bar from the value as assumed to this one, the interval, and a dot, hollow if zero is in it."""
    found = line.realised
    value, low, high = found["value"] or 0.0, found["low"], found["high"]
    plot.barh(y, value - base, 0.6 * ROW, base, color=SKY)
    hollow = low is not None and high is not None and low <= 0.0 <= high
    if low is not None and high is not None:
        plot.plot([low, high], [y, y], color=BLUE, linewidth=1.2)
    face = PAPER if hollow else BLUE
    plot.plot(
        value,
        y,
        "o",
        color=BLUE,
        markerfacecolor=face,
        markersize=5.5 if line.base else 5,
        path_effects=halo(1.5),
    )


def _words(subject: Subject, varied: Varied):
    changed = varied.alone
    told = {"value": subject.eur(varied.base, varied.digits)}
    title = subject.say("replay_assumptions.title_base", **told)
    if changed:
        values = [line.realised["value"] or 0.0 for group in changed for line in group]
        ends = {"low": min(values), "high": max(values)}
        ends = {name: subject.eur(value, varied.digits) for name, value in ends.items()}
        title = subject.say("replay_assumptions.title", **told, **ends)
    note = [subject.say("replay_assumptions.note", level=subject.language.percent(subject.replay["level"]))]
    note += [subject.say("replay_assumptions.made")] if varied.by_calls else []
    return subject.words(
        "assumptions", title, " ".join(_told(subject, varied)), " ".join([*note, *varied.sets])
    )


def _told(subject: Subject, varied: Varied) -> Iterator[str]:
    """What the lines show, in sentences."""
    said, named = subject.say, subject.language.names
    yield said("replay_assumptions.base", value=subject.stated(varied.way, varied.digits))
    if varied.alone:
        group = varied.alone[0]
        steps = [
            said("replay_assumptions.at", setting=line.setting, value=varied.number(line.realised))
            for line in group
        ]
        yield said("replay_assumptions.most", name=group[0].name.lower(), steps=", ".join(steps))
    if varied.together:
        sets = [
            said("replay_assumptions.set", name=line.name.lower(), value=varied.number(line.realised))
            for (line,) in varied.together
        ]
        yield said("replay_assumptions.sets", sets=named(sets))
    if len(varied.by_calls) > 1:
        yield said(
            "replay_assumptions.calls",
            calls=named([str(one["capacity"]) for one in varied.by_calls]),
            values=named([varied.number(one["realised"]) for one in varied.by_calls]),
        )
