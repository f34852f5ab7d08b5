"""What the charts of the report share: places in inches from the top of the sheet, and marks on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from vispera.report.figure.style import GREY, INK, PAPER, RULE, SETTINGS, Sheet, halo, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EDGE = 0.04
"""Inches left free at the outer edges; the page around has margins of its own."""

LINE = 0.15
"""Inches from one line of text to the next."""

SMALL = 8.0
"""Points of what is said beside the point; nothing is smaller, as a phone shows it hardly larger."""

AXIS = 0.22
"""Inches below axes that their ticks take."""

TOO_NARROW = 5.0
"""Inches of a sheet below which labels stand above what they name instead of beside it."""

Found = Mapping[str, float | None]
"""A value with the ends of its interval, which may be missing."""


@dataclass(frozen=True)
class Part:
    """A piece of a line of text in its own colour."""

    text: str
    color: str = GREY
    weight: str = "normal"


def narrow(sheet: Sheet) -> bool:
    """True if there is no room for a column of labels beside the axes."""
    return sheet.width < TOO_NARROW


def page(sheet: Sheet) -> Axes:
    """Axes over the whole sheet, for text and rules: inches from the left and from the top.

    Above all others, lest a grid line strike a name through.
    """
    axes = sheet.axes(0.0, 0.0, 0.0, 0.0, zorder=3)
    axes.axis("off")
    axes.set(xlim=(0.0, sheet.width), ylim=(sheet.height, 0.0))
    return axes


def plot(sheet: Sheet, left: float, right: float, top: float, bottom: float) -> Axes:
    """Axes between edges in inches from the left and the top of the sheet; bare of a vertical scale."""
    axes = sheet.axes(left, sheet.height - bottom, sheet.width - right, top)
    axes.patch.set_visible(False)
    return axes


def rows(axes: Axes, top: float, bottom: float) -> None:
    """Make the vertical scale of axes count inches from the top of the sheet, as a page does."""
    axes.set_ylim(bottom, top)
    axes.set_yticks([])
    axes.grid(visible=False, axis="y")


def write(page: Axes, x: float, y: float, text: str, **font: Any) -> None:
    """A text on a page, its letters centred on the height ``y``."""
    page.text(x, y, text, **{"color": INK, "va": "center_baseline", **font})


def strip(page: Axes, y: float, high: float = 1.25 * LINE) -> None:
    """A white strip across the page for a line of text at ``y``, where lines of the axes would cross it."""
    page.barh(y, page.get_xlim()[1], high, color=PAPER)


def parts(sheet: Sheet, page: Axes, x: float, y: float, line: Sequence[Part], right: float) -> float:
    """Write coloured pieces one after another, on to the next line where one would pass ``right``.

    Returns the height of the last line.
    """
    at = x
    for part in line:
        wide = sheet.widest([part.text], weight=part.weight)
        if at > x and at + wide > right:
            at, y = x, y + LINE
        write(page, at, y, part.text, color=part.color, weight=part.weight)
        at += wide + 0.09
    return y


def line_count(sheet: Sheet, line: Sequence[Part], room: float) -> int:
    """How many lines `parts` takes in so many inches."""
    count, at = 1, 0.0
    for part in line:
        wide = sheet.widest([part.text], weight=part.weight)
        if at and at + wide > room:
            count, at = count + 1, 0.0
        at += wide + 0.09
    return count


def fitted(sheet: Sheet, text: str, room: float, lines: int = 1, **font: Any) -> str:
    """The text in at most so many lines of ``room`` inches, the middle left out of what is too long."""
    font = {"size": SETTINGS["font.size"], **font}
    # a first guess from the mean letter; from there on letter by letter
    longest = min(
        len(text), int(1.1 * len(text) * lines * room / max(sheet.widest([text], **font), 0.01)) + 2
    )
    while True:
        told = sheet.wrapped(shortened(text, longest), room, **font)
        split = told.split("\n")
        if longest <= 5 or (len(split) <= lines and sheet.widest(split, **font) <= room):
            return told
        longest -= 1


def limits(found: Iterable[Found], *, least: float = 1.0) -> tuple[float, float]:
    """Ends of an axis at least so long on which every interval and zero lie, with a little room."""
    ends = [end for one in found for end in one.values() if end is not None]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    room = max(0.05 * (high - low), (least - high + low) / 2)
    return low - room, high + room


def value_axis(sheet: Sheet, axes: Axes, told, ends: tuple[float, float]) -> None:
    """Ticks of round numbers along a horizontal axis, as many as can be read, with the zero line."""
    axes.set_xlim(*ends)
    axes.axvline(0.0, color=INK, linewidth=1.0)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="x", length=0, labelsize=SMALL)
    box = axes.get_position()
    room, left = box.width * sheet.width, box.x0 * sheet.width
    for most in (6, 5, 4, 3, 2):
        ticks = round_ticks(ends, most)
        labels = [told(tick) for tick in ticks]
        wide = sheet.widest(labels, size=SMALL)
        steps = [after - before for before, after in pairwise(ticks)]
        if not steps or min(steps) * room / (ends[1] - ends[0]) > wide + 0.12:
            break
    at = [left + room * (tick - ends[0]) / (ends[1] - ends[0]) for tick in ticks]
    half = [sheet.widest([label], size=SMALL) / 2 for label in labels]
    kept = [x >= h and x + h <= sheet.width for x, h in zip(at, half, strict=True)]
    labels = [label if keep else "" for label, keep in zip(labels, kept, strict=True)]
    axes.set_xticks(ticks, labels)


def round_ticks(ends: tuple[float, float], most: int) -> list[float]:
    """Round numbers between two ends, at most so many steps apart."""
    from matplotlib.ticker import MaxNLocator

    found = MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10]).tick_values(*ends)
    return [float(tick) + 0.0 for tick in found if ends[0] <= tick <= ends[1]]


def interval(axes: Axes, y: float, found: Found, color: str, size: float = 5.5, **dot: Any) -> None:
    """A dot at the value and a line over its interval, if it has one."""
    low, high = found.get("low"), found.get("high")
    if low is not None and high is not None:
        axes.plot([low, high], [y, y], color=color, linewidth=1.8, alpha=0.5, solid_capstyle="butt")
    dot = {"path_effects": halo(1.5), **dot}
    axes.plot(found["value"] or 0.0, y, "o", color=color, markersize=size, clip_on=False, **dot)


def rules(page: Axes, right: float, at: Iterable[float]) -> None:
    """Thin lines across a page, between rows."""
    page.hlines(list(at), 0.0, right, color=RULE, linewidth=0.6)


def digits(ends: tuple[float, float]) -> int:
    """Decimals of amounts: one where all of them are small."""
    return 1 if max(abs(end) for end in ends) < 5 else 0
