"""Lists: nothing greater can be made of so many calls, a unit once, ties and lots by what a unit is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vispera.errors import UsageError
from vispera.money.call_list import NOT_LISTED, ListSettings, in_control, listed, ranks, ranks_of


@dataclass(frozen=True)
class Few:
    """As much of a book as lists are made of."""

    unit: np.ndarray
    which: np.ndarray
    nights: np.ndarray

    def __len__(self) -> int:
        return len(self.unit)

    @cached_property
    def edges(self) -> np.ndarray:
        return np.searchsorted(self.which, np.arange(len(self.nights) + 1))


def few(unit, which) -> Any:
    which = np.asarray(which)
    return Few(np.asarray(unit, dtype=np.uint64), which, np.arange(int(which.max(initial=0)) + 1))


values = st.lists(st.integers(-5, 9), min_size=1, max_size=7).map(np.array)


@settings(deadline=None)
@given(values, st.integers(1, 4))
def test_no_list_of_one_night_has_a_greater_total(score, capacity):
    book = few(np.arange(len(score)), np.zeros(len(score), dtype=int))
    places = listed(book, score.astype(float), score > 0, capacity)
    total = score[places != NOT_LISTED].sum()
    sets = (s for size in range(capacity + 1) for s in combinations(range(len(score)), size))
    assert total == max(score[list(chosen)].sum() for chosen in sets)
    assert sorted(places[places != NOT_LISTED]) == list(range((places != NOT_LISTED).sum()))


@settings(deadline=None)
@given(values, st.integers(1, 4), st.integers(0, 6), st.integers(0, 5))
def test_the_total_rises_with_a_value_and_with_capacity(score, capacity, place, more):
    book = few(np.arange(len(score)), np.zeros(len(score), dtype=int))

    def total(score, capacity):
        return score[listed(book, score.astype(float), score > 0, capacity) != NOT_LISTED].sum()

    dearer = score.copy()
    dearer[place % len(score)] += more
    assert total(dearer, capacity) >= total(score, capacity)
    assert total(score, capacity + 1) >= total(score, capacity)


@settings(deadline=None)
@given(st.integers(0, 200), st.integers(1, 3))
def test_a_unit_is_listed_once_whatever_comes_back_and_a_night_has_no_more_than_its_calls(seed, capacity):
    rng = np.random.default_rng(seed)
    book = few(rng.integers(0, 6, 24), np.sort(rng.integers(0, 5, 24)))
    pairs = np.unique(np.stack([book.which, book.unit]), axis=1, return_index=True)[1]
    book = few(book.unit[np.sort(pairs)], book.which[np.sort(pairs)])
    eligible = rng.random(len(book)) < 0.8
    places = listed(book, rng.normal(size=len(book)), eligible, capacity)
    on_list = places != NOT_LISTED
    assert len(set(book.unit[on_list])) == on_list.sum()
    assert eligible[on_list].all()
    assert np.bincount(book.which[on_list], minlength=1).max() <= capacity


def test_ties_follow_from_the_units_and_not_from_their_order():
    unit, score = np.array([9, 4, 7, 1]), np.zeros(4)
    for order in ([0, 1, 2, 3], [3, 1, 0, 2]):
        book = few(unit[order], np.zeros(4, dtype=int))
        places = listed(book, score, np.ones(4, dtype=bool), 2)
        assert dict(zip(book.unit.tolist(), places.tolist(), strict=True)) == {1: 0, 4: 1, 7: -1, 9: -1}


@settings(deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_ranks_of_some_are_those_among_all(score, random):
    unit = np.array(random.sample(range(50), len(score)), dtype=np.uint64)
    book, scores = few(unit, np.zeros(len(score), dtype=int)), np.array(score, dtype=float)
    some = np.array(sorted(random.sample(range(len(score)), random.randint(1, len(score)))))
    assert ranks_of(unit, scores, some).tolist() == ranks(book, scores)[some].tolist()


def test_ranks_are_those_of_each_night():
    book = few([1, 2, 3, 1, 2], [0, 0, 0, 1, 1])
    assert ranks(book, np.array([0.1, 0.3, 0.2, 5.0, 4.0])).tolist() == [3, 1, 2, 1, 2]


def test_a_lot_is_one_a_unit_and_of_the_share_that_was_asked():
    units = np.arange(20_000)
    lot = in_control(few(units, np.zeros(20_000, dtype=int)), 0.1, seed=3)
    assert 0.09 < lot.mean() < 0.11
    alone = in_control(few(units[5:6], [0]), 0.1, seed=3)
    assert alone[0] == lot[5]
    assert (in_control(few(units, np.zeros(20_000, dtype=int)), 0.1, seed=4) != lot).any()
    assert not in_control(few(units, np.zeros(20_000, dtype=int)), 0.0, seed=3).any()


def test_a_unit_keeps_its_lot_over_the_nights_and_whoever_else_is_there():
    rng = np.random.default_rng(0)
    units, nights = rng.permutation(2000), np.repeat([0, 1, 2], [1000, 500, 500])
    units = np.concatenate([units[:1000], units[:500], units[:500]])
    lot = in_control(few(units, nights), 0.3, seed=3)
    of_unit = dict(zip(units[:1000].tolist(), lot[:1000].tolist(), strict=True))
    assert [of_unit[unit] for unit in units.tolist()] == lot.tolist()
    some = np.flatnonzero(rng.random(len(units)) < 0.2)
    assert (in_control(few(units[some], nights[some]), 0.3, seed=3) == lot[some]).all()


@pytest.mark.parametrize("share", [-0.1, 1.0, 2.0])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(UsageError, match="wanted 0 or more and less than 1"):
        ListSettings(control_share=share)
