"""What mattered in a search: found where it is known, not where there is nothing, the same every time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from searches import SPACE, simulate
from vispera.report.mattered import FEWEST, LEAST_TOP, Mattered, best_first, mattered, top
from vispera.space import Dimension
from vispera.trial import Sweep


def found(sweep: Sweep, space=SPACE):
    result = mattered(sweep, space)
    assert result is not None
    return result


def by_lot(seed: int) -> Sweep:
    """A sweep of 60 trials whose scores have nothing to do with their values."""
    whole = simulate(60, seed=seed)
    order = np.random.default_rng(seed).permutation(60)
    values = [whole.trials[i].values for i in order]
    return replace(
        whole, trials=tuple(replace(one, values=v) for one, v in zip(whole.trials, values, strict=True))
    )


def test_what_mattered_is_told_from_luck():
    told = found(simulate(120))
    assert sorted(told.clear) == ["estimator.depth", "estimator.learning_rate"]
    assert list(told.times_luck)[:2] == told.clear
    assert set(told.importance) == set(SPACE)


@pytest.mark.slow
def test_luck_alone_is_seldom_taken_for_more():
    fooled = sum(bool(found(by_lot(seed)).clear) for seed in range(8))
    assert fooled <= 2  # 0.4 are expected; three or more happen one time in 170


def test_pruned_trials_tell_where_it_is_bad():
    # The rate decides alone, and what leaves the middle is pruned: the finished hardly tell of it.
    rate = {"estimator.learning_rate": SPACE["estimator.learning_rate"]}
    sweep = simulate(120, space=rate, failing=0.0)
    assert found(sweep, rate).clear == ["estimator.learning_rate"]
    finished = replace(sweep, trials=tuple(one for one in sweep.trials if one.state == "finished"))
    times = found(sweep, rate).times_luck["estimator.learning_rate"]
    assert times > found(finished, rate).times_luck["estimator.learning_rate"]


@pytest.mark.slow
def test_it_is_the_same_every_time_and_in_any_order():
    sweep = simulate(40)
    backwards = replace(sweep, trials=sweep.trials[::-1])
    assert mattered(sweep, SPACE) == mattered(sweep, SPACE) == mattered(backwards, SPACE)


@pytest.mark.slow
@pytest.mark.parametrize("state", ["failed", "running"])
def test_trials_that_tell_nothing_change_nothing(state):
    sweep = simulate(40, failing=0.0)
    more = [replace(one, number=one.number + 40, state=state, score=None) for one in sweep.trials]
    assert mattered(sweep, SPACE) == mattered(replace(sweep, trials=(*sweep.trials, *more)), SPACE)


def test_too_few_trials_tell_nothing():
    sweep = simulate(FEWEST, failing=0.0, pruned=False)
    assert mattered(sweep, SPACE) is not None
    assert mattered(replace(sweep, trials=sweep.trials[1:]), SPACE) is None
    few = [replace(one, state="pruned") for one in sweep.trials[LEAST_TOP - 1 :]]
    assert mattered(replace(sweep, trials=(*sweep.trials[: LEAST_TOP - 1], *few)), SPACE) is None
    assert mattered(sweep, {}) is None
    assert mattered(Sweep(id="none"), SPACE) is None


@pytest.mark.slow
def test_a_key_that_no_trial_has_and_a_value_outside_of_the_range_are_left_out():
    sweep = simulate(60)
    unheard = {**SPACE, "estimator.new": Dimension(low=0.0, high=1.0)}
    assert found(sweep, unheard).times_luck["estimator.new"] == 0.0
    narrow = {**SPACE, "estimator.depth": Dimension(low=5, high=7)}
    assert found(sweep, narrow).judged == found(sweep).judged
    one_value = [replace(one, values={**one.values, "estimator.depth": 6}) for one in sweep.trials]
    fixed = replace(sweep, trials=tuple(one_value))
    assert found(fixed).times_luck["estimator.depth"] == 0.0


def test_a_key_that_hardly_any_trial_had_is_not_judged():
    sweep = simulate(60)
    had = [one.number for one in best_first(sweep)[:2]]
    trials = [
        replace(one, values={**one.values, "estimator.rare": 0.5}) if one.number in had else one
        for one in sweep.trials
    ]
    space = {**SPACE, "estimator.rare": Dimension(low=0.0, high=1.0)}
    assert "estimator.rare" not in found(replace(sweep, trials=tuple(trials)), space).clear
    assert Mattered({"rare": 1.0}, {"rare": 0.0}, 60, 0, 12).times_luck == {"rare": 0.0}


def test_a_score_that_is_no_number_is_no_best():
    sweep = simulate(30, failing=0.0, pruned=False)
    odd = replace(sweep.trials[0], score=float("nan"))
    assert odd not in best_first(replace(sweep, trials=(odd, *sweep.trials[1:])))
    assert len(top(sweep)) == 6
    assert top(sweep)[0] == sweep.best
