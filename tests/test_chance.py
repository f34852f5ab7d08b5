"""Lots that follow from what is drawn for: even, unlike each other, and the same wherever they are drawn."""

from __future__ import annotations

import numpy as np
import pytest

from vispera.chance import drawn

MANY = np.arange(100_000, dtype=np.uint64)


@pytest.mark.parametrize("seed", [0, 1, -1, 2**63 + 5])
def test_they_are_spread_evenly_whatever_the_seed(seed):
    lots = drawn(seed, MANY)
    assert ((lots >= 0) & (lots < 1)).all()
    counts = np.histogram(lots, bins=50, range=(0, 1))[0]
    expected = len(MANY) / 50
    assert ((counts - expected) ** 2 / expected).sum() < 100  # chi-squared of 49: 1 in 50,000 lies above


def test_a_lot_follows_from_its_keys_and_not_from_its_place():
    order = np.random.default_rng(0).permutation(len(MANY))
    np.testing.assert_array_equal(drawn(3, MANY[order], MANY[order] % 7), drawn(3, MANY, MANY % 7)[order])
    assert drawn(3, MANY[5:6])[0] == drawn(3, MANY)[5]


@pytest.mark.parametrize("other", [drawn(1, MANY), drawn(0, MANY + np.uint64(1)), drawn(0, MANY, 0 * MANY)])
def test_other_keys_and_other_seeds_are_other_lots(other):
    lots = drawn(0, MANY)
    assert abs(np.corrcoef(lots, other)[0, 1]) < 0.02
    assert (lots == other).mean() < 1e-4


def test_the_order_of_keys_counts():
    one, two = MANY[1:1000], MANY[1:1000][::-1]
    assert (drawn(0, one, two) != drawn(0, two, one)).sum() >= 997


def test_small_seeds_with_numbered_lots_never_meet():
    """Were the seed not mixed first, the lots 0 to 15 of seed 1 would be those of seed 0 in another order."""
    numbered = [drawn(seed, np.arange(20), np.full(20, 99)) for seed in range(50)]
    assert len(np.unique(numbered)) == 50 * 20
