"""A frame as a dense matrix of one column a feature, for trees: level numbers and floats with NaN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from vispera.errors import Declined
from vispera.model.calibrated import Sample
from vispera.model.encode import UNKNOWN, Columns, merged, recoded


@dataclass(frozen=True)
class Ordinal:
    """Columns of the matrix in order: categories with the levels that have a number of their own, numbers.

    All other levels, those that the fit has not seen among them, share the number after the last; missing
    is NaN. A number with ``edges`` is given as the number of edges at or below it.
    """

    kept: Mapping[str, Sequence[str]]
    numbers: Sequence[str]
    edges: Mapping[str, np.ndarray] = field(default_factory=dict)

    @classmethod
    def of(cls, sample: Sample, least: float, most: int, bins: int | None = None) -> Ordinal:
        """Layout for a sample: at most ``most`` levels of a weight of at least ``least`` are kept.

        Features without any value in the sample are left out. With ``bins`` each number is cut into at most
        so many of about equal size. ``Declined`` if no feature has a value.
        """
        columns, kept = sample.columns, {}
        for name, codes in columns.codes.items():
            levels = columns.features.levels[name]
            if levels:
                target = merged(codes, sample.weights, len(levels), least, most)
                kept[name] = tuple(level for level, at in zip(levels, target, strict=True) if at != UNKNOWN)
        numbers = tuple(name for name, values in columns.numbers.items() if not np.isnan(values).all())
        if not kept and not numbers:
            raise Declined("no feature has a value in the training rows; add features to the model's YAML")
        edges = {name: _edges(columns.numbers[name], bins) for name in numbers} if bins else {}
        return cls(kept, numbers, edges)

    @property
    def is_category(self) -> list[bool]:
        """Which columns of the matrix are level numbers."""
        return [True] * len(self.kept) + [False] * len(self.numbers)

    def matrix(self, columns: Columns) -> np.ndarray:
        """(n, f) float64, column-major."""
        x = np.empty((columns.n, len(self.is_category)), order="F")
        for place, (name, kept) in enumerate(self.kept.items()):
            position = {level: code for code, level in enumerate(kept)}
            target = np.array([position.get(level, UNKNOWN) for level in columns.features.levels[name]])
            codes = recoded(columns.codes[name], target)
            x[:, place] = np.where(codes == UNKNOWN, len(kept), np.where(codes < 0, np.nan, codes))
        for place, name in enumerate(self.numbers, start=len(self.kept)):
            values = columns.numbers[name]
            if name in self.edges:
                binned = np.searchsorted(self.edges[name], values, side="right")
                values = np.where(np.isnan(values), np.nan, binned)
            x[:, place] = values
        return x

    def manifest(self) -> dict[str, object]:
        """Plain values, the order of the categories kept."""
        return {
            "kept": [[name, list(levels)] for name, levels in self.kept.items()],
            "numbers": list(self.numbers),
            "edges": {name: edges.tolist() for name, edges in self.edges.items()},
        }

    @classmethod
    def from_manifest(cls, entry: Mapping) -> Ordinal:
        """Inverse of :meth:`manifest`."""
        edges = {name: np.array(values, dtype=np.float64) for name, values in entry["edges"].items()}
        return cls({name: tuple(levels) for name, levels in entry["kept"]}, tuple(entry["numbers"]), edges)


def _edges(values: np.ndarray, bins: int) -> np.ndarray:
    """Lower ends of all bins but the first: every value where they are few, quantiles where they are many."""
    known = values[~np.isnan(values)]
    distinct = np.unique(known)
    if len(distinct) > bins:
        distinct = np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)[:-1], method="lower"))
    return distinct[1:]
