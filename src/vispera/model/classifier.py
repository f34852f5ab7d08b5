"""Any scikit-learn classifier, named by YAML alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from vispera.errors import Declined
from vispera.model.calibrated import CalibratedModel, Sample
from vispera.model.design import Part, from_manifest, manifest, matrix, parts
from vispera.model.encode import Columns, Features
from vispera.model.ordinal import Ordinal
from vispera.model.stable import from_skops, json_bytes, skops_bytes

NEAREST_P = 1e-4
"""Forests say 0 and 1 lightly; calibration gets log-odds of no more than this."""

DECIMALS = 9
"""BLAS adds up in an order that depends on how many rows come together; so many decimals are the same."""


@dataclass(frozen=True)
class OneHot:
    """Design matrix of levels and standardised numbers, dense and without gaps."""

    layout: tuple[Part, ...]

    def matrix(self, columns: Columns) -> np.ndarray:
        """(n, width) float64."""
        return matrix(self.layout, columns).toarray()

    def manifest(self) -> dict[str, object]:
        """Plain values."""
        return {"parts": manifest(self.layout)}


@dataclass(frozen=True)
class Wrapped:
    """A fitted scikit-learn classifier and the layout of its matrix."""

    family: ClassVar[str] = "classifier"
    estimator: Any
    layout: OneHot | Ordinal
    rounds: None = None

    def raw(self, columns: Columns) -> np.ndarray:
        """Log-odds of its probabilities, or its decision function where it has none."""
        x = self.layout.matrix(columns)
        if not hasattr(self.estimator, "predict_proba"):
            return np.round(self.estimator.decision_function(x), DECIMALS)
        p = np.clip(self.estimator.predict_proba(x)[:, 1], NEAREST_P, 1 - NEAREST_P)
        return np.round(np.log(p / (1 - p)), DECIMALS)

    def contributions(self, columns: Columns) -> tuple[Mapping[str, np.ndarray], np.ndarray]:
        """Declined: there is no exact way for any classifier."""
        name = type(self.estimator).__name__
        raise Declined(
            f"{name} gives no reasons: scikit-learn has no exact contributions for every classifier; "
            "model=catboost and model=logistic do"
        )

    def files(self) -> dict[str, bytes]:
        """The estimator and the layout."""
        return {"model.skops": skops_bytes(self.estimator), "layout.json": json_bytes(self.layout.manifest())}


def load(files: Mapping[str, bytes], features: Features) -> Wrapped:
    """The classifier as it was written, of trusted types only."""
    entry = json.loads(files["layout.json"])
    layout = (
        OneHot(from_manifest(entry["parts"], features)) if "parts" in entry else Ordinal.from_manifest(entry)
    )
    return Wrapped(from_skops(files["model.skops"]), layout)


@dataclass(frozen=True, kw_only=True)
class Classifier(CalibratedModel):
    """A scikit-learn classifier with unit weights, calibrated like every other option.

    Parameters
    ----------
    estimator
        Unfitted; cloned before each fit. A ``random_state`` of None becomes ``seed``.
    threads
        Bounds the thread pools of BLAS and OpenMP; an estimator's own ``n_jobs`` stands in its YAML.
    encoding
        ``onehot``: levels as columns, numbers standardised, gaps as columns of their own; for any
        classifier. ``ordinal``: one column a feature, gaps as NaN; for trees, and much smaller.
    least_level
        Levels with less weight than this share one column or number with the unknown ones.
    """

    seed: int
    threads: int
    estimator: Any
    encoding: Literal["onehot", "ordinal"] = "onehot"
    least_level: float = 100.0

    def __post_init__(self):
        reason = _refusal(self.estimator)
        if reason:
            raise Declined(f"{type(self.estimator).__name__} {reason}")

    def learn(self, sample: Sample, later: Sample | None = None, rounds: int | None = None) -> Wrapped:
        """The classifier fitted on the sample; it knows no early stopping."""
        from threadpoolctl import threadpool_limits

        layout = self._layout(sample)
        estimator = self._fresh()
        name = type(estimator).__name__
        with threadpool_limits(self.threads):
            try:
                estimator.fit(
                    layout.matrix(sample.columns), sample.y.astype(np.int8), sample_weight=sample.weights
                )
            except ValueError as error:
                raise Declined(
                    f"{name} cannot learn from these rows: {str(error).splitlines()[0]}"
                ) from error
        if estimator.get_params(deep=False).get("n_jobs") is not None:
            # forests add up their trees in the order in which threads finish, which changes the last bits
            estimator.set_params(n_jobs=1)
        return Wrapped(estimator, layout)

    def settings(self) -> dict[str, object]:
        """Fields as plain values, the classifier with its parameters."""
        own = {name: value for name, value in vars(self).items() if name != "estimator"}
        return {**own, "estimator": repr(self.estimator)}

    def _layout(self, sample: Sample) -> OneHot | Ordinal:
        if self.encoding == "ordinal":
            return Ordinal.of(sample, self.least_level, most=np.iinfo(np.int32).max)
        return OneHot(parts(sample, self.least_level, bins=0))

    def _fresh(self) -> Any:
        from sklearn.base import clone

        estimator: Any = clone(self.estimator)
        if estimator.get_params(deep=False).get("random_state", self.seed) is None:
            estimator.set_params(random_state=self.seed)
        return estimator


def _refusal(estimator: Any) -> str | None:
    """Why a classifier cannot serve, if so; told before any work is done."""
    from sklearn.base import is_classifier
    from sklearn.utils.validation import has_fit_parameter

    if not type(estimator).__module__.startswith("sklearn.") or not is_classifier(estimator):
        return "is no classifier of scikit-learn"
    if not has_fit_parameter(estimator, "sample_weight"):
        return "takes no sample weights, and without them one booking would count many times"
    if not (hasattr(estimator, "predict_proba") or hasattr(estimator, "decision_function")):
        return "gives neither probabilities nor a decision function"
    return None
