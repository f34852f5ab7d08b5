"""A replay put together: what is asked, the ground that it gives, and everything judged on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from vispera.asof import KnownBy, Ledger, each_night
from vispera.audit import Evidence, Finding, before_fit
from vispera.decision import Costs, Worth
from vispera.expression import own_rule
from vispera.fitting import Recipe
from vispera.metric import METRICS
from vispera.metric import Scored as Judged
from vispera.money.book import Book, may_be_called, read_book
from vispera.money.call_list import ListSettings, in_control
from vispera.money.price import Prices
from vispera.money.value import hindsight, prospect
from vispera.problem import Problem
from vispera.replay import answer
from vispera.replay.contender import RULE, Contender, Known, by_risk, by_value, contenders
from vispera.replay.ground import Account, Ground
from vispera.replay.ladder import NOTHING, climb
from vispera.replay.noise import Draws
from vispera.replay.season import Ready, Scored, Stretch, make_ready, score
from vispera.replay.sensitivity import Sensitivity, by_assumption, by_capacity
from vispera.split import Fold
from vispera.table import Table

Given = TypeVar("Given")

QUALITY = ("roc_auc", "log_loss", "ece")
"""Metrics of the probabilities over all open (booking, night) pairs."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is asked of a replay.

    ``recipes`` by role, from the simplest on: ``rule`` among them, and ``role``, that of the chosen model.
    """

    problem: Problem
    recipes: Mapping[str, Recipe]
    role: str
    settings: ListSettings
    sensitivity: Sensitivity
    seed: int

    @property
    def way(self) -> Callable[[Ground, np.ndarray], Account]:
        """How the chosen model's lists are made from its probabilities."""
        return by_value if self.settings.order == "value" else by_risk

    @property
    def chosen(self) -> str:
        """Name of the contender that stands for those lists."""
        return f"model_by_{self.settings.order}"

    @property
    def costs(self) -> Costs:
        """The problem's assumptions; it has been seen to that there are any."""
        return _given(self.problem.decision.costs)

    @property
    def worth(self) -> Worth:
        """The columns from which a booking's worth follows."""
        return _given(self.problem.decision.worth)

    @property
    def capacity(self) -> int:
        """Calls a night."""
        return _given(self.problem.decision.capacity)

    def ground(self, table: Table, first: int, last: int, known: KnownBy = each_night) -> Ground:
        """Open books of the nights from ``first`` to ``last``, what was known on them and what happened.

        ``known`` gives the nights whose knowledge is had on them.
        """
        book, prices = read_book(self.problem, table, first, last), Prices(table, self.worth)
        return Ground(
            book,
            prospect(book, prices, self.problem.split.horizon_days, known),
            hindsight(book, prices),
            may_be_called(self.problem, book),
            in_control(book, self.settings.control_share, self.seed),
            self.costs,
            self.capacity,
        )

    def ready(
        self,
        book: Book,
        ledger: Ledger,
        known: KnownBy = each_night,
        step: Callable[..., None] | None = None,
    ) -> dict[str, Ready]:
        """What each recipe learns from and scores, by role; made once for all that look at the same."""
        made: dict[str, Ready] = {}
        for role, recipe in self.recipes.items():
            same = [one for one in made if self.recipes[one].looks_at == recipe.looks_at]
            if step and not same:
                step(f"build the features of {recipe.name}")
            made[role] = made[same[0]] if same else make_ready(book, recipe, ledger, known)
        return made

    def findings(self, ready: Mapping[str, Ready], windows: Sequence[Fold]) -> list[Finding]:
        """What the leakage gate finds in the features of any recipe: a leak in one wins the ladder."""
        found: list[Finding] = []
        for role, one in {id(one): (role, one) for role, one in ready.items()}.values():
            material, spec = one.material, self.recipes[role].features
            evidence = Evidence(self.problem, spec, material.table, material.at, material.rows, windows)
            found += [finding for finding in before_fit(evidence) if finding not in found]
        return found

    def scores(
        self,
        ready: Mapping[str, Ready],
        over: Sequence[Stretch],
        step: Callable[..., None] | None = None,
    ) -> dict[str, Scored]:
        """Scores of the book by every recipe, refitted before each stretch of nights."""
        return {role: score(recipe, ready[role], over, step) for role, recipe in self.recipes.items()}

    def contenders(self, ground: Ground, scored: Mapping[str, Scored]) -> list[Contender]:
        """Every way of calling, the chosen model's by value and by risk among them."""
        rule = own_rule(self.problem.decision, ground.book.table.schema)
        rows, pairs = ground.book.table.rows, ground.book.at.position
        holds = None if rule is None else ground.book.any(rule.holds(rows)[pairs])
        p = {role: one.p for role, one in scored.items()}
        names = {role: recipe.name for role, recipe in self.recipes.items()}
        return contenders(ground, Known(p, RULE, self.role, names, holds, self.seed))

    def ladder(
        self, ground: Ground, scored: Mapping[str, Scored], draws: Draws, own_rule: Account | None
    ) -> dict[str, Any]:
        """Do you need a model? Every recipe's calls by value, beside none and the hotel's own rule."""
        nobody = np.zeros(len(ground.book), dtype=bool)
        accounts = {NOTHING: ground.account_of(nobody)}
        accounts |= {role: by_value(ground, one.p) for role, one in scored.items()}
        models = {role: recipe.name for role, recipe in self.recipes.items()}
        ladder = climb({name: account.realised for name, account in accounts.items()}, draws)
        return answer.ladder_entry(ladder, models, accounts, ground, draws, own_rule)

    def variations(self, ground: Ground, p: np.ndarray, draws: Draws) -> dict[str, Any]:
        """The chosen lists at other numbers of calls, and under other assumptions."""
        capacities = by_capacity(ground, p, self.way, self.sensitivity.capacities)
        assumptions = by_assumption(ground, p, self.way, self.sensitivity)
        return {
            "capacities": [answer.capacity_entry(one, draws) for one in capacities],
            "assumptions": [answer.assumption_entry(one, ground.costs, draws) for one in assumptions],
        }

    def lists(self, ground: Ground, p: np.ndarray) -> Lists:
        """The lists of the chosen model, night by night."""
        places, expected = ground.by_value(p)
        risk = ground.book.greatest(p)
        if self.settings.order == "risk":
            places = ground.places(risk)
        return Lists(places, risk, expected)


@dataclass(frozen=True)
class Lists:
    """Lists of all nights: place of each unit-night or -1, its risk, and its expected value; (m,) each."""

    places: np.ndarray
    risk: np.ndarray
    expected: np.ndarray


def quality(scored: Scored) -> dict[str, float]:
    """How good the probabilities are over all open (booking, night) pairs together."""
    rows = scored.rows
    judged = Judged(rows.y, scored.p, scored.raw, rows.night, rows.arrival, rows.unit)
    return {name: METRICS[name](judged) for name in QUALITY}


def _given(value: Given | None) -> Given:
    if value is None:
        raise ValueError("a replay was planned for a problem that has not been decided")
    return value
