"""The settings under which a replay's lists were made anew, as lines that a reader can follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from vispera.report.figure.replay.subject import Subject

SHARES = ("reached", "persuaded", "talked_out", "margin", "resale_ceiling")
TOGETHER = ("pessimistic", "optimistic")
MOST_CAPACITIES = 8
"""Numbers of calls that have a line; of more, some between the least and the greatest are left out."""

Realised = Mapping[str, float | None]


@dataclass(frozen=True)
class Line:
    """One setting: what it is called, and the value of the lists that were made under it.

    ``under`` marks a name that only explains the one above it, ``base`` the setting as assumed, ``pale`` a
    setting that is a result rather than a choice.
    """

    name: str
    setting: str
    realised: Realised
    base: bool = False
    under: bool = False
    pale: bool = False


@dataclass(frozen=True)
class Varied:
    """What was varied in a replay, in lines grouped by what is changed."""

    subject: Subject

    @property
    def way(self) -> Realised:
        """Value a night as assumed, with its interval."""
        return self.subject.way(self.subject.chosen)["realised"]

    @property
    def base(self) -> float:
        """Value a night as assumed."""
        return self.way["value"] or 0.0

    @cached_property
    def sections(self) -> list[tuple[str, list[list[Line]]]]:
        """Title of each section with its groups of lines."""
        return [("calls", self.calls), ("alone", self.alone), ("together", self.together)]

    @cached_property
    def by_calls(self) -> list[Mapping[str, Any]]:
        """Lists at other numbers of calls that have a line, from the least number on."""
        found = sorted(self.subject.replay["capacities"], key=lambda one: one["capacity"])
        each = -(-len(found) // MOST_CAPACITIES)
        own = self.subject.replay["capacity"]
        kept = {0, len(found) - 1, *range(0, len(found), max(each, 1))}
        return [one for place, one in enumerate(found) if place in kept or one["capacity"] == own]

    @property
    def calls(self) -> list[list[Line]]:
        """A line for each number of calls, the assumed one always among them."""
        found, own = self.by_calls, self.subject.replay["capacity"]
        if all(one["capacity"] != own for one in found):
            found = [*found, {**self.subject.way(self.subject.chosen), "capacity": own}]
        return [[self._capacity(one)] for one in sorted(found, key=lambda one: one["capacity"])]

    def _capacity(self, one: Mapping[str, Any]) -> Line:
        subject, calls = self.subject, one["capacity"]
        form = "capacity_one" if calls == 1 else "capacity"
        name = subject.say(f"replay_assumptions.{form}", calls=str(calls))
        each = subject.language.number(one["calls"] / subject.nights, 1)
        made = subject.say("replay_assumptions.calls_made", calls=each)
        return Line(name, made, one["realised"], base=calls == subject.replay["capacity"], pale=True)

    @cached_property
    def alone(self) -> list[list[Line]]:
        """Lines of each assumption from the lowest setting on; what moves the value most comes first."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for one in self.subject.replay["assumptions"]:
            if one["name"] not in TOGETHER:
                found.setdefault(one["name"], []).append(one)
        ranked = sorted(found, key=lambda name: (-_span(found[name]), name))
        return [self._settings(name, sorted(found[name], key=lambda one: one["setting"])) for name in ranked]

    def _settings(self, name: str, settings: list[Mapping[str, Any]]) -> list[Line]:
        say = self.subject.say
        assumed = say("replay_assumptions.assumed", setting=self.setting(name, settings[0]["base"]))
        names = [say(f"replay_assumptions.name.{name}"), assumed, *[""] * len(settings)]
        return [
            Line(names[place], self.setting(name, one["setting"]), one["realised"], under=place > 0)
            for place, one in enumerate(settings)
        ]

    @cached_property
    def together(self) -> list[list[Line]]:
        """A line for each set of assumptions that are changed together."""
        return [
            [Line(self.subject.say(f"replay_assumptions.name.{one['name']}"), "", one["realised"])]
            for one in self.subject.replay["assumptions"]
            if one["name"] in TOGETHER
        ]

    @property
    def sets(self) -> list[str]:
        """What each set of assumptions changes, in a sentence, where the replay tells it."""
        return [
            self._changes(one["name"], one["settings"])
            for one in self.subject.replay["assumptions"]
            if one["name"] in TOGETHER and one.get("settings")
        ]

    def _changes(self, together: str, settings: Mapping[str, float]) -> str:
        say = self.subject.say
        named = {name: say(f"replay_assumptions.name.{name}").lower() for name in settings}
        told = ", ".join(f"{named[name]} {self.setting(name, value)}" for name, value in settings.items())
        return say(
            "replay_assumptions.changes", name=say(f"replay_assumptions.name.{together}"), settings=told
        )

    @cached_property
    def limits(self) -> tuple[float, float]:
        """Ends of the axis of values: every interval and zero lie on it."""
        lines = [line for _, groups in self.sections for group in groups for line in group]
        ends = [end for line in lines for end in line.realised.values() if end is not None]
        low, high = min(*ends, 0.0, self.base), max(*ends, 0.0, self.base)
        room = 0.05 * (high - low) or 1.0
        return low - room, high + room

    @property
    def digits(self) -> int:
        """Decimals of values: one where all of them are small."""
        return 1 if max(abs(end) for end in self.limits) < 5 else 0

    def number(self, found: Realised) -> str:
        """A value without its interval."""
        return self.subject.eur(found["value"] or 0.0, self.digits)

    def range(self, found: Realised) -> str:
        """A value with its interval."""
        low, high = found["low"], found["high"]
        if low is None or high is None:
            return self.number(found)
        ends = {"low": self.subject.eur(low, self.digits), "high": self.subject.eur(high, self.digits)}
        return self.subject.say("replay_assumptions.range", value=self.number(found), **ends)

    def setting(self, name: str, value: float) -> str:
        """A setting with its unit.

        >>> from vispera.text import language
        >>> Varied(Subject({}, language("en"))).setting("talked_out", 0.025)
        '2.5%'
        """
        subject = self.subject
        if name in SHARES:
            return subject.language.say("form.percent", number=subject.plain(100.0 * value))
        form = f"{name}_one" if name == "resale_days" and value == 1.0 else name
        return subject.say(f"replay_assumptions.unit.{form}", value=subject.plain(value))


def _span(settings: list[Mapping[str, Any]]) -> float:
    values = [one["realised"]["value"] for one in settings]
    return max(values) - min(values)
