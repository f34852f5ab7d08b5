"""Do you need a model? The rule of the ladder on nights that are made up for it."""

from __future__ import annotations

import numpy as np
import pytest

from vispera.replay.ladder import climb
from vispera.replay.noise import Draws

NIGHTS = 80


@pytest.fixture
def noise() -> np.ndarray:
    return np.random.default_rng(7).normal(0.0, 20.0, NIGHTS)


@pytest.fixture
def draws() -> Draws:
    return Draws.of(NIGHTS, resamples=1000, seed=0)


def test_the_interval_is_that_of_the_mean_of_nights_drawn_again(noise, draws):
    found = draws.mean(noise)
    means = np.array([np.repeat(noise, times.astype(int)).mean() for times in draws.counts])
    assert found.value == pytest.approx(noise.mean())
    assert (found.low, found.high) == pytest.approx(tuple(np.percentile(means, [5, 95])))
    assert (draws.counts.sum(axis=1) == NIGHTS).all()


def test_stop_where_nothing_is_worth_more_than_nothing(noise, draws):
    found = climb({"nothing": 0 * noise, "rule": noise - noise.mean(), "trees": -10 + noise}, draws)
    assert (found.verdict, found.best) == ("stop", None)
    assert all(rung.behind_best is None for rung in found.rungs)


def test_the_simplest_within_the_noise_of_the_best_wins(noise, draws):
    other = np.random.default_rng(8).normal(0.0, 20.0, NIGHTS)
    found = climb({"nothing": 0 * noise, "rule": 40 + noise, "trees": 41 + other}, draws)
    assert found.best in ("rule", "trees")
    assert found.verdict == "rule"


def test_differences_are_paired_so_that_a_small_sure_gain_is_seen(noise, draws):
    """Both swing by 20 EUR a night, together: three more is no noise."""
    found = climb({"nothing": 0 * noise, "rule": 40 + noise, "trees": 43 + 1.02 * noise}, draws)
    assert (found.verdict, found.best) == ("trees", "trees")
    rule = next(rung for rung in found.rungs if rung.name == "rule")
    assert not rule.within_noise
    assert rule.behind_best is not None
    assert rule.behind_best.low is not None
    assert rule.behind_best.low > 0


def test_one_of_high_mean_that_may_as_well_be_worth_nothing_is_not_the_best(noise, draws):
    wild = np.zeros(NIGHTS)
    wild[0] = 5000.0
    found = climb({"nothing": 0 * noise, "rule": 20 + 0.1 * noise, "trees": wild - 1}, draws)
    assert (found.verdict, found.best) == ("rule", "rule")


def test_nothing_never_wins_against_what_is_worth_something(noise, draws):
    found = climb({"nothing": 0 * noise, "rule": 5 + 0.2 * noise}, draws)
    assert found.verdict == "rule"
