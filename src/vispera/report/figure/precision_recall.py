"""Precision-recall curve: how often a flag is right, for each share of cancellations flagged."""

from __future__ import annotations

import numpy as np

from vispera.report.figure.material import Material
from vispera.report.figure.style import BLUE, DASHES, GREY, Canvas, Entry, above, key, percent_axis

READ_AT = 0.25
"""Share of the cancellations at which the curve is read off for the reader."""

STEADY_FROM = 0.02
"""Recall below which precision hangs on a handful of bookings and is not drawn."""


def draw(material: Material) -> Canvas:
    """Precision against recall on the shown window, the baseline in grey, the base rate dashed."""
    curve, say, language = material.curve["precision_recall"], material.language.say, material.language
    if curve is None:
        return material.undefined("precision_recall")
    found, rate = material.summary["metrics"]["pr_auc"], material.summary["rate"]
    recall, precision = _steady(curve)
    at = int(np.searchsorted(curve["recall"], READ_AT))  # the first threshold that catches so many
    caught, right = curve["recall"][at], curve["precision"][at]
    title = say("figure.precision_recall.title", precision=f"{100 * right:.0f}", chance=f"{100 * rate:.0f}")
    subtitle = say("figure.precision_recall.subtitle", value=material.stated(found))
    note = material.intervals("arrival")
    canvas = Canvas(
        material.words("precision_recall", material.too_small or title, subtitle, note, material.sample), 4.0
    )
    axes = canvas.axes(0.62, 0.58, 0.3, 0.32)

    axes.axhline(rate, color=GREY, linewidth=1, linestyle=DASHES)
    entries = [Entry(material.labelled(material.model, found), BLUE)]
    highest = max(float(precision.max()), right, 2 * rate)
    past, other = material.compared_curve("precision_recall"), material.compared("pr_auc")
    if material.baseline and past and other:
        past_recall, past_precision = _steady(past)
        highest = max(highest, float(past_precision.max()))
        axes.plot(past_recall, past_precision, color=GREY, linewidth=1.4)
        entries.append(Entry(material.labelled(material.baseline.name, other), GREY))
    axes.plot(recall, precision, color=BLUE, linewidth=2.2)
    axes.plot(caught, right, "o", color=BLUE, markersize=7, markeredgecolor="white", clip_on=False)
    point = say("figure.precision_recall.point", right=language.percent(right), at=language.percent(caught))
    by_chance = say("figure.precision_recall.chance", value=language.number(rate, 3))
    entries += [Entry(by_chance, GREY, "dashed"), Entry(point, BLUE, "point")]
    key(axes, entries, 0.5, 0.93)

    percent_axis(axes.xaxis, 1.0)
    percent_axis(axes.yaxis, min(1.0, 1.12 * highest))
    axes.set_xlabel(say("figure.precision_recall.x"))
    above(axes, say("figure.precision_recall.y"))
    return canvas


def _steady(curve) -> tuple[np.ndarray, np.ndarray]:
    """Recall and precision from where enough bookings are flagged."""
    recall, precision = np.array(curve["recall"]), np.array(curve["precision"])
    steady = recall >= STEADY_FROM
    return recall[steady], precision[steady]
