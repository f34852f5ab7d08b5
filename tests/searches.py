"""Sweeps whose truth is known, for tests of what is told of a search."""

from __future__ import annotations

import math

import numpy as np

from vispera.space import Dimension
from vispera.trial import Sweep, Trial

SPACE = {
    "estimator.learning_rate": Dimension(low=0.01, high=0.3, log=True),
    "estimator.depth": Dimension(low=3, high=9),
    "estimator.l2_leaf_reg": Dimension(low=1.0, high=100.0, log=True),
    "estimator.subsample": Dimension(low=0.4, high=1.0),
    "features.recent": Dimension(choices=("all", "none", "agent")),
}
"""Of these, `simulate` lets the first two matter."""


def draw(dimension: Dimension, rng: np.random.Generator):
    """A value of the dimension, drawn evenly on its scale."""
    if dimension.choices:
        return dimension.choices[rng.integers(len(dimension.choices))]
    assert dimension.low is not None
    assert dimension.high is not None
    if dimension.whole:
        return int(rng.integers(int(dimension.low), int(dimension.high) + 1))
    if dimension.log:
        return math.exp(rng.uniform(math.log(dimension.low), math.log(dimension.high)))
    return float(rng.uniform(dimension.low, dimension.high))


def loss(values: dict, noise: float, optimum: float = 0.05) -> float:
    """Log-loss by learning rate and depth where there are such, else noise alone."""
    rate, depth = values.get("estimator.learning_rate"), values.get("estimator.depth")
    by_rate = 0.02 * math.log10(rate / optimum) ** 2 if rate else 0.0
    by_depth = 0.0006 * (depth - 6) ** 2 if depth else 0.0
    return 0.3 + by_rate + by_depth + 0.001 * noise


def simulate(
    n: int,
    *,
    seed: int = 1,
    space: dict[str, Dimension] | None = None,
    pruned: bool = True,
    optimum: float = 0.05,
    failing: float = 0.05,
) -> Sweep:
    """A sweep of ``n`` trials, drawn by lot; where ``pruned``, those worse than the median midway are."""
    space = SPACE if space is None else space
    rng = np.random.default_rng(seed)
    trials, midways = [], []
    for number in range(n):
        values = {key: draw(dimension, rng) for key, dimension in space.items()}
        score = loss(values, rng.normal(), optimum)
        midway = score + 0.004 + 0.001 * rng.normal()
        told = {"number": number, "values": values, "seconds": 3.0, "batch": number // 4}
        hopeless = pruned and len(midways) > 4 and midway > np.median(midways)
        midways.append(midway)
        if rng.random() < failing:
            trials.append(Trial(state="failed", reason="out of memory", **told))
        elif hopeless:
            trials.append(Trial(state="pruned", so_far=(midway + 0.01, midway), **told))
        else:
            trials.append(Trial(state="finished", score=score, so_far=(midway + 0.01, midway, score), **told))
    return Sweep(id="simulated", trials=tuple(trials))
