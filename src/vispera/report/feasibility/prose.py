"""Sentences from texts and claims: each number as its language writes it, marked with its claim."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from string import Formatter
from typing import Any

from markupsafe import Markup, escape

from vispera.report.feasibility.claim import Claim
from vispera.report.feasibility.figure.naming import level
from vispera.report.feasibility.told import Told
from vispera.text import Language

ROOM = "report"
"""Section of the texts that a report is made of."""
ESTIMATES = ("_low", "_high")
MINUS = "\u2212"
SHORT = 12
"""Digits of a hash that are shown; report.json holds all of them."""


class Teller:
    """Tells a report in one language."""

    def __init__(self, told: Told, language: Language):
        self.told, self.language = told, language
        self._formatter = Formatter()

    def say(self, key: str, /, **more: object) -> Markup:
        """The text under ``report.<key>``; its placeholders are claims, but for those that are given.

        ``{name:range}`` is the interval of a claim in words. KeyError if there is no such text or claim.
        """
        template = self.language.say(f"{ROOM}.{key}")
        parts = []
        for literal, field, form, _ in self._formatter.parse(template):
            parts.append(escape(literal))
            if field is not None:
                parts.append(self._filled(field, form or "", more))
        return Markup("").join(parts)

    def has(self, key: str) -> bool:
        """True if there is a text under ``report.<key>``."""
        return self.language.has(f"{ROOM}.{key}")

    def p(self, key: str, css: str = "", /, **more: object) -> Markup:
        """A paragraph of it."""
        return element("p", self.say(key, **more), css)

    def _filled(self, field: str, form: str, more: Mapping[str, object]) -> Markup:
        if field in more:
            value = more[field]
            return self.claim(value) if isinstance(value, Claim) else escape(value)
        return self.range(field) if form == "range" else self.claim(self.told.claims[field])

    def value(self, name: str) -> Any:
        """What is claimed under a name; None if nothing is."""
        return self.told.claims[name].value if name in self.told.claims else None

    def __getitem__(self, name: str) -> Markup:
        """A claim in a sentence; KeyError if there is none."""
        return self.claim(self.told.claims[name])

    def range(self, name: str) -> Markup:
        """The interval of an estimate in words."""
        low, high = (self.told.claims[name + end] for end in ESTIMATES)
        if low.value is None or high.value is None:
            return self.say("no_range")
        return self.say("range", low=low, high=high)

    def claim(self, claim: Claim) -> Markup:
        """A claim as it is written, marked with its value and its name."""
        if claim.value is None:
            return self.say("gone")
        text = self.written(claim)
        if claim.form in ("code", "hash"):
            return Markup('<code data-claim="{}">{}</code>').format(claim.name, text)
        if claim.form == "text":
            return Markup('<q data-claim="{}"{}>{}</q>').format(claim.name, self._spoken(claim), text)
        if claim.form == "date":
            return Markup('<time datetime="{}" data-claim="{}">{}</time>').format(
                claim.value, claim.name, text
            )
        return Markup('<data value="{}" data-claim="{}">{}</data>').format(claim.value, claim.name, text)

    def _spoken(self, claim: Claim) -> Markup:
        """Mark of a text that is in another language than the report."""
        code = claim.name.rpartition("_")[2] if claim.name[-3:-2] == "_" else "en"
        return Markup("") if code == self.language.code else Markup(' lang="{}"').format(code)

    def written(self, claim: Claim) -> str:
        """A claim's value as the language writes it."""
        value, language = claim.value, self.language
        if claim.form == "count":
            return language.count(round(value))
        if claim.form in ("number", "eur"):
            return signed(language.number(value, claim.digits))
        if claim.form == "points":
            return signed(language.number(100.0 * value, claim.digits))
        if claim.form == "percent":
            return signed(language.percent(value, claim.digits))
        if claim.form == "date":
            return language.date(value)
        if claim.form == "hash":
            return str(value)[:SHORT]
        if claim.form == "group":
            return level(str(value), language)
        return self.model(value) if claim.form == "model" else str(value)

    def model(self, name: str) -> str:
        """A model's name in words."""
        return str(self.say(f"model.{name}")) if self.has(f"model.{name}") else name

    def way(self, name: str) -> Markup:
        """A way of calling in words."""
        model = self.told.facts["calls"]["ways_models"].get(name)
        if self.has(f"way.{name}"):
            return self.say(f"way.{name}", model=self.model(model) if model else "")
        return self.say("way.with_model", model=self.model(model) if model else name)

    def prose(self, way: str) -> Markup:
        """A way of calling in a sentence, where how it calls is known already."""
        model = self.told.facts["calls"]["ways_models"].get(way)
        return escape(self.model(model)) if model and not self.has(f"way.{way}") else self.way(way)

    def quoted(self, name: str) -> Markup:
        """What the problem declares, in this language or else in the other."""
        own = f"{name}_{self.language.code}"
        found = [
            one
            for one in self.told.claims
            if one == own or re.fullmatch(f"{re.escape(name)}_[a-z]{{2}}", one)
        ]
        told = sorted((one for one in found if self.value(one)), key=lambda one: one != own)
        return self[told[0]] if told else self.say("gone")

    def names(self, parts: Iterable[Markup]) -> Markup:
        """Names in a row, the last one after an *and*."""
        *others, last = parts
        if not others:
            return last
        between = self.language.say("form.and", first="\0", last="\1")
        first = Markup(", ").join(others)
        return Markup(escape(between).replace("\0", first).replace("\1", last))  # noqa: S704  (both are markup)


