"""Fairness: by one permitted column, who would have been called, and whose loss would have been reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vispera.report.feasibility.figure import layout
from vispera.report.feasibility.figure.layout import AXIS, EDGE, LINE, SMALL, Found
from vispera.report.feasibility.figure.naming import level
from vispera.report.figure.style import BLUE, DASHES, GREY, INK, Sheet, percent_axis
from vispera.text import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHARES = ("called_share", "reached_share")
MOST = 8
"""Groups that are drawn; of more, the most numerous."""


def draw(series: Mapping[str, Any], language: Language, width: float) -> Figure:
    """A row for each group with two panels: the share called, and of the lost ones the share reached."""
    sheet, small = Sheet(width), width < layout.TOO_NARROW
    groups, left_out = _shown(series["groups"])
    rows = [_units(one, language) for one in groups]
    count = sheet.widest(rows, size=SMALL) if rows else 0.0
    room = sheet.width - 2 * EDGE - 0.15 if small else 2.3
    names = [
        layout.fitted(sheet, level(str(one["level"]), language), room - (count if small else 0.0), 1)
        for one in groups
    ]
    left = EDGE + 0.06 if small else EDGE + max([sheet.widest([*names, "m"]), count]) + 0.2
    panel = (sheet.width - left - 0.16 - 0.35) / 2
    head = [layout.fitted(sheet, _heading(share, language), panel + 0.2, 2) for share in SHARES]
    top = 0.12 + LINE * max(one.count("\n") + 1 for one in head) + (LINE if _overall(series) else 0.0)
    row = 0.4 if small else 0.34
    bottom = top + row * len(groups)
    sheet.set_height(bottom + AXIS + (LINE + 0.04 if left_out else 0.0))
    page = layout.page(sheet)
    layout.rules(page, sheet.width, [top + row * place for place in range(len(groups) + 1)])
    for place, (name, units) in enumerate(zip(names, rows, strict=True)):
        y = top + row * place
        if small:
            layout.strip(page, y + 0.11)
            layout.write(page, EDGE, y + 0.11, name)
            layout.write(page, sheet.width - EDGE, y + 0.11, units, ha="right", color=GREY, size=SMALL)
        else:
            layout.write(page, EDGE, y + row / 2 - 0.07, name)
            layout.write(page, EDGE, y + row / 2 + 0.08, units, color=GREY, size=SMALL)
    middles = [top + row * place + (0.27 if small else row / 2) for place in range(len(groups))]
    for place, share in enumerate(SHARES):
        x = left + place * (panel + 0.35)
        page.text(x, 0.04, head[place], color=GREY, va="top", linespacing=1.15)
        axes = layout.plot(sheet, x, x + panel, top, bottom)
        layout.rows(axes, top, bottom)
        overall = _overall(series).get(share)
        _panel(axes, [_found(one, share) for one in groups], middles, overall, language)
        _all(sheet, page, axes, overall, (x, panel, top), language)
    if left_out:
        form = "left_out_one" if left_out == 1 else "left_out"
        told = language.say(f"feasibility_figure.fairness.{form}", number=language.count(left_out))
        layout.write(page, EDGE, sheet.height - 0.09, told, color=GREY, size=SMALL)
    return sheet.figure


def _shown(groups: Sequence[Mapping[str, Any]]) -> tuple[list[Mapping[str, Any]], int]:
    """The most numerous groups in the order given, and how many are left out."""
    ranked = sorted(range(len(groups)), key=lambda place: (-(groups[place].get("units") or 0), place))
    kept = sorted(ranked[:MOST])
    return [groups[place] for place in kept], len(groups) - len(kept)


def _units(one: Mapping[str, Any], language: Language) -> str:
    units = int(one.get("units") or 0)
    form = "bookings_one" if units == 1 else "bookings"
    return language.say(f"feasibility_figure.fairness.{form}", number=language.count(units))


def _heading(share: str, language: Language) -> str:
    return language.say(f"feasibility_figure.fairness.{share}")


def _found(one: Mapping[str, Any], share: str) -> Found:
    """A share with its interval; all None where the group is too small to be judged."""
    found = one.get(share)
    if not isinstance(found, Mapping):
        return {"value": found, "low": None, "high": None}
    return {end: found.get(end) for end in ("value", "low", "high")}


def _overall(series: Mapping[str, Any]) -> dict[str, float]:
    """Shares over all bookings, where they are known."""
    overall = series.get("overall") or {}
    found = {share: _found(overall, share)["value"] for share in SHARES}
    return {share: value for share, value in found.items() if value is not None}


def _panel(
    axes: Axes, shares: list[Found], middles: list[float], overall: float | None, language: Language
) -> None:
    """A dot with its interval for each group on one scale, from zero on."""
    ends = [end for one in shares for end in one.values() if end is not None]
    percent_axis(axes.xaxis, min(1.0, 1.1 * max([0.02, overall or 0.0, *ends])))
    axes.tick_params(axis="x", labelsize=SMALL, length=0)
    axes.spines["bottom"].set_visible(False)
    axes.axvline(0.0, color=INK, linewidth=1.0)
    for y, found in zip(middles, shares, strict=True):
        if found["value"] is None:
            few = language.say("feasibility_figure.fairness.few")
            axes.annotate(
                few, (0.0, y), (5, 0), textcoords="offset points", color=GREY, va="center", size=SMALL
            )
        else:
            layout.interval(axes, y, found, BLUE)


def _all(sheet: Sheet, page: Axes, axes: Axes, overall: float | None, at, language: Language) -> None:
    """A dashed line at the share over all bookings, named above."""
    if overall is None:
        return
    x, panel, top = at
    axes.axvline(overall, color=GREY, linewidth=1.0, linestyle=DASHES)
    told = language.say("feasibility_figure.fairness.all", share=language.percent(overall))
    wide = sheet.widest([told], size=SMALL)
    middle = x + panel * min(1.0, overall / axes.get_xlim()[1])
    start = min(max(middle - wide / 2, x), x + panel - wide + 0.15)
    layout.write(page, start, top - 0.09, told, color=GREY, size=SMALL)
