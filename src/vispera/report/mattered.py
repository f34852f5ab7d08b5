"""What mattered in a search: how far the best trials tell a key apart, and how far luck alone would."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vispera.space import Dimension, distribution, holds
from vispera.trial import Sweep, Trial

if TYPE_CHECKING:
    from optuna import Study

FEWEST = 20
"""Trials, finished or pruned, below which nothing is told.

The best five are then a quarter of all. In simulated searches of five keys, with Optuna's own sampler and
half of the trials pruned, the first key was one of the two that mattered in 23 of 30 searches of 20 trials
and in 30 of 30 of 40 trials; where nothing mattered, 5 of 90 searches named a key.
"""

LEAST_TOP = 5
"""Best trials that are compared with all; PED-ANOVA is unsteady with fewer, as its authors' code says."""

TOP_SHARE = 0.2
"""The best fifth: in such searches a tenth found what mattered far less often, three tenths hardly more."""

SHUFFLES = 300
LEVEL = 0.05
"""How often luck may lift any key of a sweep above the mark."""


@dataclass(frozen=True)
class Mattered:
    """How much each searched key mattered for the score, and how that was found.

    Attributes
    ----------
    importance
        PED-ANOVA's divergence by key, in no unit.
    luck
        What the same key would hardly exceed if the best were drawn by lot.
    judged
        Numbers of trials, of which ``pruned`` were pruned and ``top`` the best.
    """

    importance: Mapping[str, float]
    luck: Mapping[str, float]
    judged: int
    pruned: int
    top: int

    @property
    def times_luck(self) -> dict[str, float]:
        """Importance over what luck reaches, by key, most first; above 1 it is told from luck."""
        # where luck reaches nothing at all, too few trials had the key to judge it
        luck = self.luck
        found = {key: value / luck[key] if luck[key] else 0.0 for key, value in self.importance.items()}
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    @property
    def clear(self) -> list[str]:
        """Keys that are told from luck, most first."""
        return [key for key, times in self.times_luck.items() if times > 1.0 + 1e-9]


def best_first(sweep: Sweep) -> list[Trial]:
    """Finished trials that have a score, the best first, the earlier of equals before the later."""
    finished = [one for one in sweep.trials if one.state == "finished" and one.score is not None]
    return sorted(
        (one for one in finished if math.isfinite(one.score or 0.0)),
        key=lambda one: (one.score, one.number),
    )


def top(sweep: Sweep) -> list[Trial]:
    """The best fifth of the finished and pruned trials, at least five where so many finished."""
    finished = best_first(sweep)
    judged = len(finished) + sum(one.state == "pruned" for one in sweep.trials)
    return finished[: max(LEAST_TOP, math.ceil(TOP_SHARE * judged))]


def mattered(sweep: Sweep, space: Mapping[str, Dimension]) -> Mattered | None:
    """How much each key mattered by PED-ANOVA (Watanabe and others, 2023); None of too few trials.

    A pruned trial counts as one that is not among the best, which needs no score of it: without them the
    regions that were pruned would look as if nobody had been there. Equal sweeps give equal numbers.
    """
    best = top(sweep)
    pruned = [one for one in sweep.trials if one.state == "pruned"]
    judged = sorted([*best_first(sweep), *pruned], key=lambda one: one.number)
    if len(judged) < FEWEST or len(best) < LEAST_TOP or not space:
        return None
    study = _study(judged, space)
    chosen = {one.number for one in best}
    is_top = np.array([one.number in chosen for one in judged])
    rng = np.random.default_rng(0)
    found = _importance(study, is_top)
    by_lot = [_importance(study, rng.permutation(is_top)) for _ in range(SHUFFLES)]
    # of the draws this many may reach the mark; divided by the keys, each of which is a chance to be fooled
    above = max(0, int(LEVEL / len(space) * (SHUFFLES + 1)) - 1)
    luck = {key: sorted((one.get(key, 0.0) for one in by_lot), reverse=True)[above] for key in found}
    every = {key: found.get(key, 0.0) for key in space}
    return Mattered(every, {key: luck.get(key, 0.0) for key in space}, len(judged), len(pruned), len(best))


def _study(judged: list[Trial], space: Mapping[str, Dimension]) -> Study:
    """The trials in memory as Optuna reads them; a value outside of today's space is left out."""
    import optuna
    from optuna.trial import create_trial

    tried = {key: {repr(one.values[key]) for one in judged if key in one.values} for key in space}
    # of a key that never varied even luck reaches the same, and rounding would decide
    drawn = {key: distribution(dimension) for key, dimension in space.items() if len(tried[key]) > 1}
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)  # it tells of each study that it makes
    try:
        study = optuna.create_study()
    finally:
        optuna.logging.set_verbosity(before)
    for one in judged:
        params = {key: v for key, v in one.values.items() if key in drawn and holds(space[key], v)}
        distributions = {key: drawn[key] for key in params}
        study.add_trial(create_trial(params=params, distributions=distributions, value=0.0))
    return study


def _importance(study: Study, is_top: np.ndarray) -> dict[str, float]:
    """Divergence by key between the trials that are marked and all; numbered as the study numbers them."""
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that low targets are good, as they are here, and normalize is new
        return get_param_importances(
            study,
            evaluator=PedAnovaImportanceEvaluator(target_quantile=0.5 / len(is_top)),
            target=lambda trial: 0.0 if is_top[trial.number] else 1.0,
            normalize=False,
        )
