"""Precision at K by night: what a call list would have found, and what there was to find."""

from __future__ import annotations

import numpy as np

from vispera.clock import day
from vispera.report.figure.calendar import apart, month_ticks
from vispera.report.figure.material import Material
from vispera.report.figure.style import BLUE, GREEN, GREY, SKY, Canvas, above, halo


def draw(material: Material) -> Canvas:
    """Hits of each night's first K calls before what a perfect list finds, with the means of both."""
    found, say, language = material.curve["precision_by_night"], material.language.say, material.language
    summary = material.summary["metrics"]["precision_at_k"]
    k = found["k"]
    means = {
        "perfect": k * summary["perfect"],
        "model": k * summary["value"],
        "random": k * summary["chance"],
    }
    told = {name: language.number(value, 1) for name, value in means.items()}
    title = say("figure.precision_by_night.title", k=str(k), hits=told["model"], **_without(told, "model"))
    subtitle = say("figure.precision_by_night.subtitle", k=str(k), value=material.stated(summary))
    nights = language.count(material.summary["nights"])
    note = say("figure.precision_by_night.note", nights=nights, interval=material.intervals("night"))
    if found["nights_a_point"] > 1:
        note += " " + say("figure.precision_by_night.grouped", nights=str(found["nights_a_point"]))
    canvas = Canvas(material.words("precision_by_night", title, subtitle, note, material.sample), 3.5)
    axes = canvas.axes(0.5, 0.4, 1.65, 0.32)

    width = found["nights_a_point"]
    at = np.array([day(night) for night in found["night"]])
    axes.bar(at, found["perfect"], 0.82 * width, color=SKY, align="edge")
    axes.bar(at, found["hits"], 0.82 * width, color=BLUE, align="edge")
    colors = {"perfect": GREY, "model": BLUE, "random": GREEN}
    heights = apart(means, 0.055 * k)
    for name, mean in means.items():
        axes.axhline(mean, color=colors[name], linewidth=1.4, zorder=3, path_effects=halo(3.0))
        label = say(f"figure.precision_by_night.{name}", value=told[name], model=material.model)
        axes.annotate(
            label,
            (1.02, heights[name]),
            xycoords=("axes fraction", "data"),
            color=colors[name],
            weight="bold",
            va="center",
            annotation_clip=False,
        )
    axes.set_xlim(at[0] - 0.5, at[-1] + width)
    axes.set_ylim(0, k)
    axes.grid(visible=False, axis="x")
    month_ticks(axes, material.language)
    above(axes, say("figure.precision_by_night.y", k=str(k)))
    return canvas


def _without(mapping: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in mapping.items() if key != name}
