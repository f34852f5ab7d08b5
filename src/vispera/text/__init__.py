"""What people read, one file a language, and how each language writes numbers and dates.

A section of a file holds the texts of one thing; every language has the same keys with the same
``{placeholders}``. Numbers come to the texts already written, by the methods of `Language`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from vispera.errors import UsageError, nearest

LANGUAGES = ("en", "es")


@dataclass(frozen=True)
class Language:
    """Texts of one language, and its way of writing numbers and dates."""

    code: str
    texts: Mapping[str, Any]

    def say(self, key: str, /, **values: object) -> str:
        """Text under a dotted key with its placeholders filled in; KeyError if there is none.

        >>> language("es").say("figure.simulated")
        'DATOS SIMULADOS'
        """
        found: Any = self.texts
        for part in key.split("."):
            found = found[part]
        return found.format(**values) if values else found

    def has(self, key: str) -> bool:
        """True if there is a text under the dotted key."""
        try:
            return isinstance(self.say(key), str)
        except (KeyError, TypeError):
            return False

    def number(self, value: float, digits: int) -> str:
        """A number with so many decimals.

        >>> language("en").number(0.2714, 3), language("es").number(0.2714, 3)
        ('0.271', '0,271')
        """
        return f"{value:.{digits}f}".replace(".", self.say("form.decimal"))

    def percent(self, share: float, digits: int = 0) -> str:
        """A share as a percentage.

        >>> language("en").percent(0.087, 1)
        '8.7%'
        """
        return self.say("form.percent", number=self.number(100.0 * share, digits))

    def count(self, value: int) -> str:
        """A whole number, its thousands grouped as the language does.

        >>> language("en").count(7282), language("es").count(7282), language("es").count(35000)
        ('7,282', '7282', '35\\xa0000')
        """
        if abs(value) < self.texts["form"]["group_from"]:
            return str(int(value))
        return f"{int(value):,}".replace(",", self.say("form.group"))

    def date(self, iso: str, *, year: bool = True) -> str:
        """A date in short.

        >>> language("es").date("2017-03-16")
        '16 mar 2017'
        """
        on = date.fromisoformat(iso)
        month = self.texts["form"]["months"][on.month - 1]
        return f"{on.day} {month} {on.year}" if year else f"{on.day} {month}"

    def span(self, first: str, last: str) -> str:
        """Two dates, the year said once where it is the same.

        >>> language("en").span("2017-03-16", "2017-05-17")
        '16 Mar – 17 May 2017'
        """
        return f"{self.date(first, year=first[:4] != last[:4])} – {self.date(last)}"

    def names(self, names: list[str]) -> str:
        """Names in a row.

        >>> language("en").names(["lead_time", "agent", "hotel"])
        'lead_time, agent and hotel'
        """
        *others, last = names
        return self.say("form.and", first=", ".join(others), last=last) if others else last


@cache
def language(code: str) -> Language:
    """A language by its code; UsageError if there is none."""
    import yaml

    if code not in LANGUAGES:
        raise UsageError(f"there are no texts in language '{code}'; {nearest(code, LANGUAGES)}")
    return Language(code, yaml.safe_load(Path(__file__).with_name(f"{code}.yaml").read_text("utf-8")))
