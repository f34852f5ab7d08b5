"""Metrics by window: whether what holds in one stretch of time holds in the next."""

from __future__ import annotations

import numpy as np

from vispera.report.figure.material import Material
from vispera.report.figure.style import BLUE, GREY, INK, VERMILION, WIDTH, Canvas, above

COLUMNS = 3
LABEL_INCHES = 1.75
ROW_INCHES = 0.27


def draw(material: Material) -> Canvas:
    """One panel a metric, one row a window: the value with its interval, chance dashed."""
    say, language = material.language.say, material.language
    windows, names = material.metrics["windows"], list(material.metrics["metrics"])
    rows = -(-len(names) // COLUMNS)
    panel = ROW_INCHES * (len(windows) + 1) + 0.92
    if resamples := material.metrics["resamples"]:
        note = say("figure.metrics_by_window.note", resamples=language.count(resamples))
        subtitle = say("figure.metrics_by_window.subtitle", level=language.percent(material.metrics["level"]))
    else:
        note, subtitle = say("figure.interval_none"), say("figure.metrics_by_window.subtitle_bare")
    canvas = Canvas(material.words("metrics_by_window", title(material), subtitle, note), rows * panel + 0.1)
    width = (WIDTH - LABEL_INCHES - 0.4) / COLUMNS
    for i, name in enumerate(names):
        row, column = divmod(i, COLUMNS)
        left = LABEL_INCHES + column * width
        bottom = (rows - 1 - row) * panel + 0.42
        axes = canvas.axes(left + 0.08, bottom, WIDTH - left - width + 0.42, row * panel + 0.55)
        _panel(axes, material, name, first=column == 0)
    return canvas


def _panel(axes, material: Material, name: str, first: bool) -> None:
    say, language = material.language.say, material.language
    declared = material.metrics["metrics"][name]
    windows = material.metrics["windows"]
    label = f"figure.metrics_by_window.name.{name}"
    heading = say(label, k=str(declared["parameters"].get("k"))) if language.has(label) else name
    direction = say(f"figure.metrics_by_window.{'greater' if declared['greater_is_better'] else 'less'}")
    above(axes, direction, points=3, size=7.5)
    above(axes, heading, points=14, color=INK, weight="bold")
    places = _places(list(windows))
    for window, y in places.items():
        found = windows[window]["metrics"][name]
        color = _color(window)
        if found["value"] is None:
            axes.text(0.5, y, "–", transform=axes.get_yaxis_transform(), color=GREY, ha="center", va="center")
            continue
        if found["low"] is not None:
            axes.plot(
                [found["low"], found["high"]], [y, y], color=color, linewidth=1.8, solid_capstyle="butt"
            )
        axes.plot(
            found["value"], y, "o", color=color, markersize=4.8, markeredgecolor="white", markeredgewidth=0.5
        )
        if name != "ece" and _is_near(found["chance"], windows, name):  # the rate alone is calibrated
            axes.vlines(found["chance"], y - 0.5, y + 0.5, color=GREY, linewidth=1, linestyle=(0, (2, 1.5)))
        value = language.number(found["value"], 3)
        weight = "normal" if color == BLUE else "bold"
        axes.annotate(
            value,
            (1.03, y),
            xycoords=("axes fraction", "data"),
            color=color,
            va="center",
            size=7.5,
            weight=weight,
            annotation_clip=False,
        )
    if all(window["metrics"][name]["value"] is None for window in windows.values()):
        axes.set_xticks([])
    else:
        _ticks(axes, material)
    axes.set_ylim(-0.6, max(places.values()) + 0.6)
    axes.grid(visible=False, axis="y")
    axes.margins(x=0.08)
    axes.set_yticks(
        list(places.values()), [_row_label(material, window) for window in places] if first else []
    )
    for text, window in zip(axes.get_yticklabels(), places, strict=False):
        text.set(color=_color(window) if _color(window) != BLUE else INK, size=7.5, linespacing=1.1)


def _ticks(axes, material: Material) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(nbins=3, min_n_ticks=2))
    ticks = axes.get_xticks()
    digits = next((d for d in (1, 2, 3) if np.allclose(ticks, np.round(ticks, d), atol=1e-9)), 4)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: material.language.number(value, digits)))
    axes.tick_params(axis="x", labelsize=7.5)


def _is_near(chance: float | None, windows, name: str) -> bool:
    """True if a line for chance would not squeeze the intervals of the windows together."""
    found = [window["metrics"][name] for window in windows.values()]
    ends = [value for one in found for value in (one["low"], one["high"], one["value"]) if value is not None]
    room = 1.2 * (max(ends) - min(ends))
    return chance is not None and min(ends) - room <= chance <= max(ends) + room


def _places(windows: list[str]) -> dict[str, float]:
    """Height of each window's row, the first on top, a gap before what is not a single tuning window."""
    places: dict[str, float] = {}
    y = 0.0
    for window in reversed(windows):
        places[window] = y
        y += 1.0
        if window in ("test", "tuning"):
            y += 0.35
    return dict(reversed(places.items()))


def _color(window: str) -> str:
    return {"test": VERMILION, "tuning": INK}.get(window, BLUE)


def _row_label(material: Material, window: str) -> str:
    entry = material.metrics["windows"][window]
    dates = material.language.span(entry["first_night"], entry["last_night"])
    return f"{material.named(window)}\n{dates}"


def title(material: Material) -> str:
    """The spread of ROC AUC over time, and where the test window lies."""
    say, language = material.language.say, material.language
    values = {
        name: window["metrics"]["roc_auc"]["value"] for name, window in material.metrics["windows"].items()
    }
    told = {name: language.number(value, 3) for name, value in values.items() if value is not None}
    tuning = [told[name] for name in told if name.startswith("tuning-")]
    if len(told) == 1:
        return say("figure.metrics_by_window.title_one", value=next(iter(told.values())))
    if not tuning:
        return say("figure.metrics_by_window.title_undefined", model=material.model)
    ends = {"least": min(tuning), "most": max(tuning)}
    if "test" not in told:
        return say("figure.metrics_by_window.title_tuning", **ends)
    form = "title" if ends["least"] != ends["most"] else "title_same"
    return say(f"figure.metrics_by_window.{form}", test=told["test"], **ends)
