"""The fit that all options share: probe, calibrate on a later slice, learn again on everything."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Protocol

import numpy as np

from vispera.clock import iso
from vispera.errors import Declined
from vispera.files import plain
from vispera.model import Explanation, Prediction
from vispera.model.calibration import Platt, intercept_of, slope_of
from vispera.model.encode import Columns, Features

if TYPE_CHECKING:
    import pandas as pd

    from vispera.table import Rows

LEAST_ROWS_OF_CLASS = 20
"""A slice with fewer rows of either outcome neither calibrates nor stops anything."""

MOST_ROWS_FOR_LEVEL = 20_000
"""Enough to know a mean probability to 0.0004; scoring all rows again would take longer than some fits."""


@dataclass(frozen=True)
class Sample:
    """Rows to learn from: features, outcomes (n,) and weights (n,)."""

    columns: Columns
    y: np.ndarray
    weights: np.ndarray

    def take(self, chosen: np.ndarray) -> Sample:
        """The rows where the mask says so."""
        at = np.flatnonzero(chosen)
        return Sample(self.columns.take(at), self.y[at], self.weights[at])

    def spread(self, most: int) -> Sample:
        """At most so many rows, evenly spread over the sample."""
        n = len(self.y)
        if n <= most:
            return self
        chosen = np.zeros(n, dtype=bool)
        chosen[np.linspace(0, n - 1, most).astype(int)] = True
        return self.take(chosen)

    @property
    def rate(self) -> float:
        """Weighted share of positives, kept half a unit away from 0 and 1."""
        total = float(self.weights.sum())
        edge = 0.5 / (total + 1)
        return float(np.clip(np.dot(self.weights, self.y) / total, edge, 1 - edge))


class Core(Protocol):
    """What one option learns: raw log-odds from columns."""

    family: ClassVar[str]
    """Name of the module in this room whose ``load`` reads the files back."""

    @property
    def rounds(self) -> int | None:
        """Boosting rounds that were kept, where the option has any."""
        ...

    def raw(self, columns: Columns) -> np.ndarray:
        """Log-odds, (n,); n is at least 1."""
        ...

    def contributions(self, columns: Columns) -> tuple[Mapping[str, np.ndarray], np.ndarray]:
        """Contributions (n,) by feature, those left out being zero, and the base (n,); may be Declined."""
        ...

    def files(self) -> dict[str, bytes]:
        """Bytes by file name, equal for equal fits in every process."""
        ...


@dataclass(frozen=True)
class Calibrated:
    """A fitted model: the core's raw scores, and probabilities from them."""

    core: Core
    features: Features
    platt: Platt
    settings: Mapping[str, object]

    def predict(self, x: pd.DataFrame) -> Prediction:
        """Raw log-odds and calibrated P(cancelled later or no-show | open on the night), each (n,)."""
        columns = self.features.columns(x)
        raw = self.core.raw(columns) if columns.n else np.empty(0)
        return Prediction(raw, self.platt(raw))

    def explain(self, x: pd.DataFrame) -> Explanation:
        """Contributions to the raw log-odds by feature in the order of the fit; may be ``Declined``."""
        import pandas as pd

        columns = self.features.columns(x)
        zeros = np.zeros(columns.n)
        found, base = self.core.contributions(columns) if columns.n else ({}, zeros)
        by_feature = {name: found.get(name, zeros) for name in self.features.names}
        return Explanation(pd.DataFrame(by_feature, index=x.index, dtype=np.float64), base)


