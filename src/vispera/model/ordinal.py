"""A frame as a dense matrix of one column a feature, for trees: level numbers and floats with NaN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vispera.errors import Declined
from vispera.model.calibrated import Sample
from vispera.model.encode import UNKNOWN, Columns, merged, recoded


@dataclass(frozen=True)
class Ordinal:
    """Columns of the matrix in order: categories with the levels that have a number of their own, numbers.

    All other levels, those that the fit has not seen among them, share the number after the last; missing
    is NaN.
    """

    kept: Mapping[str, Sequence[str]]
    numbers: Sequence[str]

    @classmethod
    def of(cls, sample: Sample, least: float, most: int) -> Ordinal:
        """Layout for a sample: at most ``most`` levels of a weight of at least ``least`` are kept.

        Features without any value in the sample are left out. ``Declined`` if none has any.
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
        return cls(kept, numbers)

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
            x[:, place] = columns.numbers[name]
        return x

    def manifest(self) -> dict[str, object]:
        """Plain values, the order of the categories kept."""
        return {
            "kept": [[name, list(levels)] for name, levels in self.kept.items()],
            "numbers": list(self.numbers),
        }

    @classmethod
    def from_manifest(cls, entry: Mapping) -> Ordinal:
        """Inverse of :meth:`manifest`."""
        return cls({name: tuple(levels) for name, levels in entry["kept"]}, tuple(entry["numbers"]))
