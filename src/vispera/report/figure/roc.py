"""ROC curve: how well the model ranks, whatever number of calls."""

from __future__ import annotations

import numpy as np

from vispera.report.figure.material import Material
from vispera.report.figure.style import BLUE, DASHES, GREY, Canvas, Entry, above, key, percent_axis

READ_AT = 0.10
"""Share of kept bookings flagged in error at which the curve is read off for the reader."""


def draw(material: Material) -> Canvas:
    """ROC curve of the shown window, the baseline in grey, chance dashed, one point read off."""
    curve, say, language = material.curve["roc"], material.language.say, material.language
    if curve is None:
        return material.undefined("roc")
    found = material.summary["metrics"]["roc_auc"]
    title = say("figure.roc.title", model=material.model, times=f"{100 * found['value']:.0f}")
    subtitle = say("figure.roc.subtitle", value=material.stated(found), chance=language.number(0.5, 1))
    note = material.intervals("arrival")
    canvas = Canvas(material.words("roc", material.too_small or title, subtitle, note, material.sample), 4.3)
    axes = canvas.axes(0.62, 0.58, 0.3, 0.32)

    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle=DASHES)
    entries = [Entry(material.labelled(material.model, found), BLUE)]
    past, other = material.compared_curve("roc"), material.compared("roc_auc")
    if material.baseline and past and other:
        axes.plot(past["false_positive_rate"], past["true_positive_rate"], color=GREY, linewidth=1.4)
        entries.append(Entry(material.labelled(material.baseline.name, other), GREY))
    x, y = np.array(curve["false_positive_rate"]), np.array(curve["true_positive_rate"])
    axes.plot(x, y, color=BLUE, linewidth=2.2)
    caught = float(np.interp(READ_AT, x, y))
    axes.plot(READ_AT, caught, "o", color=BLUE, markersize=7, markeredgecolor="white", clip_on=False)
    point = say("figure.roc.point", false=language.percent(READ_AT), caught=language.percent(caught))
    entries += [Entry(say("figure.roc.chance", value=language.number(0.5, 1)), GREY, "dashed")]
    key(axes, [*entries, Entry(point, BLUE, "point")], 0.5, 0.08 + 0.075 * len(entries))

    percent_axis(axes.xaxis, 1.0)
    percent_axis(axes.yaxis, 1.0)
    axes.set_xlabel(say("figure.roc.x"))
    above(axes, say("figure.roc.y"))
    return canvas
