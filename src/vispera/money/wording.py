"""Sentences that say what a feature holds for one booking, in one language."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from vispera.lazy import pandas as pd
from vispera.money.theme import ARRIVAL, Meaning
from vispera.problem.canonical import NONE
from vispera.schema import Column, Schema
from vispera.text import Language

PARTY = ("adults", "children", "babies")
NUMERIC = ("integer", "number")
MOST_DIGITS = 6


@dataclass(frozen=True)
class Case:
    """One row as sentences are made of it.

    ``features`` as the model saw them, ``booking`` as it was made, and by feature the share beside which
    one of cancellations is high or low.
    """

    features: Mapping[str, Any]
    booking: Mapping[str, Any]
    beside: Mapping[str, float]

    @property
    def arrival(self) -> date:
        """Day of arrival."""
        return _date(self.booking["arrival_date"])

    @property
    def days_ahead(self) -> int:
        """Days from the booking to the arrival."""
        return (self.arrival - _date(self.booking["booking_date"])).days

    def share_beside(self, meaning: Meaning) -> float:
        """The share of all bookings, or the usual one; NaN where neither is known."""
        if meaning.beside:
            return float(self.features.get(meaning.beside, np.nan))
        return float(self.beside.get(meaning.name, np.nan))

    def agrees(self, meaning: Meaning, raises: bool) -> bool:
        """False of a share that does not tell what it did: a low one that raises the risk, or a usual one."""
        if not meaning.is_share:
            return True
        value, beside = self.features[meaning.name], self.share_beside(meaning)
        if math.isnan(value) or math.isnan(beside):
            return not math.isnan(value)
        gap = round(100 * value) - round(100 * beside)  # as they are written
        return gap > 0 if raises else gap < 0


@dataclass(frozen=True)
class Wording:
    """Sentences in a language about bookings of a schema."""

    language: Language
    schema: Schema

    def sentence(self, meaning: Meaning, case: Case) -> str:
        """What the feature holds, the number in it."""
        value = case.features[meaning.name]
        if meaning.column is not None:
            return self._fact(meaning.column, value, case)
        match meaning.says:
            case "number" | "days_left":
                return self._number(meaning.name, value)
            case "days_since_booking":
                return self._number("lead_time", case.days_ahead)
            case "arrival_weekday" | "booking_weekday":
                day = self.language.texts["reason"]["weekdays"][int(value)]
                return self._say(meaning.says, day=day)
        if meaning.is_share:
            return self._share(meaning, value, case)
        group = self._group(meaning.by, case)
        return self._counted(f"moved.{meaning.says}", value, group=group, days=meaning.days)

    def bare(self, meaning: Meaning, case: Case) -> str:
        """What the feature speaks of without a number: for one that would say the opposite of what it did."""
        if meaning.theme == ARRIVAL:
            return self._say("arrives", date=self.language.date(case.arrival.isoformat()))
        if not meaning.by:
            return self._say("overall")
        return self._say("booked", group=self._group(meaning.by, case))

    def _say(self, key: str, **values: object) -> str:
        return self.language.say(f"reason.{key}", **values)

    def _fact(self, column: Column, value: Any, case: Case) -> str:
        if column.name in PARTY and column.kind in NUMERIC:
            return self._party(case)
        if column.kind in NUMERIC:
            return self._number(column.name, value)
        if column.kind == "flag" and not pd.isna(value):
            return self._flag(column.name, bool(value))
        if column.kind == "category" and column.name in self._texts("group"):
            return self._say("booked", group=self._phrase(column.name, value))
        return self._generic(column.name, value)

    def _flag(self, name: str, value: bool) -> str:
        if name not in self._texts("flag"):
            return self._generic(name, value)
        return self._say(f"flag.{name}.{'is' if value else 'is_not'}")

    def _party(self, case: Case) -> str:
        """Who comes; a part that is not known is said to be so, one that is nobody is left out."""
        parts = [
            self._number(name, case.booking[name], kind="party")
            for name in PARTY
            if name in case.booking and case.booking[name] != 0
        ]
        return self._say("party.for", who=self.language.names(parts)) if parts else self._say("party.nobody")

    def _number(self, name: str, value: Any, kind: str = "number") -> str:
        if name not in self._texts(kind):
            return self._generic(name, value)
        return self._counted(f"{kind}.{name}", value)

    def _counted(self, key: str, value: Any, **more: object) -> str:
        """The text under the key that fits the number: none, zero, one or many."""
        form = "none" if pd.isna(value) else {0: "zero", 1: "one"}.get(value, "many")
        if not self.language.has(f"reason.{key}.{form}"):
            form = "many"
        return self._say(f"{key}.{form}", value=self._written(value), **more)

    def _generic(self, name: str, value: Any) -> str:
        if pd.isna(value) or value == NONE:
            return self._say("any.unknown", column=name)
        return self._say("any.value", column=name, value=self._written(value))

    def _share(self, meaning: Meaning, value: float, case: Case) -> str:
        beside, group = case.share_beside(meaning), self._group(meaning.by, case)
        key = meaning.says if meaning.says != "rate" else "rate.window" if meaning.days else "rate.ever"
        share = self.language.percent(value)
        said = self._say(f"share.{key}", share=share, group=group, days=meaning.days)
        if math.isnan(beside):
            return said
        key = "all" if meaning.beside else "usual"
        return self._say(key, sentence=said, share=self.language.percent(beside))

    def _group(self, by: tuple[str, ...], case: Case) -> str:
        """The bookings that are like this one: through the same agency, at the same hotel."""
        if not by:
            return self._say("everyone")
        return " ".join(self._phrase(name, case.booking[name]) for name in by)

    def _phrase(self, name: str, value: Any) -> str:
        """A value of a column, said after the word booking."""
        own = self._texts("group").get(name, {})
        missing = pd.isna(value) or value == NONE
        if not missing and value in own.get("levels", {}):
            return own["levels"][value]
        if self.schema.column(name).kind == "identifier":
            return self._say("any.same", column=name)
        form = "none" if missing else "other"
        if form in own:
            return own[form].format(value=value)
        return self._say(f"any.{form}", column=name, value=self._written(value))

    def _texts(self, section: str) -> Mapping[str, Any]:
        return self.language.texts["reason"][section]

    def _written(self, value: Any) -> str:
        """A value as the language writes it; numbers that are not whole to two or three digits."""
        if isinstance(value, bool | np.bool_):
            return self._say("any.is" if value else "any.is_not")
        if not isinstance(value, int | float | np.number):
            return str(value)
        if math.isnan(value):
            return ""
        if float(value).is_integer():
            return self.language.count(int(value))
        whole = math.floor(math.log10(abs(value)))
        digits = 2 - whole if whole >= 0 else 1 - whole
        return self.language.number(float(value), min(max(digits, 0), MOST_DIGITS))


def _date(value: pd.Timestamp) -> date:
    return date.fromisoformat(value.isoformat()[:10])
