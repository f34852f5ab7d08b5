"""The look of a figure: type, colours, and the frame of words around the axes.

Colours are those of Okabe and Ito, which the colour-blind can tell apart; what they say is also said
by a label. Nothing here touches matplotlib's global state for longer than a ``with look():`` block.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, SKY, VERMILION, GREEN = "#0072B2", "#A9CCE3", "#D55E00", "#007A5A"
INK, GREY, RULE, PAPER = "#1A1A1A", "#666666", "#DDDDDD", "#FFFFFF"

WIDTH = 7.2
"""Inches; at 100 dots an inch the width of a text column on a screen."""

DPI = 200
"""Twice that, so that it is sharp on fine screens and on paper."""

MARGIN = 0.3
"""Inches left free at the outer edges."""

SETTINGS: Any = {
    "font.family": ["DejaVu Sans"],
    "font.size": 8.5,
    "mathtext.fontset": "dejavusans",
    "text.color": INK,
    "axes.edgecolor": GREY,
    "axes.labelcolor": GREY,
    "axes.labelsize": 8.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.major.size": 3.0,
    "ytick.major.size": 0.0,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "svg.hashsalt": "vispera",
    "svg.fonttype": "path",
}
DASHES = (0, (4, 3))
HEADLINE = {"family": "STIXGeneral", "weight": "bold", "size": 17}
"""Comes with matplotlib, as all type here does: the same picture on every machine."""


@contextmanager
def look() -> Iterator[None]:
    """matplotlib with this look and nothing of the user's own; as it was before when the block ends."""
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(SETTINGS)
        yield


@dataclass(frozen=True)
class Words:
    """The text around a figure's axes; ``title`` says in words what the figure shows, with its number."""

    kicker: str
    title: str
    subtitle: str
    note: str = ""
    badge: str = ""


class Sheet:
    """Paper of a given width, and the place on it that is left for axes, in inches from below left.

    Measuring text asks for a `look`.
    """

    def __init__(self, width: float, body_height: float = 1.0):
        """Paper without words; the body is all of it."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.width = width
        self.figure = Figure(figsize=(width, body_height), dpi=DPI)
        self._renderer = FigureCanvasAgg(self.figure).get_renderer()
        self.set_height(body_height)

    def set_height(self, body_height: float, head: float = 0.0, bottom: float = 0.0) -> None:
        """Give the body so many inches, and so many to what stands above and below it."""
        self.body_height, self.bottom = body_height, bottom
        self.height = head + body_height + bottom
        self.figure.set_size_inches(self.width, self.height)

    def axes(self, left: float, bottom: float, right: float, top: float, **options: Any) -> Axes:
        """Axes within the body, each side so many inches from the paper's edge or the body's."""
        box = (left, self.bottom + bottom, self.width - left - right, self.body_height - bottom - top)
        share = (box[0] / self.width, box[1] / self.height, box[2] / self.width, box[3] / self.height)
        return self.figure.add_axes(share, **options)

    def widest(self, labels: list[str], **font: Any) -> float:
        """Inches that the longest of some labels takes, in the type of ticks if no other is named."""
        font = {"size": SETTINGS["font.size"], **font}
        return max(self._width(label, **font) for label in labels) / DPI

    def wrapped(self, text: str, room: float, *, balanced: bool = False, **font: Any) -> str:
        """The text in lines of at most ``room`` inches; balanced, in lines of about equal length."""
        words = text.split(" ")
        widths = [self._width(word, **font) for word in words]
        space = self._width("a a", **font) - self._width("aa", **font)
        dots = room * DPI
        lines = _fill(words, widths, space, dots)
        if balanced:
            steps = (_fill(words, widths, space, share * dots) for share in np.arange(0.5, 1.0, 0.03))
            lines = next((found for found in steps if len(found) == len(lines)), lines)
        return "\n".join(lines)

    def _width(self, text: str, **font: Any) -> float:
        from matplotlib.font_manager import FontProperties

        # a text object laid out for each word would take as long as half the drawing
        return self._renderer.get_text_width_height_descent(text, FontProperties(**font), ismath=False)[0]


class Canvas(Sheet):
    """A figure with its words set, and the place that is left for axes, in inches from below left."""

    def __init__(self, words: Words, body_height: float):
        """Set the words above and below a body of ``body_height`` inches."""
        super().__init__(WIDTH, body_height)
        self.words = words
        room = WIDTH - 2 * MARGIN
        title = self.wrapped(words.title, room, balanced=True, **HEADLINE)
        subtitle = self.wrapped(words.subtitle, room, size=9)
        note = self.wrapped(words.note, room, size=7.5)
        head = MARGIN + 0.26 + 0.265 * _lines(title) + 0.08 + 0.165 * _lines(subtitle) + 0.08
        self.set_height(body_height, head, MARGIN + 0.14 * _lines(note))

        y = self.height - MARGIN
        self._text(MARGIN, y, words.kicker, size=7.5, weight="bold", color=BLUE)
        if words.badge:
            self._badge(WIDTH - MARGIN, y, words.badge)
        y -= 0.24
        self._text(MARGIN, y, title, **HEADLINE, linespacing=1.05)
        y -= 0.265 * _lines(title) + 0.08
        self._text(MARGIN, y, subtitle, size=9, color=GREY, linespacing=1.25)
        self._text(MARGIN, MARGIN - 0.08, note, va="bottom", size=7.5, color=GREY, linespacing=1.25)

    def _text(self, x: float, y: float, text: str, **font: Any):
        where = {"va": "top", **font}
        return self.figure.text(x / WIDTH, y / self.height, text, **where)

    def _badge(self, x: float, y: float, text: str) -> None:
        box = {"boxstyle": "square,pad=0.35", "facecolor": VERMILION, "edgecolor": "none"}
        self._text(x, y, text, ha="right", size=7.5, weight="bold", color=PAPER, bbox=box)


def _fill(words: list[str], widths: list[float], space: float, room: float) -> list[str]:
    """Words in lines of at most ``room``, each as full as it goes."""
    lines: list[str] = []
    used = room
    for word, width in zip(words, widths, strict=True):
        if used + space + width > room:
            lines.append(word)
            used = width
        else:
            lines[-1] += f" {word}"
            used += space + width
    return lines


def _lines(text: str) -> int:
    return text.count("\n") + 1 if text else 0


def shortened(name: str, longest: int) -> str:
    """A name, its middle left out where it has more characters."""
    return name if len(name) <= longest else f"{name[: longest // 2]}…{name[-longest // 2 + 1 :]}"


def percent_axis(axis, most: float) -> None:
    """Ticks of a share from 0 to ``most``, written in per cent without the sign."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g}"))
    axis.axes.set(**{f"{axis.axis_name}lim": (0.0, most)})


