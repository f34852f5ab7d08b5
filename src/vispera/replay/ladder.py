"""Do you need a model? The simplest way of calling that is within the noise of the best."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vispera.interval import Interval
from vispera.replay.noise import Draws

NOTHING, STOP = "nothing", "stop"


@dataclass(frozen=True)
class Rung:
    """One rung: its value a night, and how far it lies behind the best, on the same draws."""

    name: str
    realised: Interval
    behind_best: Interval | None
    within_noise: bool


@dataclass(frozen=True)
class Ladder:
    """The rungs from the simplest on, the best of those worth anything, and the answer.

    ``verdict`` is ``stop`` or the name of a rung; ``best`` is None where it is ``stop``.
    """

    verdict: str
    best: str | None
    rungs: tuple[Rung, ...]


def climb(realised: Mapping[str, np.ndarray], draws: Draws) -> Ladder:
    """The ladder of ways of calling by realised value of each night (T,), from the simplest to the richest.

    A rung is worth something if the lower end of its interval is above 0; if none is, the answer is ``stop``:
    do not call. Of those that are, the one with the greatest mean is the best, and the simplest of them wins
    that is within its noise: whose paired interval of the difference to it reaches 0.
    """
    means = {name: draws.mean(values) for name, values in realised.items()}
    worth = [name for name, mean in means.items() if mean.low is not None and mean.low > 0]
    best = max(worth, key=lambda name: float(realised[name].mean()), default=None)
    if best is None:
        return Ladder(STOP, None, tuple(Rung(name, mean, None, False) for name, mean in means.items()))
    behind = {name: draws.mean(realised[best] - values) for name, values in realised.items()}
    near = {name: gap.low is not None and gap.low <= 0 for name, gap in behind.items()}
    rungs = tuple(
        Rung(name, mean, None if name == best else behind[name], near[name]) for name, mean in means.items()
    )
    return Ladder(next(name for name in worth if near[name]), best, rungs)
