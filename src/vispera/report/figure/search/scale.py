"""The axis of a searched key's values: even, logarithmic, or one place a choice."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from vispera.report.figure.search.subject import Subject
from vispera.report.figure.style import Canvas, shortened
from vispera.space import Dimension

SPREAD = 0.44
"""How far the marks of one choice are strewn, of the distance between two."""

GOLDEN = 0.618033988749895
"""Steps of this much, taken modulo 1, never fall close together."""

FEWEST_LETTERS = 3
"""A choice whose label would be shorter has none."""


def place(dimension: Dimension, value: Any, number: int | None = None) -> float:
    """Where a value stands on its axis; with a trial's ``number`` a choice is strewn, always alike."""
    if not dimension.choices:
        return math.log10(value) if dimension.log else float(value)
    at = next(i for i, one in enumerate(dimension.choices) if type(one) is type(value) and one == value)
    return at if number is None else at + SPREAD * ((GOLDEN * number) % 1.0 - 0.5)


def value_axis(canvas: Canvas, axes, subject: Subject, dimension: Dimension, width: float) -> None:
    """The horizontal axis with its ticks, in the subject's language; ``width`` in inches."""
    if dimension.choices:
        _choices(canvas, axes, subject, dimension, width)
        return
    low, high = place(dimension, dimension.low), place(dimension, dimension.high)
    axes.set_xlim(low - 0.04 * (high - low), high + 0.04 * (high - low))
    most = max(2, int(width / 0.46))
    ticks = _log_ticks(low, high, most) if dimension.log else _even_ticks(low, high, most, dimension.whole)
    labels = [subject.value(_plain(10.0**at if dimension.log else at)) for at in ticks]
    axes.set_xticks(ticks, labels, size=7.5)


def _choices(canvas: Canvas, axes, subject: Subject, dimension: Dimension, width: float) -> None:
    room = width / len(dimension.choices)
    labels = [_fitting(canvas, subject.value(choice), room - 0.06) for choice in dimension.choices]
    axes.set_xticks(range(len(labels)), labels, size=7.5)
    axes.set_xlim(-0.5, len(labels) - 0.5)
    axes.grid(visible=False, axis="x")


def _fitting(canvas: Canvas, label: str, room: float) -> str:
    """The label, as much of it as there is room for."""
    lengths = range(len(label), FEWEST_LETTERS - 1, -1)
    tries = (shortened(label, length) for length in lengths)
    return next((one for one in tries if canvas.widest([one]) <= room), label if len(label) == 1 else "")


def _even_ticks(low: float, high: float, most: int, whole: bool) -> list[float]:
    from matplotlib.ticker import MaxNLocator

    steps = MaxNLocator(nbins=most, steps=[1, 2, 5, 10], integer=whole).tick_values(low, high)
    return [at for at in steps if low <= at <= high]


def _log_ticks(low: float, high: float, most: int) -> list[float]:
    """Logarithms of round numbers within the range: 1, 2 and 5 of each decade, or fewer decades."""
    decades = range(math.floor(low), math.ceil(high) + 1)
    slack = 1e-9
    for leading in ((1, 2, 5), (1, 3), (1,)):
        every = [decade + math.log10(digit) for decade in decades for digit in leading]
        found = [at for at in every if low - slack <= at <= high + slack]
        if len(found) <= most:
            break
    found = found[:: math.ceil(len(found) / most)]
    return found if len(found) > 1 else [low, high]


def _plain(value: float) -> int | float:
    """Without the crumbs of a power or a sum, and whole where it is."""
    rounded = float(np.format_float_positional(value, 6, unique=False, fractional=False))
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e6 else rounded
