"""The charts of the feasibility report: bodies only, as kicker, title and note are text of the page.

One module a chart. Each is drawn for two widths, of a screen and of a phone; its height follows from what
there is to show. Equal series give equal bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from vispera.report.feasibility.figure import (
    calibration,
    fairness,
    ladder,
    precision,
    season,
    sensitivity,
    uses,
    windows,
)
from vispera.report.feasibility.figure.leaner import lean
from vispera.report.figure.style import look, picture
from vispera.text import Language

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FIGURES", "NARROW", "WIDE", "draw"]

WIDE, NARROW = 7.0, 3.6
"""Inches; shown at about 680 pixels, and at 350 on a phone."""

FIGURES: dict[str, Callable[[Mapping[str, Any], Language, float], Figure]] = {
    "ladder": ladder.draw,
    "season": season.draw,
    "calibration": calibration.draw,
    "windows": windows.draw,
    "sensitivity": sensitivity.draw,
    "uses": uses.draw,
    "fairness": fairness.draw,
    "precision": precision.draw,
}
"""How each chart is drawn, by the name of its series in report.json."""


def draw(name: str, series: Mapping[str, Any], language: Language, width: float) -> bytes:
    """A chart as SVG; its letters are outlines, so that it looks the same everywhere."""
    with look():
        return lean(picture(FIGURES[name](series, language, width), "svg"))
