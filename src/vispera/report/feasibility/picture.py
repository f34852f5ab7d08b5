"""A figure of the report: words around it, and a drawing for wide and for narrow screens."""

from __future__ import annotations

import re
from base64 import b64encode

from markupsafe import Markup

from vispera.report.feasibility import figure as drawing
from vispera.report.feasibility.prose import Teller, element, joined

SIZE = re.compile(rb'viewBox="0 0 ([\d.]+) ([\d.]+)"')
"""Of a drawing, in points."""


def figure(teller: Teller, name: str, /, picked: str | None = None, **more: object) -> Markup | str:
    """The figure of that name with its words; nothing where the records do not hold what it is drawn from.

    ``picked`` is one of several series of that name; ``more`` fills placeholders of the words.
    """
    series = teller.told.content["series"].get(name)
    if not series:
        return ""
    if picked is not None:
        series = {"column": picked, "overall": None, **series[picked]}
    wide, narrow = (
        drawing.draw(name, series, teller.language, width) for width in (drawing.WIDE, drawing.NARROW)
    )
    title = more.pop("title", None) or teller.say(f"figure.{name}.title", **more)
    words = joined(
        element("span", teller.say(f"figure.{name}.kicker"), "kicker"),
        element("h3", title),
        element("p", teller.say(f"figure.{name}.subtitle", **more)),
    )
    alt = teller.say(f"figure.{name}.alt", **more).striptags()
    note = element("p", teller.say(f"figure.{name}.note", **more), "note")
    return element(
        "figure",
        joined("", element("figcaption", words), _picture(wide, narrow, alt), note),
        id=f"figure-{name}",
    )


def _picture(wide: bytes, narrow: bytes, alt: str) -> Markup:
    found = SIZE.search(wide)
    if not found:
        raise ValueError("a drawing says nothing of its size")
    width, height = (round(float(size) * 96 / 72) for size in found.groups())
    return Markup(
        '<picture><source media="(max-width: 560px)" srcset="{}">'
        '<img src="{}" alt="{}" width="{}" height="{}"></picture>'
    ).format(_uri(narrow), _uri(wide), alt, width, height)


def _uri(svg: bytes) -> str:
    return f"data:image/svg+xml;base64,{b64encode(svg).decode()}"
