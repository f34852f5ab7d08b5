"""Uses: how much of what moves a prediction each subject makes up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vispera.report.feasibility.figure import layout
from vispera.report.feasibility.figure.layout import EDGE
from vispera.report.feasibility.figure.naming import headed, named
from vispera.report.figure.style import BLUE, GREY, INK, RULE, SKY, Sheet
from vispera.text import Language

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STRONG = 2
"""Bars that are told apart by colour; they are those that the title names."""


def draw(series: Mapping[str, Any], language: Language, width: float) -> Figure:
    """A bar for each subject, the largest first as given, and one for all others together."""
    sheet, small = Sheet(width), width < layout.TOO_NARROW
    bars = _bars(series, language)
    shares = [language.percent(share) for _, share, _ in bars]
    number = sheet.widest(shares, weight="bold") + 0.1
    room = sheet.width - 2 * EDGE - number if small else 0.45 * sheet.width
    names = [layout.fitted(sheet, name, room, 1) for name, _, _ in bars]
    left = EDGE if small else EDGE + sheet.widest(names) + 0.15
    row, thick = (0.34, 0.09) if small else (0.25, 0.16)
    sheet.set_height(row * len(bars) + 0.02)
    page = layout.page(sheet)
    longest = max([share for _, share, _ in bars], default=1.0) or 1.0
    scale = (sheet.width - EDGE - left - (0.0 if small else number)) / longest
    for place, (name, (_, share, color)) in enumerate(zip(names, bars, strict=True)):
        top = row * place
        y, middle = (top + 0.1, top + 0.24) if small else (top + row / 2, top + row / 2)
        layout.write(page, EDGE, y, name, color=GREY if color == RULE else INK)
        page.barh(middle, share * scale, thick, left, color=color)
        at = sheet.width - EDGE if small else left + share * scale + 0.06
        font: Any = {
            "color": BLUE if color == BLUE else GREY,
            "weight": "bold" if color == BLUE else "normal",
        }
        layout.write(page, at, y, shares[place], ha="right" if small else "left", **font)
    page.set(xlim=(0.0, sheet.width), ylim=(sheet.height, 0.0))
    return sheet.figure


def _bars(series: Mapping[str, Any], language: Language) -> list[tuple[str, float, str]]:
    """Name, share and colour of each bar."""
    bars = [
        (headed(named(one["name"], language)), float(one["share"]), BLUE if place < STRONG else SKY)
        for place, one in enumerate(series["themes"])
    ]
    if others := int(series.get("others") or 0):
        form = "others_one" if others == 1 else "others"
        told = language.say(f"feasibility_figure.uses.{form}", number=language.count(others))
        bars.append((told, float(series.get("others_share") or 0.0), RULE))
    return bars
