"""How the value of the lists moves with the number of calls and with each assumption."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from vispera.decision import Costs
from vispera.errors import UsageError, nearest
from vispera.replay.ground import Account, Ground

CAPACITY, PESSIMISTIC, OPTIMISTIC = "capacity", "pessimistic", "optimistic"
Bounds = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Sensitivity:
    """What is varied.

    Attributes
    ----------
    capacities
        Calls a night to try beside the problem's own.
    bounds
        Low and high setting of each assumption that is varied, by its name in ``problem.decision.costs``.
    pessimistic, optimistic
        Settings that are taken together.
    """

    capacities: tuple[int, ...] = ()
    bounds: Mapping[str, Bounds] = field(default_factory=dict)
    pessimistic: Mapping[str, float] = field(default_factory=dict)
    optimistic: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self):
        known = Costs.__dataclass_fields__
        named = {"bounds": self.bounds, PESSIMISTIC: self.pessimistic, OPTIMISTIC: self.optimistic}
        faults = [
            f"sensitivity.{where}.{name}: there is no such assumption; {nearest(name, known)}"
            for where, names in named.items()
            for name in names
            if name not in known
        ]
        faults += [
            f"sensitivity.capacities: {capacity} calls a night; wanted 1 or more"
            for capacity in self.capacities
            if capacity < 1
        ]
        if faults:
            raise UsageError(*faults)

    def faults(self, base: Costs) -> list[str]:
        """A line for each setting that cannot be, whatever else is assumed."""
        told = []
        for name, settings in self.changes():
            where = "sensitivity.bounds" if name in self.bounds else f"sensitivity.{name}"
            told += [
                fault for fault in replace(base, **settings).faults(where) if fault not in base.faults(where)
            ]
        return told

    def changes(self) -> Iterator[tuple[str, Mapping[str, float]]]:
        """Name and settings of each change: one assumption at a time, then the sets of several."""
        for name, bounds in self.bounds.items():
            yield from ((name, {name: setting}) for setting in bounds)
        for name, together in ((PESSIMISTIC, self.pessimistic), (OPTIMISTIC, self.optimistic)):
            if together:
                yield name, together


@dataclass(frozen=True)
class Variation:
    """The lists made and judged under changed settings, by what they are called in the configuration."""

    name: str
    settings: Mapping[str, float]
    account: Account


Way = Callable[[Ground, np.ndarray], Account]


def by_capacity(ground: Ground, p: np.ndarray, way: Way, capacities: Sequence[int]) -> list[Variation]:
    """The lists at other numbers of calls a night, the problem's own among them, from the least on."""
    return [
        Variation(CAPACITY, {CAPACITY: k}, way(ground.under(capacity=k), p))
        for k in sorted({*capacities, ground.capacity})
    ]


def by_assumption(ground: Ground, p: np.ndarray, way: Way, settings: Sensitivity) -> list[Variation]:
    """The lists with one assumption changed at a time, then with the sets of them."""
    return [
        Variation(name, changed, way(ground.under(costs=replace(ground.costs, **changed)), p))
        for name, changed in settings.changes()
    ]
