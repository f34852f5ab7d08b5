"""How much of a mean over nights is luck: nights drawn again, the same draws for all that is compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vispera.evaluate.bootstrap import interval
from vispera.interval import Interval

LEVEL = 0.90
"""Of every interval of money: that of the success rule in ``conf/problem``."""


@dataclass(frozen=True)
class Draws:
    """How often each of T nights was drawn, (resamples, T)."""

    counts: np.ndarray

    @classmethod
    def of(cls, nights: int, *, resamples: int, seed: int) -> Draws:
        """As many nights as there are, with replacement, so many times."""
        picked = np.random.default_rng([seed, nights]).integers(0, nights, size=(resamples, nights))
        counts = np.zeros((resamples, nights))
        np.add.at(counts, (np.arange(resamples)[:, None], picked), 1.0)
        return cls(counts)

    def mean(self, by_night: np.ndarray) -> Interval:
        """Mean over the nights with its interval; ``by_night`` (T,). Nights are taken as independent."""
        return interval(float(by_night.mean()), self.counts @ by_night / len(by_night), level=LEVEL)
