"""Whether a figure can be read: each word on the paper, none on another."""

from __future__ import annotations

from itertools import combinations

from matplotlib.text import Text
from matplotlib.transforms import Bbox

from vispera.report.figure.style import DPI, Canvas, look


def assert_legible(canvas: Canvas, least: int = 4) -> None:
    """Fail where a word leaves the paper or runs into another, or fewer than ``least`` can be read."""
    with look():
        boxes = [(text, box) for text, box in readable(canvas) if box.width > 1]
    paper = canvas.figure.bbox.padded(1)
    assert len(boxes) >= least
    off = [text for text, box in boxes if min(box.x0, box.y0) < 0 or box.x1 > paper.x1 or box.y1 > paper.y1]
    assert not off, f"off the paper: {off}"
    slack = 0.03 * DPI  # descenders and the room above small letters may touch
    touching = [
        (one, other)
        for (one, a), (other, b) in combinations(boxes, 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > slack and min(a.y1, b.y1) - max(a.y0, b.y0) > slack
    ]
    assert not touching, f"one on the other: {touching}"


def readable(canvas: Canvas) -> list[tuple[str, Bbox]]:
    """Each text that can be read in a figure, with the place that it takes in dots."""
    figure = canvas.figure
    figure.draw_without_rendering()
    texts: list[Text] = list(figure.texts)
    for axes in figure.axes:
        texts += [*axes.texts, axes.xaxis.label, axes.yaxis.label]
        for axis in (axes.xaxis, axes.yaxis):
            least, most = sorted(axis.get_view_interval())
            slack = 1e-9 * (most - least)
            ticks = [
                tick for tick in axis.get_major_ticks() if least - slack <= tick.get_loc() <= most + slack
            ]
            texts += [tick.label1 for tick in ticks if axes.axison]
    return [(text.get_text(), text.get_window_extent()) for text in texts if text.get_text()]
