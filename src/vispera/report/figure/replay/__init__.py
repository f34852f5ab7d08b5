"""The figures of a replay, drawn from its plain data (``replay.json``) in words of either language.

What a person of the call centre asks first comes first: one night, the whole season, who would have done
better, and what all of it hangs on.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vispera.report.figure import Drawn, write
from vispera.report.figure.replay import assumptions, contenders, one_night, season
from vispera.report.figure.replay.subject import Subject
from vispera.report.figure.style import look
from vispera.text import language

__all__ = ["FIGURES", "Subject", "draw"]

FIGURES = {
    "one_night": one_night.draw,
    "season": season.draw,
    "contenders": contenders.draw,
    "assumptions": assumptions.draw,
}
"""How each figure is drawn, by name, in the order in which a reader wants them."""


def draw(
    replay: Mapping[str, Any], folder: Path, spoken: str, kinds: tuple[str, ...] = ("png",)
) -> list[Drawn]:
    """Every figure, written whole into ``folder`` as ``<name>.<kind>``; equal data gives equal bytes."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    subject, drawn = Subject(replay, language(spoken)), []
    with look():
        for name, figure in FIGURES.items():
            drawn += write(name, figure(subject), folder, kinds)
    return drawn
