"""The seam between what is known on a night and a probability: one option of ``conf/model`` each.

A *model* is a frozen dataclass of settings. ``fit`` leaves it as it is and returns something *fitted*,
so that one model object serves every window of a run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from vispera.table import Rows


@dataclass(frozen=True)
class Prediction:
    """Scores of n (booking, night) pairs.

    ``raw`` is the uncalibrated log-odds and ``p`` the calibrated P(cancelled later or no-show | open on
    the night), strictly between 0 and 1; both have shape (n,).
    """

    raw: np.ndarray
    p: np.ndarray


@dataclass(frozen=True)
class Explanation:
    """What each feature added to the raw log-odds: ``contributions.sum(axis=1) + base == raw`` within 1e-6.

    ``contributions`` has the index of the rows asked about and one column a feature; ``base`` has shape
    (n,).
    """

    contributions: pd.DataFrame
    base: np.ndarray


class Fitted(Protocol):
    """What a fit leaves: it scores, and it explains or says why it cannot."""

    def predict(self, x: pd.DataFrame) -> Prediction:
        """Scores of all rows of ``x`` in one call; ContractBroken if it lacks a feature."""
        ...

    def explain(self, x: pd.DataFrame) -> Explanation:
        """Contributions by feature; ``Declined`` with the reason where the model has none that are exact."""
        ...


@runtime_checkable
class Model(Protocol):
    """Settings from which any number of fits are made."""

    def fit(self, rows: Rows, weights: np.ndarray) -> Fitted:
        """A new fit on the rows, weighted; ``Declined`` with the reason where they do not serve."""
        ...
