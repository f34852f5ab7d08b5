"""Logistic regression, kept as a score card: tables of points that add up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

import numpy as np

from vispera.model.calibrated import CalibratedModel, Sample
from vispera.model.design import Category, Number, Part, matrix, parts
from vispera.model.encode import Columns, Features, bucketed
from vispera.model.stable import json_bytes


@dataclass(frozen=True)
class Term:
    """Points in log-odds that one feature gives, 0 on average over the training rows.

    ``points`` by level, or by bucket up to and with each of ``edges``; ``missing`` and ``unknown`` where
    there is none. A number without edges has one bucket, and ``slope`` for each unit of the value between
    ``low`` and ``high``, counted from ``center``.
    """

    name: str
    levels: tuple[str, ...] | None
    points: tuple[float, ...]
    missing: float
    unknown: float = 0.0
    edges: tuple[float, ...] = ()
    slope: float = 0.0
    center: float = 0.0
    low: float = 0.0
    high: float = 0.0

    def __call__(self, columns: Columns) -> np.ndarray:
        """Points of each row, (n,); the same for a row whatever rows come with it."""
        table = np.array([*self.points, self.missing, self.unknown])
        if self.levels is not None:
            known = columns.features.levels[self.name]
            position = {level: code for code, level in enumerate(self.levels)}
            unseen = len(self.levels) + 1
            places = np.array([*(position.get(level, unseen) for level in known), unseen - 1, unseen])
            return table[places[columns.codes[self.name]]]
        values = columns.numbers[self.name]
        line = self.slope * (np.clip(values, self.low, self.high) - self.center)
        points = table[bucketed(values, np.asarray(self.edges))]
        return np.where(np.isnan(values), self.missing, points + line)


@dataclass(frozen=True)
class ScoreCard:
    """Log-odds as a base and the points of each feature."""

    family: ClassVar[str] = "logistic"
    base: float
    terms: tuple[Term, ...]
    rounds: None = None

    def raw(self, columns: Columns) -> np.ndarray:
        """Sum of base and points, term by term in a fixed order."""
        total = np.full(columns.n, self.base)
        for term in self.terms:
            total += term(columns)
        return total

    def contributions(self, columns: Columns) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """The points themselves."""
        return {term.name: term(columns) for term in self.terms}, np.full(columns.n, self.base)

    def files(self) -> dict[str, bytes]:
        """The card in words."""
        return {"model.json": json_bytes({"base": self.base, "terms": [asdict(term) for term in self.terms]})}


def load(files: Mapping[str, bytes], features: Features) -> ScoreCard:
    """The card as it was written."""
    card = json.loads(files["model.json"])
    terms = []
    for entry in card["terms"]:
        lists = {key: tuple(value) for key, value in entry.items() if isinstance(value, list)}
        terms.append(Term(**entry | lists))
    return ScoreCard(card["base"], tuple(terms))


@dataclass(frozen=True, kw_only=True)
class Logistic(CalibratedModel):
    """Ridge-penalised logistic regression on levels and buckets.

    Parameters
    ----------
    strength
        Inverse of the penalty, ``C`` of scikit-learn; the loss is summed over unit weights.
    least_level
        Levels with less weight than this many units are merged into one, which also serves unknown ones.
    bins
        Equal-mass buckets of each number; 0: a straight line instead.
    """

    seed: int
    threads: int
    strength: float = 0.003
    least_level: float = 30.0
    bins: int = 5
    max_iter: int = 1000
    tolerance: float = 1e-4

    def learn(self, sample: Sample, later: Sample | None = None, rounds: int | None = None) -> ScoreCard:
        """The penalised maximum-likelihood card of the sample."""
        from sklearn.linear_model import LogisticRegression
        from threadpoolctl import threadpool_limits

        layout = parts(sample, self.least_level, self.bins)
        estimator: Any = LogisticRegression(
            C=self.strength, max_iter=self.max_iter, tol=self.tolerance, random_state=self.seed
        )
        if not layout:
            return ScoreCard(float(np.log(sample.rate / (1 - sample.rate))), ())
        x = matrix(layout, sample.columns)
        with threadpool_limits(self.threads):
            estimator.fit(x, sample.y, sample_weight=sample.weights)
        return _card(layout, estimator.coef_[0], float(estimator.intercept_[0]), sample)


def _card(layout: tuple[Part, ...], weights: np.ndarray, base: float, sample: Sample) -> ScoreCard:
    terms, start = [], 0
    for part in layout:
        term = _term(part, weights[start : start + part.width].tolist())
        mean = float(np.average(term(sample.columns), weights=sample.weights))
        terms.append(_shifted(term, mean))
        base += mean
        start += part.width
    return ScoreCard(base, tuple(terms))


def _term(part: Category | Number, weights: list[float]) -> Term:
    if isinstance(part, Category):
        *points, unknown, missing = weights
        return Term(part.name, part.kept, tuple(points), missing, unknown)
    *points, missing = weights
    if part.edges:
        return Term(part.name, None, tuple(points), missing, edges=part.edges)
    return Term(
        part.name,
        None,
        (0.0,),
        missing,
        slope=points[0] / part.scale,
        center=part.center,
        low=part.low,
        high=part.high,
    )


def _shifted(term: Term, by: float) -> Term:
    points = tuple(point - by for point in term.points)
    return replace(term, points=points, missing=term.missing - by, unknown=term.unknown - by)
