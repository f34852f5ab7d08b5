"""Histogram gradient boosting of scikit-learn, with its own way of splitting categories."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from vispera.errors import Declined, UsageError
from vispera.model.calibrated import CalibratedModel, Sample
from vispera.model.encode import Columns, Features
from vispera.model.ordinal import Ordinal
from vispera.model.stable import from_skops, json_bytes, skops_bytes

MOST_BINS = 255


@dataclass(frozen=True)
class Trees:
    """A fitted ``HistGradientBoostingClassifier`` and the layout of its matrix."""

    family: ClassVar[str] = "gradient_boosting"
    estimator: Any
    layout: Ordinal

    @property
    def rounds(self) -> int:
        """Trees that are kept."""
        return int(self.estimator.n_iter_)

    def raw(self, columns: Columns) -> np.ndarray:
        """Sum of the trees, log-odds."""
        return self.estimator.decision_function(self.layout.matrix(columns))

    def contributions(self, columns: Columns) -> tuple[Mapping[str, np.ndarray], np.ndarray]:
        """Declined: scikit-learn has none that are exact."""
        raise Declined(
            "gradient_boosting gives no reasons: scikit-learn computes no exact contributions of its trees; "
            "model=catboost and model=logistic do"
        )

    def files(self) -> dict[str, bytes]:
        """The estimator and the layout."""
        return {
            "model.skops": skops_bytes(self.estimator),
            "layout.json": json_bytes(self.layout.manifest()),
        }


def load(files: Mapping[str, bytes], features: Features) -> Trees:
    """The trees as they were written, of trusted types only."""
    layout = Ordinal.from_manifest(json.loads(files["layout.json"]))
    return Trees(from_skops(files["model.skops"]), layout)


@dataclass(frozen=True, kw_only=True)
class GradientBoosting(CalibratedModel):
    """scikit-learn's ``HistGradientBoostingClassifier``; parameters not named here have its meaning.

    Parameters
    ----------
    iterations
        Most trees; fewer where the later slice says so.
    patience
        Trees without a better log-loss on the later slice after which the first fit stops.
    max_bins
        Bins of a number and levels of a category, at most 255: the lightest levels share the last.
    """

    seed: int
    threads: int
    iterations: int = 300
    learning_rate: float = 0.06
    max_leaf_nodes: int = 31
    min_samples_leaf: int = 40
    l2_regularization: float = 5.0
    max_features: float = 0.5
    max_bins: int = MOST_BINS
    patience: int = 30

    def __post_init__(self):
        if not 2 <= self.max_bins <= MOST_BINS:
            raise UsageError(f"max_bins is {self.max_bins}; allowed: 2 to {MOST_BINS}")
        if self.iterations < 1:
            raise UsageError(f"iterations is {self.iterations}; allowed: 1 or more")

    def learn(self, sample: Sample, later: Sample | None = None, rounds: int | None = None) -> Trees:
        """Trees of the sample; with ``later`` those after the best are found superfluous."""
        from threadpoolctl import threadpool_limits

        # scikit-learn's own binning of weighted rows sorts each number once for each of its bins
        layout = Ordinal.of(sample, least=0.0, most=self.max_bins - 1, bins=self.max_bins)
        x = layout.matrix(sample.columns)
        estimator = self._estimator(rounds or self.iterations, layout, early_stopping=later is not None)
        held = {}
        if later is not None:
            held = {
                "X_val": layout.matrix(later.columns),
                "y_val": later.y,
                "sample_weight_val": later.weights,
            }
        with threadpool_limits(self.threads):
            estimator.fit(x, sample.y, sample_weight=sample.weights, **held)
        return Trees(_best(estimator) if held else estimator, layout)

    def _estimator(self, iterations: int, layout: Ordinal, early_stopping: bool) -> Any:
        from sklearn.ensemble import HistGradientBoostingClassifier

        settings: dict[str, Any] = {
            "learning_rate": self.learning_rate,
            "max_iter": iterations,
            "max_leaf_nodes": self.max_leaf_nodes,
            "min_samples_leaf": self.min_samples_leaf,
            "l2_regularization": self.l2_regularization,
            "max_features": self.max_features,
            "max_bins": self.max_bins,
            "categorical_features": layout.is_category,
            "early_stopping": early_stopping,
            "scoring": "loss",
            "n_iter_no_change": self.patience,
            "tol": 0.0,
            "random_state": self.seed,
        }
        return HistGradientBoostingClassifier(**settings)


def _best(estimator: Any) -> Any:
    """The estimator cut after the tree with the least loss on the later slice (scores are losses negated)."""
    best = max(1, int(np.argmax(estimator.validation_score_)))
    del estimator._predictors[best:]
    return estimator