def above(axes: Axes, label: str, points: float = 6, **font: Any) -> None:
    """A label set flat above the axes, where it is read without turning the head."""
    font = {"size": 8.5, "color": GREY, **font}
    axes.text(0.0, 1.0, label, transform=_lifted(axes, points), ha="left", va="bottom", **font)


def _lifted(axes: Axes, points: float):
    from matplotlib.transforms import ScaledTranslation

    return axes.transAxes + ScaledTranslation(0, points / 72, axes.figure.dpi_scale_trans)


def halo(width: float = 2.5) -> list:
    """Path effect that keeps a label or a line readable on top of others."""
    from matplotlib.patheffects import Normal, Stroke

    return [Stroke(linewidth=width, foreground=PAPER), Normal()]


@dataclass(frozen=True)
class Entry:
    """A line of a `key`: its label, its colour, and how it is drawn: a line, ``dashed``, or a ``point``."""

    label: str
    color: str
    drawn: str = "line"


def key(axes: Axes, entries: list[Entry], x: float, y: float) -> None:
    """Labels beside samples of what they name, from (x, y) down, in a part of the axes that stays empty.

    Labels on the curves themselves would overprint where two models are equally good.
    """
    for i, entry in enumerate(entries):
        at = (x, y - 0.075 * i)
        if entry.drawn == "point":
            axes.plot(at[0] + 0.02, at[1], "o", color=entry.color, markersize=6, transform=axes.transAxes)
        else:
            dash, width = ("-", 2.2) if entry.drawn == "line" else (DASHES, 1.0)
            sample = {"color": entry.color, "linestyle": dash, "linewidth": width}
            axes.plot([at[0], at[0] + 0.04], [at[1]] * 2, transform=axes.transAxes, **sample)
        weight = "bold" if entry.drawn == "line" else "normal"
        axes.text(
            at[0] + 0.055,
            at[1],
            entry.label,
            transform=axes.transAxes,
            color=entry.color,
            weight=weight,
            va="center_baseline",
            path_effects=halo(),
        )


def picture(figure: Figure, kind: str, title: str | None = None, description: str | None = None) -> bytes:
    """The figure as PNG or SVG; equal figures give equal bytes, and no date is inside."""
    written = BytesIO()
    unsaid = {"Software": None} if kind == "png" else {"Date": None, "Creator": None}
    said = {name: text for name, text in (("Title", title), ("Description", description)) if text is not None}
    figure.savefig(written, format=kind, dpi=DPI, metadata={**unsaid, **said})
    return written.getvalue()
