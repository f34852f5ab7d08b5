"""Nobody does better than one who knows all: brute force, and chance, over small seasons."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from money.test_call_list import few
from vispera.money.call_list import NOT_LISTED, listed
from vispera.replay.foresight import best_assignment


def season(seed: int, units: int, nights: int) -> tuple[Any, np.ndarray, np.ndarray]:
    """Some units on some nights, what a call to each is worth then, and who may be called."""
    rng = np.random.default_rng(seed)
    there = [(night, unit) for night in range(nights) for unit in range(units) if rng.random() < 0.7]
    there = there or [(0, 0)]
    book = few([unit for _, unit in there], [night for night, _ in there])
    return book, rng.integers(-4, 9, len(there)).astype(float), rng.random(len(there)) < 0.9


def total(book, value: np.ndarray, called: np.ndarray) -> float:
    assert len(set(book.unit[called])) == called.sum()
    return float(value[called].sum())


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 300), st.integers(1, 2))
def test_no_assignment_is_worth_more(seed, capacity):
    book, value, allowed = season(seed, units=3, nights=3)
    found = best_assignment(book, value, allowed, capacity)
    assert allowed[found].all()
    assert np.bincount(book.which[found], minlength=1).max() <= capacity
    best = 0.0
    for called in product((False, True), repeat=len(book)):
        chosen = np.array(called)
        fits = (
            allowed[chosen].all()
            and len(set(book.unit[chosen])) == chosen.sum()
            and np.bincount(book.which[chosen], minlength=1).max() <= capacity
        )
        best = max(best, float(value[chosen].sum())) if fits else best
    assert total(book, value, found) == best


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 300), st.integers(1, 4))
def test_no_list_beats_it(seed, capacity):
    book, value, allowed = season(seed, units=12, nights=6)
    best = total(book, value, best_assignment(book, value, allowed, capacity))
    rng = np.random.default_rng(seed)
    for score in (value, rng.normal(size=len(book)), -value):
        for among in (allowed, allowed & (value > 0)):
            called = listed(book, score, among, capacity) != NOT_LISTED
            assert total(book, value, called) <= best + 1e-9


def test_where_no_call_is_worth_anything_there_is_none():
    book, value, allowed = season(0, units=5, nights=3)
    assert not best_assignment(book, -np.abs(value) - 1, allowed, 3).any()
    assert not best_assignment(book, value, np.zeros(len(book), dtype=bool), 3).any()
