"""Windows: whether the model ranks and predicts as well in one stretch of time as in the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vispera.clock import day
from vispera.report.feasibility.figure import layout
from vispera.report.feasibility.figure.layout import EDGE, LINE, SMALL, Part
from vispera.report.feasibility.figure.naming import model, window
from vispera.report.figure.style import BLUE, DASHES, GREY, INK, PAPER, Sheet, halo
from vispera.text import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEFT = 0.42
LATEST = "test"


def draw(series: Mapping[str, Any], language: Language, width: float) -> Figure:
    """ROC AUC by window in the order of time, and below it the error of the probabilities."""
    sheet, small, say = Sheet(width), width < layout.TOO_NARROW, language.say
    windows = series["windows"]
    at = [(day(one["first"]) + day(one["last"])) / 2 for one in windows]
    ceiling = _ceiling(series, language)
    line = _key(series, language) + ([Part(f"╌╌ {ceiling}")] if ceiling and small else [])
    right = sheet.width - 0.12 - (sheet.widest([ceiling]) + 0.05 if ceiling and not small else 0.0)
    room = sheet.width - 2 * EDGE
    labels = _labels(windows, language, small)
    shown = _shown(sheet, windows, at, labels, right - LEFT)
    top = 0.1 + LINE * layout.line_count(sheet, line, room)
    bottom = top + 1.7
    second = [Part(say("feasibility_figure.windows.ece"))]
    upper = bottom + 0.16 + LINE
    lower = upper + 0.95
    sheet.set_height(lower + 0.1 + LINE * max(label.count("\n") + 1 for label in labels))
    page = layout.page(sheet)
    layout.parts(sheet, page, EDGE, 0.09, line, room)
    layout.parts(sheet, page, EDGE, bottom + 0.16, second, room)
    auc = layout.plot(sheet, LEFT, right, top, bottom)
    ece = layout.plot(sheet, LEFT, right, upper, lower)
    _auc(auc, series, at, shown, language)
    if ceiling and not small and series["ceiling"] is not None:
        auc.annotate(
            ceiling,
            (1.0, series["ceiling"]),
            (4, 0),
            auc.get_yaxis_transform(),
            textcoords="offset points",
            color=GREY,
            va="center",
        )
    _ece(ece, windows, at, shown, language)
    _time((auc, ece), windows, at, labels, shown)
    return sheet.figure


def _key(series: Mapping[str, Any], language: Language) -> list[Part]:
    """What is measured, and of which model; the hollow dots are those of the baseline."""
    line = [
        Part(language.say("feasibility_figure.windows.auc")),
        Part(f"● {model(series['model'], language)}", BLUE, "bold"),
    ]
    if series.get("baseline") and any(one.get("baseline_roc_auc") is not None for one in series["windows"]):
        line.append(Part(f"○ {model(series['baseline'], language)}"))
    return line


def _ceiling(series: Mapping[str, Any], language: Language) -> str:
    if series.get("ceiling") is None:
        return ""
    return language.say("feasibility_figure.windows.ceiling", value=language.number(series["ceiling"], 2))


def _labels(windows, language: Language, small: bool) -> list[str]:
    """Name of each window, and on a wide sheet its dates."""
    names = [window(one["name"], language) for one in windows]
    if small:
        return [name.replace(" ", "\n") for name in names]
    return [
        f"{name}\n{language.date(one['first'])} –\n{language.date(one['last'])}"
        for name, one in zip(names, windows, strict=True)
    ]


def _auc(
    axes: Axes, series: Mapping[str, Any], at: Sequence[float], shown: list[int], language: Language
) -> None:
    windows, ceiling = series["windows"], series.get("ceiling")
    tops = _marks(axes, windows, at, "roc_auc", 1.0)
    for x, one in zip(at, windows, strict=True):
        if one.get("baseline_roc_auc") is not None:
            dot: Any = {"markerfacecolor": PAPER, "markersize": 5, "zorder": 3}
            axes.plot(x, one["baseline_roc_auc"], "o", color=GREY, **dot)
    highest = {x: max(top, _baseline(one)) for (x, top), one in zip(tops.items(), windows, strict=True)}
    _values(
        axes,
        [windows[p] for p in shown],
        {at[p]: highest[at[p]] for p in shown},
        "roc_auc",
        lambda value: language.number(value, 2),
    )
    low, high = axes.get_ylim()
    if ceiling is not None:
        axes.axhline(ceiling, color=GREY, linewidth=1.0, linestyle=DASHES)
        low, high = min(low, ceiling - 0.02), max(high, ceiling + 0.02)
    room = high - low
    axes.set_ylim(low - 0.04 * room, high + 0.13 * room)
    _scale(axes, lambda value, _: language.number(value, 2), 5)


def _baseline(one: Mapping[str, Any]) -> float:
    found = one.get("baseline_roc_auc")
    return -np.inf if found is None else float(found)


def _ece(axes: Axes, windows, at: Sequence[float], shown: list[int], language: Language) -> None:
    tops = _marks(axes, windows, at, "ece", 100.0)
    _values(
        axes,
        [windows[p] for p in shown],
        {at[p]: tops[at[p]] for p in shown},
        "ece",
        lambda value: language.number(100.0 * value, 1),
    )
    axes.set_ylim(0.0, 1.25 * max([1.0, *(top for top in tops.values() if np.isfinite(top))]))
    _scale(axes, lambda value, _: language.number(value, 0 if float(value).is_integer() else 1), 3)


def _scale(axes: Axes, told, most: int) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.yaxis.set_major_locator(MaxNLocator(nbins=most, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(told)
    axes.grid(visible=False, axis="x")


def _marks(axes: Axes, windows, at: Sequence[float], name: str, scale: float) -> dict[float, float]:
    """Dots with their intervals; the height of what is drawn of each window, by its place."""
    tops = {}
    for x, one in zip(at, windows, strict=True):
        found = {
            end: None if one[name][end] is None else scale * one[name][end]
            for end in ("value", "low", "high")
        }
        if found["value"] is None:
            tops[x] = -np.inf
            continue
        color = _color(one)
        if found["low"] is not None and found["high"] is not None:
            axes.plot([x, x], [found["low"], found["high"]], color=color, linewidth=1.8, alpha=0.5)
        axes.plot(x, found["value"], "o", color=color, markersize=6, path_effects=halo(1.5), zorder=4)
        tops[x] = max(found["value"], found["high"] or found["value"])
    return tops


def _values(axes: Axes, windows, tops: Mapping[float, float], name: str, told) -> None:
    """The value above the mark of each window, a dash where there is none."""
    for (x, top), one in zip(tops.items(), windows, strict=True):
        if one[name]["value"] is None:
            where: Any = {"xycoords": axes.get_xaxis_transform(), "ha": "center", "color": GREY}
            axes.annotate("–", (x, 0.5), **where)
            continue
        weight = "bold" if one["name"] == LATEST else "normal"
        at: Any = {"textcoords": "offset points", "ha": "center", "va": "bottom", "size": SMALL}
        axes.annotate(told(one[name]["value"]), (x, top), (0, 3), color=_color(one), weight=weight, **at)


def _color(one: Mapping[str, Any]) -> str:
    """The window that nothing was chosen on stands out."""
    return BLUE if one["name"] == LATEST else INK


def _shown(sheet: Sheet, windows, at: Sequence[float], labels: list[str], room: float) -> list[int]:
    """Places of the windows that are named and numbered: as many as can be read, the last among them."""
    wide = sheet.widest([line for label in labels for line in label.split("\n")], size=SMALL, weight="bold")
    first, last = _span(windows)
    nearest = min(np.diff(at), default=last - first) * room / (last - first)
    each = max(1, int(np.ceil((wide + 0.06) / nearest)))
    return list(range(len(at) - 1, -1, -each))[::-1]


def _span(windows) -> tuple[float, float]:
    """Ends of the axis of time."""
    return day(windows[0]["first"]) - 1.0, day(windows[-1]["last"]) + 1.0


def _time(
    panels: tuple[Axes, Axes], windows, at: Sequence[float], labels: list[str], shown: list[int]
) -> None:
    """The same time along both panels; windows are named below."""
    for axes in panels:
        axes.set_xlim(*_span(windows))
        axes.tick_params(labelsize=SMALL)
    panels[0].set_xticks([at[place] for place in shown], ["" for _ in shown])
    panels[1].set_xticks([at[place] for place in shown], [labels[place] for place in shown])
    for tick, place in zip(panels[1].get_xticklabels(), shown, strict=True):
        bold = windows[place]["name"] == LATEST
        tick.set(color=BLUE if bold else GREY, weight="bold" if bold else "normal", linespacing=1.15)
