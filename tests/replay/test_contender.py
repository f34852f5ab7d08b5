"""Ways of calling side by side, each for what it is, and none better than one who knows all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booked import ground_of, risks
from vispera.chance import drawn
from vispera.money.call_list import NOT_LISTED
from vispera.replay.contender import LOTS, Contender, Known, at_random, contenders, with_foresight
from vispera.replay.ground import Ground

NAMES = {"rule": "rule", "trees": "gradient_boosting"}


def known(ground: Ground, seed: int = 0, own_rule: np.ndarray | None = None) -> Known:
    p = {"rule": risks(ground, seed), "trees": risks(ground, seed + 1)}
    return Known(p, "rule", "trees", NAMES, own_rule, seed)


def side_by_side(ground: Ground, seed: int = 0, own_rule: np.ndarray | None = None) -> dict[str, Contender]:
    return {way.name: way for way in contenders(ground, known(ground, seed, own_rule))}


def test_they_come_in_the_order_in_which_a_reader_wants_them():
    ground = ground_of(0)
    ways = side_by_side(ground, own_rule=np.ones(len(ground.book), dtype=bool))
    assert list(ways) == [
        *("nothing", "random", "soonest", "own_rule"),
        *("rule", "model_by_risk", "model_by_value", "foresight"),
    ]
    models = {name: way.model for name, way in ways.items() if way.model}
    assert models == {
        "rule": "rule",
        **dict.fromkeys(("model_by_risk", "model_by_value"), "gradient_boosting"),
    }


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 4))
def test_none_is_worth_more_than_foresight(seed, capacity):
    ground = ground_of(seed, capacity=capacity)
    rule = np.random.default_rng(seed).random(len(ground.book)) < 0.5
    ways = side_by_side(ground, seed, rule)
    best = ways["foresight"].account
    for way in ways.values():
        assert way.account.realised.sum() <= best.realised.sum() + 1e-9
        assert (way.account.calls <= capacity + 1e-9).all()
        assert (way.account.caught <= way.account.calls + 1e-9).all()
    assert (best.caught == best.calls).all(), "nobody who knows calls a guest who comes"


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6))
def test_no_feasible_season_drawn_by_lot_is_worth_more(seed):
    ground = ground_of(seed)
    book, best = ground.book, with_foresight(ground).realised.sum()
    for lot in range(10):
        good = ground.allowed & (ground.realised > 0)
        places = ground.places(drawn(lot, book.unit, book.night), good)
        assert ground.realised[places != NOT_LISTED].sum() <= best + 1e-9


def test_calling_nobody_costs_nothing():
    account = side_by_side(ground_of(1))["nothing"].account
    for values in (account.calls, account.caught, account.realised, account.expected):
        assert values is not None
        assert not values.any()


def test_soonest_takes_the_least_days_left_whatever_the_risk():
    ground = ground_of(4)
    book = ground.book
    places = ground.places(-book.days_left[book.starts].astype(float))
    account, wanted = side_by_side(ground)["soonest"].account, ground.account(places)
    np.testing.assert_array_equal(account.calls, wanted.calls)
    np.testing.assert_array_equal(account.realised, wanted.realised)
    first = np.flatnonzero(ground.allowed & (book.which == 0))
    on_list = first[places[first] != NOT_LISTED]
    left = book.days_left[book.starts]
    assert sorted(left[on_list]) == sorted(left[first])[: len(on_list)]


def test_the_hotel_s_own_rule_calls_nobody_for_whom_it_does_not_hold():
    ground = ground_of(6)
    holds = ground.book.rooms > 1
    account = side_by_side(ground, own_rule=holds)["own_rule"].account
    assert 0 < account.calls.sum() <= len(np.unique(ground.book.unit[holds]))
    nobody = side_by_side(ground, own_rule=np.zeros_like(holds))["own_rule"].account
    assert not nobody.calls.any()


def test_random_is_the_mean_of_several_lots_and_follows_from_its_seed():
    ground = ground_of(7)
    book = ground.book
    lots = [drawn(3, np.full(len(book), lot), book.unit, book.night) for lot in range(LOTS)]
    calls = [ground.account(ground.places(lot)) for lot in lots]
    found = at_random(ground, 3)
    assert found.realised == pytest.approx(np.mean([one.realised for one in calls], axis=0))
    assert found.caught == pytest.approx(np.mean([one.caught for one in calls], axis=0))
    assert found.expected is None
    assert (at_random(ground, 3).realised == found.realised).all()


def test_another_seed_is_other_lots():
    """Seeds 0 to 3 had the same twenty lots, when the seed was not mixed before a lot's number was."""
    ground = ground_of(7)
    sums = [at_random(ground, seed).realised.sum() for seed in range(4)]
    assert len(np.unique(np.round(sums, 6))) == 4


def test_those_left_uncalled_by_lot_are_called_in_no_way_but_foresight():
    ground = ground_of(8)
    everyone = replace(ground, control=np.ones(len(ground.book), dtype=bool))
    ways = side_by_side(everyone, own_rule=np.ones(len(ground.book), dtype=bool))
    called = {name for name, way in ways.items() if way.account.calls.any()}
    assert called <= {"foresight"}
    assert ways["foresight"].account.calls.sum() == with_foresight(ground).calls.sum()
