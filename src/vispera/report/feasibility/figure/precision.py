"""Precision: of the calls of a night, how many reach a booking that is lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vispera.report.feasibility.figure import layout
from vispera.report.feasibility.figure.layout import EDGE
from vispera.report.feasibility.figure.naming import headed
from vispera.report.figure.style import BLUE, GREY, RULE, Sheet
from vispera.text import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LARGEST = 0.26
"""Inches of a dot, where there is room."""


def draw(series: Mapping[str, Any], language: Language, width: float) -> Figure:
    """A row of as many dots as there are calls for each way of calling, those that reach a loss filled."""
    sheet, small = Sheet(width), width < layout.TOO_NARROW
    k, rows, say = int(series["k"]), series["rows"], language.say
    names = [headed(_named(one["name"], language)) for one in rows]
    told = [
        say("feasibility_figure.precision.of", value=language.number(one["value"], 1), k=str(k))
        for one in rows
    ]
    number = sheet.widest(told, weight="bold") + 0.15
    left = EDGE if small else EDGE + sheet.widest(names, weight="bold") + 0.25
    step = min(LARGEST * 1.25, (sheet.width - 2 * EDGE - (0.0 if small else left + number)) / k)
    high = 0.25 + step if small else max(step, 0.2) + 0.1
    sheet.set_height(high * len(rows) + 0.02)
    page = layout.page(sheet)
    for place, one in enumerate(rows):
        top, mine = high * place, one["name"] == "model"
        y = top + 0.1 if small else top + high / 2
        font: Any = {"color": BLUE if mine else GREY, "weight": "bold" if mine else "normal"}
        layout.write(page, EDGE, y, names[place], **font)
        at, side = (sheet.width - EDGE, "right") if small else (left + step * k + 0.12, "left")
        layout.write(page, at, y, told[place], ha=side, **font)
        middle = top + 0.2 + step / 2 if small else y
        _dots(page, k, float(one["value"]), (left, middle), step, font["color"])
    return sheet.figure


def _named(name: str, language: Language) -> str:
    known = f"feasibility_figure.precision.{name}"
    return language.say(known) if language.has(known) else name.replace("_", " ")


def _dots(page: Axes, k: int, value: float, start: tuple[float, float], step: float, color: str) -> None:
    """Dots from left to right: filled up to the value, the last of them in part."""
    from matplotlib.patches import Rectangle

    size = 0.8 * step
    dot: Any = {"markersize": 72 * size, "markeredgewidth": 0.0}
    at = [start[0] + step * (place + 0.5) for place in range(k)]
    value = min(max(value, 0.0), float(k))
    whole = int(value)
    page.plot(at, [start[1]] * k, "o", color=RULE, **dot)
    page.plot(at[:whole], [start[1]] * whole, "o", color=color, **dot)
    if whole < k:
        (cut,) = page.plot(at[whole], start[1], "o", color=color, **dot)
        corner = (at[whole] - size / 2, start[1] - size / 2)
        cut.set_clip_path(Rectangle(corner, size * (value - whole), size, transform=page.transData))
