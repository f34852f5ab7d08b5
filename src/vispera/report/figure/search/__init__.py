"""The figures of a search, drawn from its trials and what it was allowed to try, in words of either language.

One module a figure, as for a run: what is called ``search_history`` on disk and in the texts is drawn by
``history``. Each gives a `Canvas`, or None where there is nothing to draw.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from vispera.report.figure import Drawn, write
from vispera.report.figure.search import history, importance, space
from vispera.report.figure.search.subject import Subject
from vispera.report.figure.style import look
from vispera.report.mattered import mattered
from vispera.space import Dimension
from vispera.trial import Sweep

__all__ = ["FIGURES", "Subject", "draw_search"]

FIGURES = {
    "search_history": history.draw,
    "search_importance": importance.draw,
    "search_space": space.draw,
}
"""How each figure is drawn, by name, in the order in which a reader wants them."""


def draw_search(
    sweep: Sweep,
    space: Mapping[str, Dimension],
    folder: Path,
    simulated: bool,
    spoken: str,
    kinds: tuple[str, ...] = ("png",),
) -> list[Drawn]:
    """Every figure that the sweep allows, written whole into ``folder`` as ``<name>.<kind>``.

    ``space`` holds what was searched, by the key that a trial's values have; ``simulated`` marks every
    figure. Equal sweeps give equal bytes on one machine.
    """
    Path(folder).mkdir(parents=True, exist_ok=True)
    subject = Subject(sweep, space, mattered(sweep, space), simulated, spoken)
    drawn = []
    with look():
        for name, figure in FIGURES.items():
            if canvas := figure(subject):
                drawn += write(name, canvas, folder, kinds)
    return drawn