def signed(number: str) -> str:
    """A number with a minus that is as wide as a plus, and none before a zero.

    >>> signed("-0.0"), signed("-12.3")
    ('0.0', '−12.3')
    """
    bare = number.removeprefix("-")
    return bare if not re.search(r"[1-9]", bare) else number.replace("-", MINUS)


def first_upper(text: Markup) -> Markup:
    """Words at the beginning of a line; markup at their beginning stays as it is."""
    return text[:1].upper() + text[1:]


def first_lower(text: Markup) -> Markup:
    """Words that are said within a sentence."""
    return text[:1].lower() + text[1:]


def element(tag: str, content: object, css: str = "", **attributes: str) -> Markup:
    """An element around markup; text is escaped."""
    named = {"class": css, **attributes} if css else attributes
    told = Markup("").join(Markup(' {}="{}"').format(name, value) for name, value in named.items())
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(tag), told, content)  # noqa: S704  (our own tags)


def joined(*parts: object) -> Markup:
    """Parts one after the other, each on a line of its own."""
    return Markup("\n").join(escape(part) for part in parts if part)


def items(parts: Iterable[object], tag: str = "ul", css: str = "") -> Markup:
    """A list."""
    return element(tag, joined("", *(element("li", part) for part in parts)), css)


def facts(pairs: Iterable[tuple[object, object]]) -> Markup:
    """Terms and what they mean, in two columns."""
    rows = (element("div", joined(element("dt", term), element("dd", told))) for term, told in pairs)
    return element("dl", joined("", *rows), "facts")


def table(
    caption: object, head: Sequence[object], rows: Iterable[Sequence[object]], css: str = "numbers"
) -> Markup:
    """A table whose first column names the row and whose others hold numbers, or else ``words``."""
    titles = element("tr", joined(*(element("th", title, scope="col") for title in head)))
    body = (
        element("tr", joined(element("th", name, scope="row"), *(element("td", cell, "n") for cell in cells)))
        for name, *cells in rows
    )
    parts = joined(element("caption", caption), element("thead", titles), element("tbody", joined(*body)))
    # whoever has no mouse can reach what lies beyond the edge
    return element("div", element("table", parts, css), "scroll", tabindex="0")
