"""Lists and their accounts over small books: every possible list is tried, every account is counted again."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booked import COSTS, ground_of, risks
from vispera.decision import Costs
from vispera.money.call_list import NOT_LISTED
from vispera.replay.contender import by_risk, by_value
from vispera.replay.ground import Ground

seeds = st.integers(0, 10**6)


def expected_of(ground: Ground, p: np.ndarray, row: int) -> float:
    """The protocol's expected value of one unit-night, pair by pair."""
    costs, book, known = ground.costs, ground.book, ground.prospect
    chance = costs.resale_ceiling * (1 - np.exp(-np.arange(known.notice.counts.shape[1]) / costs.resale_days))
    total = -costs.call
    for pair in range(book.starts[row], book.starts[row] + book.rooms[row]):
        k = int(book.table.arrival[book.at.position[pair]] - book.night[row])
        counts = known.notice.counts[book.which[row], k]
        later = counts @ chance / counts.sum() if counts.any() else chance[k - 1]
        price = known.price[pair] if np.isfinite(known.price[pair]) else 0.0
        value = price * book.table.rows["nights"].iloc[book.at.position[pair]] * costs.margin
        gain = costs.reached * costs.persuaded * (chance[k] - later) * value
        total += p[pair] * gain - (1 - p[pair]) * costs.talked_out * (1 - chance[k]) * value
    return total


@settings(deadline=None, max_examples=40)
@given(seeds, st.integers(1, 3))
def test_no_list_of_so_many_calls_is_expected_to_bring_more(seed, capacity):
    """Every set of units that may be called, the empty one among them, on one night of a small book."""
    ground = ground_of(seed, nights=1, capacity=capacity)
    p = risks(ground, seed)
    worth = [expected_of(ground, p, row) for row in range(len(ground.book))]
    callable_ = np.flatnonzero(ground.allowed)
    sets = (rows for size in range(capacity + 1) for rows in combinations(callable_, size))
    best = max(sum(worth[row] for row in rows) for rows in sets)
    account = by_value(ground, p)
    assert account.expected is not None
    assert account.expected.sum() == pytest.approx(best, abs=1e-9)


@settings(deadline=None, max_examples=40)
@given(seeds, st.integers(1, 3), st.sampled_from(["value", "risk"]))
def test_no_night_s_list_could_be_better_with_the_units_that_are_left(seed, capacity, order):
    """Over several nights: so many at most, nobody twice or against their wish, the greatest of the rest."""
    ground = ground_of(seed, capacity=capacity)
    book, p = ground.book, risks(ground, seed)
    score = ground.expected(p) if order == "value" else book.greatest(p)
    places = ground.by_value(p)[0] if order == "value" else ground.places(score)
    called: set[int] = set()
    for t in range(len(book.nights)):
        here = [row for row in range(len(book)) if book.which[row] == t]
        left = [row for row in here if ground.allowed[row] and int(book.unit[row]) not in called]
        left = [row for row in left if score[row] > 0]
        ordered = sorted(left, key=lambda row: (-score[row], int(book.unit[row])))[:capacity]
        assert [row for _, row in sorted((places[r], r) for r in here if places[r] != NOT_LISTED)] == ordered
        called |= {int(book.unit[row]) for row in ordered}
    assert not (places[~ground.allowed] != NOT_LISTED).any()


@settings(deadline=None, max_examples=40)
@given(seeds, st.floats(1.0, 3.0), st.integers(0, 3))
def test_a_night_s_expected_total_rises_with_the_price_of_any_unit_and_with_capacity(seed, times, more):
    ground = ground_of(seed, nights=1)
    book, p = ground.book, risks(ground, seed)

    def total(one: Ground) -> float:
        expected = by_value(one, p).expected
        assert expected is not None
        return float(expected.sum())

    assert total(ground.under(capacity=ground.capacity + more)) >= total(ground) - 1e-9
    for row in range(len(book)):
        price = ground.prospect.price.copy()
        price[book.starts[row] : book.starts[row] + book.rooms[row]] *= times
        assert total(replace(ground, prospect=replace(ground.prospect, price=price))) >= total(ground) - 1e-9


@settings(deadline=None, max_examples=40)
@given(seeds, st.builds(Costs, *[st.floats(0.05, 1.0) for _ in fields(Costs)]), st.floats(0.0, 1.0))
def test_a_harm_term_can_only_lower_what_a_call_is_worth(seed, costs, harm):
    ground = ground_of(seed, nights=3, costs=replace(costs, talked_out=0.0, call=costs.call * 5))
    harmful = ground.under(costs=replace(ground.costs, talked_out=harm))
    p = risks(ground, seed)
    assert (harmful.expected(p) <= ground.expected(p) + 1e-12).all()
    assert (harmful.realised <= ground.realised + 1e-12).all()


