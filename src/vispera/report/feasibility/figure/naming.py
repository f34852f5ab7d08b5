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


RANGE = re.compile(r"(?P<low>-?[\d.e+]+) to (?P<under>under )?(?P<high>-?[\d.e+]+)")


def named(feature: str, language: Language) -> str:
    """A feature, a theme or a column in plain words; an unknown name with spaces for its underscores.

    >>> from vispera.text import language
    >>> named("lead_time", language("en")), named("rate_91_agent", language("en"))
    ('how early it was booked', 'cancellations by travel agent, last 91 days')
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


def level(name: str, language: Language) -> str:
    """A group's name; of a range of numbers, as `vispera.evaluate.slices` writes it, in the language's words.

    >>> from vispera.text import language
    >>> [level(name, language("es")) for name in ("19 to under 65", "116 to 409", "TA/TO")]
    ['de 19 a menos de 65', 'de 116 a 409', 'TA/TO']
    """
    if found := RANGE.fullmatch(name):
        form = "under" if found["under"] else "to"
        return language.say(f"feasibility_figure.range.{form}", low=found["low"], high=found["high"])
    return name


def _groups(by: str, language: Language) -> str:
    """Columns that a group is made of, as they stand within a sentence."""
    parts = []
    for name in by.split("+"):
        known = f"feasibility_figure.by.{name}"
        parts.append(language.say(known) if language.has(known) else name.replace("_", " "))
    return language.names(parts)


def way(one: Mapping[str, Any], language: Language) -> str:
    """What a way of calling is called, as in the prose; ``one`` has its ``name`` and its ``model``.

    >>> from vispera.text import language
    >>> way({"name": "own_rule", "model": None}, language("en"))
    "today's rule"
    >>> way({"name": "trees", "model": "gradient_boosting"}, language("en"))
    'boosted trees, by value'
    """
    name, behind = str(one["name"]), one.get("model")
    form = name if language.has(f"report.way.{name}") else "with_model"
    if behind is None:
        return language.say(f"report.way.{form}") if form == name else name.replace("_", " ")
    return language.say(f"report.way.{form}", model=model(behind, language))


def model(name: str, language: Language) -> str:
    """A model in words; one that has none without underscores."""
    known = f"report.model.{name}"
    return language.say(known) if language.has(known) else name.replace("_", " ")


def headed(text: str) -> str:
    """A name as it stands at the head of a row, with a capital letter."""
    return text[:1].upper() + text[1:]


def window(name: str, language: Language) -> str:
    """A window in words.

    >>> from vispera.text import language
    >>> window("tuning-1", language("es")), window("test", language("en"))
    ('Ajuste 1', 'Test')
    """
    return Material({}, {}, "", simulated=False, spoken=language.code).named(name)
