"""Ways of deciding whom to call, from calling nobody to knowing everything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vispera.chance import drawn
from vispera.replay.foresight import best_assignment
from vispera.replay.ground import Account, Ground

LOTS = 20
"""Draws whose mean stands for calling at random."""

MODEL_BY_VALUE, MODEL_BY_RISK, RULE, FORESIGHT = "model_by_value", "model_by_risk", "rule", "foresight"
OWN_RULE = "own_rule"


@dataclass(frozen=True)
class Contender:
    """One way of calling: its name, the model behind it where there is one, and what it came to."""

    name: str
    model: str | None
    account: Account


@dataclass(frozen=True)
class Known:
    """What the ways of calling may look at beside the open book itself.

    ``p`` calibrated probability of each pair (n,) by role, ``rule`` and ``model`` two of those roles;
    ``names`` what the model of each role is called; ``own_rule`` whether the hotel's own rule holds for a
    unit-night (m,), None where it has none.
    """

    p: Mapping[str, np.ndarray]
    rule: str
    model: str
    names: Mapping[str, str]
    own_rule: np.ndarray | None
    seed: int


def contenders(ground: Ground, known: Known) -> list[Contender]:
    """Every way of calling on one ground, in the order in which a reader wants them."""
    return [Contender(*way) for way in _ways(ground, known)]


def _ways(ground: Ground, known: Known) -> Iterator[tuple[str, str | None, Account]]:
    book = ground.book
    soonest = -book.days_left[book.starts].astype(np.float64)
    nobody = np.zeros(len(book), dtype=bool)
    yield "nothing", None, ground.account_of(nobody, np.zeros(len(book)))
    yield "random", None, at_random(ground, known.seed)
    yield "soonest", None, ground.account(ground.places(soonest))
    if (holds := known.own_rule) is not None:
        yield OWN_RULE, None, ground.account(ground.places(soonest, holds))
    names = known.names
    yield RULE, names[known.rule], by_value(ground, known.p[known.rule])
    yield MODEL_BY_RISK, names[known.model], by_risk(ground, known.p[known.model])
    yield MODEL_BY_VALUE, names[known.model], by_value(ground, known.p[known.model])
    yield FORESIGHT, None, with_foresight(ground)


def own_account(ways: Sequence[Contender]) -> Account | None:
    """What the hotel's own rule came to, None where it has none."""
    return next((way.account for way in ways if way.name == OWN_RULE), None)


def by_value(ground: Ground, p: np.ndarray) -> Account:
    """Calls by expected value, as long as it is positive."""
    return ground.account(*ground.by_value(p))


def by_risk(ground: Ground, p: np.ndarray) -> Account:
    """Calls by probability alone, whatever they are worth."""
    return ground.account(ground.places(ground.book.greatest(p)), ground.expected(p))


def with_foresight(ground: Ground) -> Account:
    """Calls of one who knew every outcome: no list can be worth more."""
    called = best_assignment(ground.book, ground.realised, ground.allowed, ground.capacity)
    return ground.account_of(called, ground.realised)


def at_random(ground: Ground, seed: int) -> Account:
    """Mean over several lots of calling whoever is drawn."""
    book = ground.book
    lots = [
        ground.account(ground.places(drawn(seed, np.full(len(book), lot), book.unit, book.night)))
        for lot in range(LOTS)
    ]
    return Account(
        *(np.mean([getattr(lot, name) for lot in lots], axis=0) for name in ("calls", "caught", "realised"))
    )