def test_what_a_call_is_worth_by_hand():
    """One room of 100 EUR a night for two nights, five days left, where such guests cancel two days before.

    Worth 146 EUR; r(5) = 0.4425, r(2) = 0.2308: gain 0.36 x 0.2117 x 146 = 11.127, harm 0.01 x 0.5575 x 146
    = 0.814; at a risk of 40% that is 4.451 - 0.488 - 3 = 0.963 EUR.
    """
    ground = ground_of(0)
    book, known = ground.book, ground.prospect
    counts = np.zeros_like(known.notice.counts)
    counts[:, 5, 2] = 7.0
    price, length = np.full(len(book.at), 100.0), np.full(len(book.at), 2.0)
    by_hand = replace(known, price=price, length=length, notice=replace(known.notice, counts=counts))
    value = by_hand.expected(COSTS, np.full(len(book.at), 0.4))
    five = book.days_left[book.starts] == 5
    alone, pair = value[five & (book.rooms == 1)], value[five & (book.rooms == 2)]
    assert len(alone)
    assert len(pair)
    assert alone == pytest.approx(0.962574, abs=1e-6)
    assert pair == pytest.approx(2 * 3.962574 - 3, abs=2e-6), "two rooms, one call"


@settings(deadline=None, max_examples=25)
@given(seeds)
def test_an_account_is_what_a_loop_over_its_calls_counts(seed):
    ground = replace(
        ground_of(seed), control=np.random.default_rng(seed).random(len(ground_of(seed).book)) < 0.3
    )
    p = risks(ground, seed)
    places, expected = ground.by_value(p)
    account = ground.account(places, expected)
    assert account.expected is not None
    table, costs = ground.book.table, ground.costs
    for t in range(len(ground.book.nights)):
        calls, caught, realised, hoped = 0, 0, 0.0, 0.0
        for row in np.flatnonzero((ground.book.which == t) & (places != NOT_LISTED) & ~ground.control):
            start = ground.book.starts[row]
            own = ground.book.at.position[start : start + ground.book.rooms[row]]
            calls, caught = calls + 1, caught + bool(table.cancelled[own].any())
            hoped, realised = hoped + expected[row], realised - costs.call
            for booking in own:
                paid = np.nan_to_num(max(table.rows["adr"].iloc[booking], 0.0))
                value = paid * table.rows["nights"].iloc[booking] * costs.margin
                now = 0.7 * (1 - np.exp(-(table.arrival[booking] - ground.book.night[row]) / 5))
                then = 0.7 * (1 - np.exp(-(table.arrival[booking] - table.resolved[booking]) / 5))
                realised += (
                    0.36 * (now - then) * value if table.cancelled[booking] else -0.01 * (1 - now) * value
                )
        told = (account.calls[t], account.caught[t], account.in_vain[t])
        assert told == (calls, caught, calls - caught)
        assert (account.realised[t], account.expected[t]) == pytest.approx((realised, hoped))


def test_by_value_stops_where_a_call_is_worth_nothing_and_by_risk_does_not():
    ground = ground_of(2, capacity=50).under(costs=replace(COSTS, call=1000.0))
    p = risks(ground)
    assert not by_value(ground, p).calls.any()
    assert by_risk(ground, p).calls.sum() == len(np.unique(ground.book.unit[ground.allowed]))


def test_other_assumptions_leave_the_first_ground_as_it_was():
    ground = ground_of(3)
    realised = ground.realised.copy()
    dearer = ground.under(costs=replace(COSTS, call=5.0), capacity=7)
    assert (dearer.capacity, ground.capacity) == (7, 2)
    np.testing.assert_allclose(dearer.realised, realised - 2.0)
    np.testing.assert_array_equal(ground.realised, realised)
    np.testing.assert_array_equal(dearer.hit, ground.hit)


def test_units_that_were_lost_are_counted_once_and_only_if_they_could_be_called():
    ground = ground_of(5)
    book, cancelled = ground.book, ground.book.table.cancelled
    lost = set()
    for row in np.flatnonzero(ground.allowed):
        own = book.at.position[book.starts[row] : book.starts[row] + book.rooms[row]]
        lost |= {int(book.unit[row])} if cancelled[own].any() else set()
    assert ground.lost_units == len(lost) > 0
    assert replace(ground, allowed=np.zeros(len(book), dtype=bool)).lost_units == 0