@dataclass(frozen=True, kw_only=True)
class CalibratedModel(ABC):
    """Settings of an option, of which it writes only ``learn``.

    Parameters
    ----------
    later_share
        Share of the distinct arrival dates of training, the last ones, held back from a first fit: they
        stop it early and give the slope of the calibration. Then the model is learned again on all rows
        with the rounds found. 0: no first fit, p is the sigmoid of the raw score.
    """

    serves_one_class: ClassVar[bool] = False
    later_share: float = 0.2

    @abstractmethod
    def learn(self, sample: Sample, later: Sample | None = None, rounds: int | None = None) -> Core:
        """A core learned from the sample; ``later`` may stop it early, ``rounds`` says how long to go on."""

    def wanted(self, x: pd.DataFrame) -> list[str]:
        """Columns of a training frame that the option looks at; the rest is never asked for again."""
        return list(x.columns)

    def fit(self, rows: Rows, weights: np.ndarray) -> Calibrated:
        """A calibrated fit that does not depend on the order of the rows.

        Raises
        ------
        Declined
            No rows, no weight, or only one outcome to learn from.
        """
        sample, rows = self._sample(rows, weights)
        early, later, calibration = later_slice(rows, sample, self.later_share)
        if calibration.reason is not None:
            return Calibrated(self.learn(sample), sample.columns.features, calibration, self.settings())
        probe = self.learn(early, later)
        slope = slope_of(probe.raw(later.columns), later.y, later.weights)
        core = self.learn(sample, rounds=probe.rounds)
        spread = sample.spread(MOST_ROWS_FOR_LEVEL)
        intercept = intercept_of(core.raw(spread.columns), slope, sample.rate, spread.weights)
        calibration = replace(calibration, slope=slope, intercept=intercept)
        return Calibrated(core, sample.columns.features, calibration, self.settings())

    def settings(self) -> dict[str, object]:
        """Fields of the option as plain values for a manifest."""
        return plain(self)

    def _sample(self, rows: Rows, weights: np.ndarray) -> tuple[Sample, Rows]:
        weights = np.asarray(weights, dtype=np.float64)
        if weights.shape != (len(rows),) or not np.isfinite(weights).all() or (weights < 0).any():
            raise ValueError("weights must be finite, not negative, and one a row")
        if not np.isin(rows.y, (0, 1)).all():
            raise ValueError("y must be 0 or 1: a row without a known outcome cannot be learned from")
        who = type(self).__name__
        if not weights.sum() > 0:
            raise Declined(
                f"{who} has no training rows of any weight; move the cutoff or widen the population"
            )
        if not self.serves_one_class and len(np.unique(rows.y[weights > 0])) < 2:
            raise Declined(
                f"{who} has {len(rows)} training rows with one and the same outcome: nothing to learn; "
                "model=prior serves them"
            )
        order = np.lexsort((rows.row_key, rows.night))
        rows = rows.take(order)
        x = rows.x.loc[:, self.wanted(rows.x)]
        return Sample(Features.of(x).columns(x), rows.y.astype(np.float64), weights[order]), rows


def later_slice(rows: Rows, sample: Sample, share: float) -> tuple[Sample, Sample, Platt]:
    """What a first fit learns from, the slice after it, and the slice's description or why there is none.

    As in the protocol, the cutoff is a day: the first fit learns from arrivals before it, the slice holds
    the nights from it on. Rows that were open across it are in neither, so that the first fit knows no
    outcome that the slice's nights did not. Arrival is part of a unit, so units stay whole.
    """
    nothing = sample.take(np.zeros(len(rows), dtype=bool))
    dates = np.unique(rows.arrival)
    held = int(np.floor(share * len(dates)))
    if held == 0:
        return (
            sample,
            nothing,
            Platt(reason="no later slice was asked for" if share == 0 else "too few dates"),
        )
    start = dates[len(dates) - held]
    chosen = (rows.arrival < start, rows.night >= start)
    if any(np.sum(rows.y[part] == outcome) < LEAST_ROWS_OF_CLASS for part in chosen for outcome in (0, 1)):
        return sample, nothing, Platt(reason=f"fewer than {LEAST_ROWS_OF_CLASS} rows of an outcome in a part")
    early, later = (sample.take(part) for part in chosen)
    return (
        early,
        later,
        Platt(
            weight=float(later.weights.sum()),
            positives=float(np.dot(later.weights, later.y)),
            from_night=iso(int(start)),
            to_arrival=iso(int(dates[-1])),
        ),
    )
