"""Plain names of what models use, of ways of calling and of windows, for people who read no code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from vispera.report.figure.material import Material
from vispera.text import Language

PATTERNS = (
    (re.compile(r"rate_(?P<days>\d+)_(?P<by>.+)"), "rate_days"),
    (re.compile(r"rate_(?P<by>.+)"), "rate"),
    (re.compile(r"cancelled_(?P<days>\d+)_(?P<by>.+)"), "cancelled"),
    (re.compile(r"booked_(?P<days>\d+)_(?P<by>.+)"), "booked"),
    (re.compile(r"off_books_(?P<by>.+)"), "off_books"),
    (re.compile(r"on_books_(?P<by>.+)"), "on_books"),
)
"""Features that are made of groups, as `vispera.feature` names them, and what each says."""


def named(feature: str, language: Language) -> str:
    """A feature, a theme or a column in plain words; an unknown name with spaces for its underscores.

    >>> from vispera.text import language
    >>> named("lead_time", language("en")), named("rate_91_agent", language("en"))
    ('How early it was booked', 'Cancellation rate by travel agent, last 91 days')
    >>> named("colour_of_door", language("es"))
    'colour of door'
    """
    known = f"feasibility_figure.name.{feature}"
    if language.has(known):
        return language.say(known)
    for pattern, says in PATTERNS:
        if found := pattern.fullmatch(feature):
            told = found.groupdict()
            overall = "_overall" if told.pop("by") == "overall" else ""
            by = "" if overall else _groups(found["by"], language)
            return language.say(f"feasibility_figure.made.{says}{overall}", by=by, **told)
    return feature.replace("_", " ")


def _groups(by: str, language: Language) -> str:
    """Columns that a group is made of, as they stand within a sentence."""
    parts = []
    for name in by.split("+"):
        known = f"feasibility_figure.by.{name}"
        parts.append(language.say(known) if language.has(known) else name.replace("_", " "))
    return language.names(parts)


def way(one: Mapping[str, Any], language: Language) -> str:
    """What a way of calling is called; ``one`` has its ``name`` and its ``model``.

    >>> from vispera.text import language
    >>> way({"name": "trees", "model": "gradient_boosting"}, language("en"))
    'Tree model (gradient boosting)'
    """
    known = f"feasibility_figure.way.{one['name']}"
    if not language.has(known):
        return str(one["name"]).replace("_", " ")
    told = language.say(known, model=model(one.get("model")))
    return told[:1].upper() + told[1:]


def model(name: str | None) -> str:
    """A model's name as it is said: without underscores."""
    return (name or "").replace("_", " ")


def window(name: str, language: Language) -> str:
    """A window in words.

    >>> from vispera.text import language
    >>> window("tuning-1", language("es")), window("test", language("en"))
    ('Ajuste 1', 'Test')
    """
    return Material({}, {}, "", simulated=False, spoken=language.code).named(name)


def column(name: str, language: Language) -> str:
    """A column by which people are grouped, as a heading."""
    return named(name, language)
