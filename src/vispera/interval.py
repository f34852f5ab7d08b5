"""A value with its interval, and Wilson's interval of a share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Interval:
    """A value with its interval; None stands for what is not defined on the sample."""

    value: float | None
    low: float | None
    high: float | None

    def as_dict(self) -> dict[str, float | None]:
        """``{"value": ..., "low": ..., "high": ...}``, ready for JSON."""
        return {"value": self.value, "low": self.low, "high": self.high}


def wilson(share: Any, trials: Any, deviations: float) -> tuple[Any, Any]:
    """Low and high end of a share of so many trials, numbers or arrays, to so many standard deviations.

    Unlike others it is no point where none, or all, of a few trials succeed (Wilson, JASA 22 (1927) 209-212).

    >>> low, high = wilson(0.0, 30, 1.645)
    >>> round(float(low), 3), round(float(high), 3)
    (0.0, 0.083)
    """
    square = deviations**2
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    spread = np.sqrt(share * (1 - share) / trials + square / (4 * trials**2))
    half = deviations / (1 + square / trials) * spread
    return middle - half, middle + half
