"""Dates along an axis, and labels that do not overprint."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import numpy as np

from vispera.clock import EPOCH
from vispera.text import Language

MOST = 8
"""Most ticks along an axis."""


def month_ticks(axes, language: Language, most: int = MOST) -> None:
    """Ticks at the first and middle of months, or fewer, and at the first night where there is room.

    The axis counts days since 1970-01-01, each a bar of width 1 or a part of one.
    """
    low, high = (int(np.ceil(edge)) for edge in axes.get_xlim())
    dates = [EPOCH + timedelta(days=number) for number in range(low, high)]
    marked = [date for date in dates if date.day in (1, 15)]
    if len(marked) > most:
        marked = [date for date in dates if date.day == 1]
    marked = marked[:: -(-len(marked) // most)] if marked else []
    if not marked or (marked[0] - dates[0]).days > len(dates) / most:
        marked = [dates[0], *marked]
    labels = [language.date(date.isoformat(), year=False) for date in marked]
    axes.set_xticks([(date - EPOCH).days + 0.41 for date in marked], labels)


def apart(heights: Mapping[str, float], least: float) -> dict[str, float]:
    """Heights of labels: those given, pushed up where they would overprint.

    >>> apart({"a": 1.0, "b": 1.1, "c": 5.0}, 1.0)
    {'a': 1.0, 'b': 2.0, 'c': 5.0}
    """
    found: dict[str, float] = {}
    below = -np.inf
    for name in sorted(heights, key=lambda name: heights[name]):
        below = max(heights[name], below + least)
        found[name] = float(below)
    return found
