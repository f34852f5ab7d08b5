"""Calibration: what share was predicted, and what share happened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from vispera.report.feasibility.figure import layout
from vispera.report.feasibility.figure.layout import AXIS, EDGE, SMALL
from vispera.report.figure.style import BLUE, DASHES, GREY, SKY, Sheet, halo, percent_axis
from vispera.text import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEFT = 0.42
STRIP = 0.34
"""Inches of the bars that tell how many bookings stand behind each point."""


def draw(series: Mapping[str, Any], language: Language, width: float) -> Figure:
    """Observed against predicted share with intervals, above the number of bookings behind each point."""
    sheet, say = Sheet(width), language.say
    high, right = (2.9 if layout.narrow(sheet) else 3.3), sheet.width - 0.15
    bottom = 0.24 + high
    first = bottom + 0.28
    sheet.set_height(first + STRIP + AXIS + 0.2)
    page = layout.page(sheet)
    axes = layout.plot(sheet, LEFT, right, 0.24, bottom)
    counts = layout.plot(sheet, LEFT, right, first, first + STRIP)
    layout.write(page, EDGE, 0.09, say("feasibility_figure.calibration.y"), color=GREY)
    layout.write(
        page, LEFT, bottom + 0.14, say("feasibility_figure.calibration.rows"), color=GREY, size=SMALL
    )
    x = say("feasibility_figure.calibration.x")
    layout.write(page, right, sheet.height - 0.09, x, ha="right", color=GREY)
    most = _most(series["bins"])
    _points(axes, series["bins"], most)
    _diagonal(sheet, axes, series["bins"], most, say("feasibility_figure.calibration.perfect"))
    _counts(counts, series["bins"], language)
    percent_axis(counts.xaxis, most)
    axes.tick_params(labelbottom=False, length=0)
    for one in (axes, counts):
        one.tick_params(labelsize=SMALL)
    return sheet.figure


def _most(bins) -> float:
    """End of both axes: every interval and every prediction lie on them."""
    ends = [one[end] for one in bins for end in ("mean_p", "rate", "high") if one.get(end) is not None]
    return min(1.02, 1.06 * max([0.01, *ends]))


def _points(axes: Axes, bins, most: float) -> None:
    axes.plot([0.0, most], [0.0, most], color=GREY, linewidth=1.0, linestyle=DASHES)
    for one in bins:
        if one.get("low") is not None and one.get("high") is not None:
            axes.vlines(one["mean_p"], one["low"], one["high"], color=BLUE, linewidth=1.6, alpha=0.5)
        axes.plot(
            one["mean_p"], one["rate"], "o", color=BLUE, markersize=5.5, path_effects=halo(1.5), clip_on=False
        )
    percent_axis(axes.xaxis, most)
    percent_axis(axes.yaxis, most)


def _diagonal(sheet: Sheet, axes: Axes, bins, most: float, label: str) -> None:
    """Name the diagonal where no point or interval is near, above it or below."""
    box = axes.get_position()
    wide, high = box.width * sheet.width, box.height * sheet.height
    text = sheet.widest([label])
    marks = [
        (
            one["mean_p"] / most * wide,
            (one.get("low") or one["rate"]) / most * high,
            (one.get("high") or one["rate"]) / most * high,
        )
        for one in bins
    ]
    best, chosen = -1.0, None
    for share in np.linspace(0.05, 0.95, 31):
        x, y = share * wide, share * high
        slope = 0.16 * wide / high
        for left, low in ((x - text - slope, y + 0.04), (x + slope, y - 0.18)):
            if left < 0.05 or left + text > wide - 0.05 or low < 0.05 or low + 0.14 > high:
                continue
            free = min((_gap(mark, left, left + text, low, low + 0.14) for mark in marks), default=1.0)
            if free > best + 1e-9:
                best, chosen = free, (left, low)
    if chosen is not None:
        place = (chosen[0] / wide, (chosen[1] + 0.07) / high)
        axes.text(*place, label, transform=axes.transAxes, color=GREY, va="center_baseline")


def _gap(mark: tuple[float, float, float], left: float, right: float, low: float, high: float) -> float:
    """Inches between a vertical line and a box."""
    x, least, most = mark
    beside = max(left - x, x - right, 0.0)
    over = max(low - most, least - high, 0.0)
    return float(np.hypot(beside, over))


def _counts(axes: Axes, bins, language: Language) -> None:
    """A bar for the bookings behind each point, the largest number written."""
    rows = [one["rows"] for one in bins]
    axes.vlines([one["mean_p"] for one in bins], 0.0, rows, color=SKY, linewidth=3.0)
    most = max([1, *rows])
    axes.set_ylim(0.0, 1.05 * most)
    axes.set_yticks([most], [language.count(most)])
    axes.grid(visible=False, axis="x")
