"""Calibration: whether what is told as 20 % happens 20 times in 100."""

from __future__ import annotations

import numpy as np

from vispera.report.figure.material import Material
from vispera.report.figure.style import BLUE, DASHES, GREY, SKY, Canvas, above, halo, percent_axis


def draw(material: Material) -> Canvas:
    """Observed against predicted in bins of equal mass with intervals, above a histogram of p."""
    found, say, language = material.curve["calibration"], material.language.say, material.language
    perfect = found["ece_of_perfect"]
    subtitle = say(
        "figure.calibration.subtitle",
        gap=_points(material, found["ece"]),
        floor=_points(material, perfect["mean"]),
        floor_high=_points(material, perfect["high"]),
    )
    right, beyond = _edge(found)
    note = say(
        "figure.calibration.note", bins=str(len(found["bins"])), interval=material.intervals("arrival")
    )
    if beyond:
        note += " " + say("figure.calibration.beyond", rows=language.count(beyond))
    canvas = Canvas(
        material.words("calibration", material.too_small or title(material), subtitle, note, material.sample),
        5.1,
    )
    axes = canvas.axes(0.62, 1.68, 0.3, 0.32)
    counts = canvas.axes(0.62, 0.58, 0.3, 3.72, sharex=axes)

    predicted, happened, low, high = (
        np.array([b[name] for b in found["bins"]]) for name in ("mean_p", "rate", "low", "high")
    )
    top = max(1.1 * float(high.max()), right * 0.6)
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle=DASHES, scalex=False, scaley=False)
    free = _widest_gap(predicted, min(right, top))
    above_line = free < 0.15 * top  # below it the label would run into the axis
    axes.annotate(
        say("figure.calibration.perfect"),
        (free, free),
        xytext=(5, 7 if above_line else -7),
        textcoords="offset points",
        color=GREY,
        va="bottom" if above_line else "top",
        path_effects=halo(),
    )
    axes.vlines(predicted, low, high, color=BLUE, linewidth=1.4, alpha=0.55)
    axes.plot(predicted, happened, "o", color=BLUE, markersize=5.5, markeredgecolor="white", linestyle="none")
    percent_axis(axes.yaxis, min(top, 1.05))
    above(axes, say("figure.calibration.y"))
    axes.tick_params(labelbottom=False)

    edges, rows = np.array(found["histogram"]["edges"]), np.array(found["histogram"]["rows"])
    counts.bar(edges[:-1], rows, np.diff(edges), align="edge", color=SKY, edgecolor="white", linewidth=0.5)
    counts.grid(visible=False, axis="x")
    round_number = int(float(f"{rows.max():.0e}"))
    if round_number > rows.max():
        round_number -= 10 ** (len(str(round_number)) - 1)
    counts.set_yticks([round_number], [language.count(round_number)])
    above(counts, say("figure.calibration.histogram"))
    percent_axis(counts.xaxis, right)
    counts.set_xlabel(say("figure.calibration.x"))
    return canvas


def title(material: Material) -> str:
    """The finding: true within sampling noise, too high, too low, or wrong in places."""
    found, say, language = material.curve["calibration"], material.language.say, material.language
    predicted, observed = found["mean_p"], found["rate"]
    told = {
        "model": material.model,
        "predicted": language.percent(predicted, 1),
        "observed": language.percent(observed, 1),
        "gap": _points(material, found["ece"]),
    }
    if found["ece"] <= found["ece_of_perfect"]["high"]:
        return say("figure.calibration.title_true", **told)
    # The part of the mean gap that a shift of all probabilities alike explains.
    if abs(predicted - observed) < 0.5 * found["ece"]:
        return say("figure.calibration.title_shape", **told)
    return say(f"figure.calibration.title_{'high' if predicted > observed else 'low'}", **told)


def _widest_gap(predicted: np.ndarray, end: float) -> float:
    """Where a label on the diagonal is farthest from the points: early in the widest gap between them."""
    inside = np.r_[0.0, predicted[predicted < end], end]
    widest = int(np.argmax(np.diff(inside)))
    return float(inside[widest] + 0.3 * (inside[widest + 1] - inside[widest]))


def _points(material: Material, share: float) -> str:
    return material.language.number(100.0 * share, 1)


def _edge(found) -> tuple[float, int]:
    """Right end of the axis, a multiple of 5 %, and the bookings that lie beyond it."""
    last = found["bins"][-1]["mean_p"]
    right = min(1.0, max(1.0, np.ceil(20.0 * 1.06 * last)) / 20.0)
    left_edges, rows = found["histogram"]["edges"][:-1], found["histogram"]["rows"]
    return right, sum(n for edge, n in zip(left_edges, rows, strict=True) if edge >= right)
