"""A number of the report, and the place in the records that it comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from vispera.report.feasibility.source import Records

Form = Literal[
    "count", "number", "percent", "points", "eur", "date", "text", "group", "code", "hash", "model"
]
DIGITS: dict[str, int] = {"percent": 1, "points": 1, "eur": 1, "number": 3}
"""Decimals by form, where a claim does not say otherwise."""

HOW: dict[str, Callable[..., Any]] = {
    "value": lambda value: value,
    "product": lambda one, other: one * other,
    "ratio": lambda one, other: one / other if other else None,
    "least": lambda *values: min(values),
    "greatest": lambda *values: max(values),
    "size": len,
    "sizes": lambda *lists: sum(map(len, lists)),
    "total": lambda values: sum(values.values()),
    "smallest": min,
    "largest": max,
    "below_zero": lambda values: sum(value < 0 for value in values),
}
"""Everything that may be done to what a record holds on its way into a sentence."""


@dataclass(frozen=True)
class Claim:
    """What is claimed, how it is written, and what it was made of.

    Attributes
    ----------
    places
        ``experiments/<run>/<file>#/<JSON pointer>`` of each value, from the workspace on.
    how
        What was done with the values of those places, see `HOW`.
    """

    name: str
    value: Any
    form: Form
    places: tuple[str, ...]
    how: str = "value"
    digits: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The entry of report.json."""
        return {
            "value": self.value,
            "form": self.form,
            "digits": self.digits,
            "how": self.how,
            "from": list(self.places),
        }

    @classmethod
    def of(cls, name: str, entry: Mapping[str, Any]) -> Claim:
        """From its entry in report.json."""
        return cls(name, entry["value"], entry["form"], tuple(entry["from"]), entry["how"], entry["digits"])


def computed(how: str, values: Sequence[Any]) -> Any:
    """What comes of the values of some places; None if any of them is not known.

    >>> computed("ratio", [1, 4]), computed("ratio", [1, None])
    (0.25, None)
    """
    return None if any(value is None for value in values) else HOW[how](*values)


class Claims:
    """The claims of a report while it is gathered; each takes its value from the records by itself."""

    def __init__(self, records: Records):
        self.records = records
        self.made: dict[str, Claim] = {}

    def add(self, name: str, form: Form, *places: str, how: str = "value", digits: int | None = None) -> Any:
        """The value of a new claim. ValueError if there is one of that name that says something else."""
        value = computed(how, [self.records.resolve(place) for place in places])
        claim = Claim(name, value, form, places, how, DIGITS.get(form, 0) if digits is None else digits)
        if self.made.setdefault(name, claim) != claim:
            raise ValueError(f"two claims are called '{name}'")
        return value

    def interval(self, name: str, form: Form, place: str, digits: int | None = None) -> Any:
        """The value of an estimate, whose ends become ``<name>_low`` and ``<name>_high``."""
        for end in ("low", "high"):
            self.add(f"{name}_{end}", form, f"{place}/{end}", digits=digits)
        return self.add(name, form, f"{place}/value", digits=digits)

    def value(self, name: str) -> Any:
        """What is claimed; KeyError if nothing is."""
        return self.made[name].value

    def as_dict(self) -> dict[str, Any]:
        """All of them, for report.json."""
        return {name: claim.as_dict() for name, claim in self.made.items()}
