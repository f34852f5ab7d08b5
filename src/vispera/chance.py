"""Draws that follow from what is drawn for, not from its place among others."""

from __future__ import annotations

import numpy as np

STEP, FIRST, SECOND = (
    np.uint64(0x9E3779B97F4A7C15),
    np.uint64(0xBF58476D1CE4E5B9),
    np.uint64(0x94D049BB133111EB),
)


def drawn(seed: int, *keys: np.ndarray) -> np.ndarray:
    """Number in [0, 1) for each row of keys, (n,): equal for equal keys and seed, otherwise as if by lot.

    The finaliser of SplitMix64 (Steele, Lea, Flood 2014) over the seed and the keys in turn. The seed is
    mixed before the first key is: small seeds and small keys, such as numbers of lots, would meet otherwise.

    >>> drawn(1, np.array([7, 8, 7])).round(3).tolist()
    [0.465, 0.172, 0.465]
    """
    state = _mixed(np.full(np.shape(keys[0]), np.uint64(seed % 2**64)))
    for key in keys:
        state = _mixed(state ^ np.asarray(key).astype(np.uint64))
    return (state >> np.uint64(11)).astype(np.float64) / 2.0**53


def _mixed(value: np.ndarray) -> np.ndarray:
    value = value + STEP
    value = (value ^ (value >> np.uint64(30))) * FIRST
    value = (value ^ (value >> np.uint64(27))) * SECOND
    return value ^ (value >> np.uint64(31))
