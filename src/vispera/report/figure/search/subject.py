"""What the figures of a search are drawn from, and the words that they share."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vispera.report.figure.style import Canvas, Words, shortened
from vispera.report.mattered import Mattered, best_first
from vispera.space import Dimension
from vispera.text import Language, language
from vispera.trial import Sweep, Trial

DIGITS = 4
"""Decimals of a log-loss: two good trials differ in the third or the fourth."""

MOST_PRUNED = 200
"""Pruned trials that are drawn; of more, every second or third and so on, as they would cover each other."""


@dataclass(frozen=True)
class Subject:
    """A sweep, what it was allowed to try, what of that mattered, and how it is to be told."""

    sweep: Sweep
    space: Mapping[str, Dimension]
    mattered: Mattered | None
    simulated: bool
    spoken: str = "en"

    @property
    def language(self) -> Language:
        """Language of the words."""
        return language(self.spoken)

    @property
    def done(self) -> list[Trial]:
        """Trials that have ended, by number."""
        return sorted(
            (one for one in self.sweep.trials if one.state != "running"), key=lambda one: one.number
        )

    def of(self, state: str) -> list[Trial]:
        """Trials of one state, by number."""
        return [one for one in self.done if one.state == state]

    @property
    def ranked(self) -> list[Trial]:
        """Finished trials, the best first."""
        return best_first(self.sweep)

    @property
    def pruned_drawn(self) -> tuple[list[Trial], int]:
        """Pruned trials that are drawn, those of a height, and that one in so many is."""
        placed = [one for one in self.of("pruned") if self.height(one) is not None]
        each = max(1, math.ceil(len(placed) / MOST_PRUNED))
        return placed[::each], each

    @property
    def counts(self) -> str:
        """How many trials ended in which way, in a sentence."""
        states = ("finished", "pruned", "failed")
        numbers = {state: self.language.count(len(self.of(state))) for state in states}
        return self.language.say("figure.search_trials.counts", **numbers)

    def score(self, value: float | None) -> str:
        """A log-loss in words; a dash for none."""
        return "–" if value is None else self.language.number(value, DIGITS)

    def value(self, value: Any) -> str:
        """A value that was tried, in three digits that count or as YAML writes it."""
        if value is None or isinstance(value, bool):
            return {None: "null", True: "true", False: "false"}[value]
        if isinstance(value, int):
            return self.language.count(value)
        if not isinstance(value, float):
            return str(value)
        if value and not 1e-5 <= abs(value) < 1e6:
            return f"{value:.3g}".replace(".", self.language.say("form.decimal"))
        digits = max(0, 2 - math.floor(math.log10(abs(value)))) if value else 0
        whole, point, fraction = f"{value:.{digits}f}".partition(".")
        fraction = fraction.rstrip("0")
        return whole + (self.language.say("form.decimal") + fraction if point and fraction else "")

    def named(self, key: str, longest: int) -> str:
        """A key by its last part where no other ends in it, shortened."""
        last = key.rpartition(".")[2]
        alone = sum(other.rpartition(".")[2] == last for other in self.space) == 1
        return shortened(last if alone else key, longest)

    def counted(self, form: str, number: int, **values: str) -> str:
        """The text ``form``, or ``form_one`` where the number that it tells is one."""
        return self.language.say(
            f"{form}_one" if number == 1 else form, number=self.language.count(number), **values
        )

    def height(self, trial: Trial) -> float | None:
        """Where a trial stands on the axis of scores: at its score, or as far above the best as it fell back.

        Windows differ in how hard they are: the loss of a trial that saw one of them is no score.
        """
        found = trial.score if trial.state == "finished" else None
        if trial.state == "pruned" and trial.so_far:
            seen, best = len(trial.so_far), self.sweep.best
            found = trial.so_far[-1]
            if best is not None and best.score is not None and len(best.so_far) >= seen:
                found += best.score - best.so_far[seen - 1]
        return found if found is not None and math.isfinite(found) else None

    def words(self, figure: str, title: str, subtitle: str = "", note: str = "") -> Words:
        """The frame of words of one figure, with SIMULATED where it is."""
        badge = self.language.say("figure.simulated") if self.simulated else ""
        kicker = self.language.say(f"figure.{figure}.kicker")
        return Words(kicker=kicker, title=title, subtitle=subtitle, note=note, badge=badge)

    def blank(self, figure: str, title: str, why: str) -> Canvas:
        """Canvas that says in words why there is nothing to draw."""
        return Canvas(self.words(figure, title, why), 0.1)
