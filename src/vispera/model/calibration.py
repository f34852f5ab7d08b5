"""From a raw score to a probability that happens as often as it says.

The slope comes from a later slice of the training time, where the score is out of sample, and the level from
the whole of it. A slice is one season: its level says little of the next one. On the four tuning windows of
the real bookings a level from the slice as well cost 0.0015 to 0.003 of log-loss with catboost and rule; the
slope gains up to 0.005 where a model is too sure of itself and costs up to 0.001 where it is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

LEAST_P = 1e-6
"""No probability is nearer to 0 or 1: one surprise must not make the log-loss infinite."""
LEAST_SLOPE, MOST_SLOPE = 0.2, 5.0
PULL_TO_SLOPE, PULL_TO_INTERCEPT = 4.0, 1.0
"""Precision of the Gaussian pulls of the slope towards 1 and of its intercept towards 0.

Worth a handful of rows: on a slice of hundreds they hardly show, on a slice of ten they keep the slope
near 1, and a slice of one class cannot send it to infinity.
"""


@dataclass(frozen=True)
class Platt:
    """p = sigmoid(slope * raw + intercept), with what it was fitted on.

    ``weight`` and ``positives`` are summed weights of the slice, ``from_night`` and ``to_arrival`` its
    ISO dates; ``reason`` says why there was no slice, and then the slope is 1 and the intercept 0.
    """

    slope: float = 1.0
    intercept: float = 0.0
    weight: float = 0.0
    positives: float = 0.0
    from_night: str | None = None
    to_arrival: str | None = None
    reason: str | None = None

    def __call__(self, raw: np.ndarray) -> np.ndarray:
        """Calibrated probabilities of raw log-odds, (n,), within [1e-6, 1 - 1e-6].

        >>> Platt(slope=1.0, intercept=0.0)(np.array([0.0, 99.0])).tolist()
        [0.5, 0.999999]
        """
        from scipy.special import expit

        return np.clip(expit(self.slope * raw + self.intercept), LEAST_P, 1 - LEAST_P)

    def manifest(self) -> dict[str, object]:
        """Plain values for a manifest."""
        return {"method": "platt" if self.reason is None else "none", **asdict(self)}

    @classmethod
    def from_manifest(cls, entry: Mapping) -> Platt:
        """Inverse of :meth:`manifest`."""
        return cls(**{key: value for key, value in entry.items() if key != "method"})


def slope_of(raw: np.ndarray, y: np.ndarray, weights: np.ndarray) -> float:
    """Slope of the least weighted log-loss, pulled towards 1 and bounded; its intercept is thrown away.

    The intercept beside it takes up the level of this slice, so that the slope need not. The penalised loss
    is strictly convex, so the answer exists and is one, with few positives and with none. Platt,
    "Probabilistic outputs for support vector machines" (1999), with a Gaussian prior in place of his
    smoothed targets.
    """
    from scipy.optimize import minimize
    from scipy.special import expit

    def loss(at: np.ndarray) -> tuple[float, np.ndarray]:
        slope, intercept = at
        score = slope * raw + intercept
        value = float(np.sum(weights * (np.logaddexp(0, score) - y * score)))
        error = weights * (expit(score) - y)
        value += PULL_TO_SLOPE / 2 * (slope - 1) ** 2 + PULL_TO_INTERCEPT / 2 * intercept**2
        by_slope = np.sum(error * raw) + PULL_TO_SLOPE * (slope - 1)
        by_intercept = np.sum(error) + PULL_TO_INTERCEPT * intercept
        return value, np.array([by_slope, by_intercept])

    exact = {"gtol": 1e-10, "ftol": 1e-14}
    bounds = [(LEAST_SLOPE, MOST_SLOPE), (None, None)]
    found = minimize(loss, (1.0, 0.0), jac=True, method="L-BFGS-B", bounds=bounds, options=exact)
    return float(found.x[0])


def intercept_of(raw: np.ndarray, slope: float, rate: float, weights: np.ndarray) -> float:
    """Intercept with which the weighted mean probability of the rows is ``rate``, within (0, 1)."""
    from scipy.optimize import brentq
    from scipy.special import expit

    def excess(intercept: float) -> float:
        return float(np.average(expit(slope * raw + intercept), weights=weights)) - rate

    target = float(np.log(rate / (1 - rate)))
    least, most = target - slope * float(raw.max()) - 1, target - slope * float(raw.min()) + 1
    found: Any = brentq(excess, least, most, xtol=1e-12)
    return float(found)
