"""The figures of a run, drawn from what its record holds, in words of either language.

One module a figure: its name is that of the file and of the section of texts, and its ``draw`` gives a
`Canvas`, or None where there is nothing to draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vispera.files import write_bytes
from vispera.report.figure import (
    calibration,
    metrics_by_window,
    precision_by_night,
    precision_recall,
    roc,
    what_it_uses,
)
from vispera.report.figure.material import Baseline, Importance, Material
from vispera.report.figure.style import Canvas, look, picture

__all__ = ["FIGURES", "Baseline", "Drawn", "Importance", "Material", "draw", "write"]

FIGURES = {
    "roc": roc.draw,
    "precision_recall": precision_recall.draw,
    "calibration": calibration.draw,
    "precision_by_night": precision_by_night.draw,
    "metrics_by_window": metrics_by_window.draw,
    "what_it_uses": what_it_uses.draw,
}
"""How each figure is drawn, by name, in the order in which a reader wants them."""


@dataclass(frozen=True)
class Drawn:
    """A figure on disk; ``alt`` says in words what it shows, for those who cannot see it."""

    name: str
    path: Path
    title: str
    alt: str


def draw(material: Material, folder: Path, kinds: tuple[str, ...] = ("png",)) -> list[Drawn]:
    """Every figure that the material allows, written whole into ``folder`` as ``<name>.<kind>``.

    Equal material gives equal bytes on one machine. ``kinds`` may hold ``png`` and ``svg``.
    """
    Path(folder).mkdir(parents=True, exist_ok=True)
    drawn = []
    with look():
        for name, figure in FIGURES.items():
            if canvas := figure(material):
                drawn += write(name, canvas, folder, kinds)
    return drawn


def write(name: str, canvas: Canvas, folder: Path, kinds: tuple[str, ...]) -> list[Drawn]:
    """One figure on disk as ``<name>.<kind>`` for each kind; asks for a `look`."""
    words = canvas.words
    alt = " ".join(part for part in (words.badge, words.subtitle, words.note) if part)
    drawn = []
    for kind in kinds:
        path = Path(folder) / f"{name}.{kind}"
        write_bytes(path, picture(canvas.figure, kind, words.title, alt), durable=False)
        drawn.append(Drawn(name, path, words.title, alt))
    return drawn
