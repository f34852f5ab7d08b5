"""How trials are marked in the figures of a search, and the axis of scores on which they stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vispera.report.figure.search.subject import Subject
from vispera.report.figure.style import BLUE, GREY, PAPER, VERMILION, WIDTH, Canvas

PALE = "#A6A6A6"

STRETCH = 4.0
"""Marks that lie this many times farther from the lowest than the middle one are drawn at the upper edge."""

MARKS: dict[str, dict[str, Any]] = {
    "finished": {"marker": "o", "color": BLUE, "markeredgecolor": PAPER, "markeredgewidth": 0.4},
    "pruned": {"marker": "o", "color": "none", "markeredgecolor": PALE, "markeredgewidth": 0.9},
    "failed": {"marker": "x", "color": VERMILION, "markeredgewidth": 1.4},
    "best": {"marker": "D", "color": VERMILION, "markeredgecolor": PAPER, "markeredgewidth": 0.8},
}
"""How a trial is marked, so that shape alone tells it too."""


def span(subject: Subject) -> tuple[float, float]:
    """Ends of the axis of scores, such that a few hopeless trials do not press the others together."""
    found = [at for one in subject.done if (at := subject.height(one)) is not None]
    low, middle, high = (float(end) for end in np.quantile(found, (0.0, 0.5, 1.0)))
    finished = [one.score for one in subject.ranked if one.score is not None]
    middle = max(middle, float(np.median(finished))) if finished else middle
    wanted = low + STRETCH * (middle - low)
    high = wanted if low < wanted < high else high
    room = 0.08 * (high - low) or 0.01
    return low - room, high + room


def notes(subject: Subject) -> list[str]:
    """Sentences on what the marks do not show: the windows that pruned trials saw, and what is cut off."""
    say, (pruned, each) = subject.language.say, subject.pruned_drawn
    told = [say("figure.search_trials.pruned_note")] if pruned and subject.ranked else []
    told += [say("figure.search_trials.thinned", each=str(each))] if each > 1 else []
    top = span(subject)[1]
    beyond = sum((subject.height(one) or 0.0) > top for one in subject.done)
    return told + ([subject.counted("figure.search_trials.beyond", beyond)] if beyond else [])


def score_axis(axes, subject: Subject) -> None:
    """The vertical axis of scores, with as many decimals as tell its ticks apart."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.set_ylim(*span(subject))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    ticks = axes.get_yticks()
    digits = next((d for d in range(2, 8) if np.allclose(ticks, np.round(ticks, d), atol=1e-9)), 8)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: subject.language.number(value, digits)))


def mark(axes, kind: str, x, y, size: float, **more: Any) -> None:
    """Marks of one kind; those above the axes as triangles at their upper edge."""
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    top = axes.get_ylim()[1]
    low = y <= top
    drawn = {"linestyle": "none", "markersize": size, "clip_on": False, **MARKS[kind], **more}
    axes.plot(x[low], y[low], **drawn)
    axes.plot(x[~low], np.full((~low).sum(), top), **{**drawn, "marker": "^"})


def size_for(number: int) -> float:
    """Points across of a mark, smaller where there are many."""
    return 5.5 if number <= 80 else 4.2 if number <= 250 else 3.2


def legend(canvas: Canvas, names: Mapping[str, str], left: float) -> None:
    """Samples of marks with what they are, in a row at the top of the body; what is no mark is a line."""
    axes = canvas.axes(left, canvas.body_height - 0.2, 0.3, 0.0)
    axes.axis("off")
    axes.set(xlim=(0.0, WIDTH - left - 0.3), ylim=(-1.0, 1.0))
    at = 0.05
    for kind, label in names.items():
        if kind in MARKS:
            mark(axes, kind, [at], [0.0], 6.5 if kind == "best" else 5.5)
        else:
            axes.plot([at - 0.05, at + 0.15], [0.0, 0.0], color=BLUE, linewidth=1.6)
            at += 0.1
        axes.text(at + 0.11, 0.0, label, color=GREY, va="center_baseline")
        at += 0.11 + canvas.widest([label]) + 0.25
