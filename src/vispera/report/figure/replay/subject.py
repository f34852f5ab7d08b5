"""A replay as its figures ask for it: numbers by name, and the words that stand on all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vispera.report.figure.style import BLUE, GREEN, GREY, VERMILION, Words, shortened
from vispera.text import Language

COLORS = {"rule": GREEN, "own_rule": VERMILION, "random": GREY, "soonest": GREY}
"""Of the ways of calling; the chosen one is blue."""

FORESIGHT = "foresight"

LONGEST = 18
"""Characters of a model's name where there is little room."""

BOLD = 1.15
"""How much wider bold type is than what `Canvas.widest` measures."""


@dataclass(frozen=True)
class Subject:
    """What figures are drawn from: the content of replay.json, and the language that they speak."""

    replay: Mapping[str, Any]
    language: Language

    @property
    def chosen(self) -> str:
        """Name of the way of calling that the lists follow."""
        return f"model_by_{self.replay['order']}"

    @property
    def nights(self) -> int:
        """How many nights were replayed."""
        return self.replay["nights"]["count"]

    @property
    def ways(self) -> Sequence[Mapping[str, Any]]:
        """Every way of calling, in the order in which a reader wants them."""
        return self.replay["contenders"]

    def way(self, name: str) -> Mapping[str, Any]:
        """One way of calling."""
        return next(way for way in self.ways if way["name"] == name)

    def say(self, key: str, /, **values: object) -> str:
        """A text of the section ``figure``."""
        return self.language.say(f"figure.{key}", **values)

    def named(self, way: Mapping[str, Any], longest: int | None = None) -> str:
        """What a way of calling is called, its model in at most so many characters."""
        model = way["model"] if longest is None else shortened(way["model"] or "", longest)
        return self.say(f"replay.way.{way['name']}", model=model)

    def color(self, name: str) -> str:
        """Colour of a way of calling."""
        return BLUE if name == self.chosen else COLORS.get(name, GREY)

    def eur(self, value: float, digits: int = 0) -> str:
        """An amount without its unit; a minus that reads as one, and no minus before a zero."""
        rounded = round(value, digits) + 0.0
        whole = self.language.number(abs(rounded), digits)
        if digits == 0:
            whole = self.language.count(int(abs(rounded)))
        return f"−{whole}" if rounded < 0 else whole

    def stated(self, found: Mapping[str, float | None], digits: int = 0) -> str:
        """A value a night with its interval."""
        low, high = found["low"], found["high"]
        if low is None or high is None:
            return self.say("replay.alone", value=self.eur(found["value"] or 0.0, digits))
        ends = {"low": self.eur(low, digits), "high": self.eur(high, digits)}
        return self.say("replay.interval", value=self.eur(found["value"] or 0.0, digits), **ends)

    def count(self, value: float) -> str:
        """A number of units, whole."""
        return self.language.count(round(value))

    def days(self, key: str, days: int) -> str:
        """A text about some days, in the singular for one."""
        return self.say(f"{key}_one" if days == 1 else key, days=str(days))

    def words(self, figure: str, title: str, subtitle: str, note: str = "") -> Words:
        """The frame of words of one figure, which always says that no call was made and what is assumed."""
        parts = [note, self.say("replay.no_call"), self.assumed, self.sample]
        return Words(
            kicker=self.say(f"replay_{figure}.kicker"),
            title=title,
            subtitle=subtitle,
            note=" ".join(part for part in parts if part),
            badge=self.say("simulated") if self.replay["simulated"] else "",
        )

    @property
    def assumed(self) -> str:
        """The assumptions in one sentence."""
        costs = self.replay["costs"]
        percents = ("reached", "persuaded", "talked_out", "margin", "resale_ceiling")
        told = {
            name: self.language.say("form.percent", number=self.plain(100.0 * costs[name]))
            for name in percents
        }
        told |= {name: self.plain(costs[name]) for name in ("call", "resale_days")}
        return self.say("replay.assumed", **told)

    @property
    def sample(self) -> str:
        """Nights, model, refits and calls in one sentence."""
        first, last = (self.replay["nights"][end] for end in ("first", "last"))
        return self.say(
            "replay.sample",
            dates=self.language.date(first) if first == last else self.language.span(first, last),
            problem=self.replay["problem"],
            model=self.replay["model"],
            refit=", ".join(self._refits()),
            level=self.language.percent(self.replay["level"]),
        )

    def _refits(self) -> Iterator[str]:
        """How often the models were fitted, and whether they knew no more on a night than they did then."""
        yield self.say(f"replay.refit.{self.replay['refit']}")
        if self.replay.get("knowledge") == "artefact":
            yield self.say("replay.old")

    def plain(self, value: float) -> str:
        """A setting with as many decimals as it needs.

        >>> from vispera.text import language
        >>> Subject({}, language("es")).plain(2.5), Subject({}, language("es")).plain(3.0)
        ('2,5', '3')
        """
        return f"{value:g}".replace(".", self.language.say("form.decimal"))
