"""How the value of the lists moves with the number of calls and with each assumption."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

import numpy as np

from vispera.decision import Costs
from vispera.errors import UsageError, nearest
from vispera.replay.ground import Account, Ground

PESSIMISTIC, OPTIMISTIC = "pessimistic", "optimistic"
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
        for name, _, _, costs in _changed(base, self):
            where = "sensitivity.bounds" if name in self.bounds else f"sensitivity.{name}"
            told += [fault for fault in costs.faults(where) if fault not in base.faults(where)]
        return told


@dataclass(frozen=True)
class Variation:
    """The lists made and judged under one changed setting; ``base`` is what the problem says."""

    name: str
    setting: float | None
    base: float | None
    account: Account


Way = Callable[[Ground, np.ndarray], Account]


def by_capacity(ground: Ground, p: np.ndarray, way: Way, capacities: Sequence[int]) -> list[Variation]:
    """The lists at other numbers of calls a night, the problem's own among them, from the least on."""
    return [
        Variation("capacity", k, ground.capacity, way(ground.under(capacity=k), p))
        for k in sorted({*capacities, ground.capacity})
    ]


def by_assumption(ground: Ground, p: np.ndarray, way: Way, settings: Sensitivity) -> list[Variation]:
    """The lists with one assumption changed at a time, then with the sets of them."""
    return [
        Variation(name, setting, base, way(ground.under(costs=costs), p))
        for name, setting, base, costs in _changed(ground.costs, settings)
    ]


def _changed(base: Costs, settings: Sensitivity) -> Iterator[tuple[str, float | None, float | None, Costs]]:
    for name, bounds in settings.bounds.items():
        for setting in bounds:
            yield name, setting, asdict(base)[name], replace(base, **{name: setting})
    for name, together in ((PESSIMISTIC, settings.pessimistic), (OPTIMISTIC, settings.optimistic)):
        if together:
            yield name, None, None, replace(base, **together)
