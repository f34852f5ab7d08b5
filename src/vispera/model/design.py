"""A frame as a design matrix: a column a level, buckets or a line for a number, gaps on their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from vispera.model.calibrated import Sample
from vispera.model.encode import MISSING, UNKNOWN, Columns, Features, bucketed, merged, recoded

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

TAIL = 0.001
"""Numbers are cut at these quantiles of the training rows: beyond them a line is only a guess."""


@dataclass(frozen=True)
class Category:
    """Columns of one category: the levels that are kept, then all others, then missing."""

    name: str
    kept: tuple[str, ...]
    target: np.ndarray

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.kept) + 2

    def entry(self, columns: Columns) -> tuple[np.ndarray, np.ndarray]:
        """The one filled cell of each row: its column and its value, (n,) each."""
        codes = recoded(columns.codes[self.name], self.target)
        return _placed(codes, len(self.kept), others=True), np.ones(columns.n)


@dataclass(frozen=True)
class Number:
    """Columns of one number: its buckets if there are edges, else the standardised value; then missing."""

    name: str
    center: float
    scale: float
    low: float
    high: float
    edges: tuple[float, ...]

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.edges) + 2

    def entry(self, columns: Columns) -> tuple[np.ndarray, np.ndarray]:
        """As of :class:`Category`."""
        values = columns.numbers[self.name]
        places = _placed(bucketed(values, np.asarray(self.edges)), len(self.edges) + 1, others=False)
        if self.edges:
            return places, np.ones(columns.n)
        line = (np.clip(values, self.low, self.high) - self.center) / self.scale
        return places, np.where(np.isnan(values), 1.0, line)


Part = Category | Number


def parts(sample: Sample, least: float, bins: int) -> tuple[Part, ...]:
    """How each feature with any value in the sample is laid out; levels lighter than ``least`` are merged."""
    columns, found = sample.columns, []
    for name in columns.features.names:
        if name in columns.codes:
            codes, levels = columns.codes[name], columns.features.levels[name]
            target = merged(codes, sample.weights, len(levels), least, len(levels))
            found.append(Category(name, tuple(np.array(levels, dtype=object)[target != UNKNOWN]), target))
        else:
            present = np.sort(columns.numbers[name][~np.isnan(columns.numbers[name])])
            if len(present) and present[0] < present[-1]:
                found.append(_number(name, present, bins))
    return tuple(found)


def matrix(layout: Sequence[Part], columns: Columns) -> csr_matrix:
    """Sparse (n, sum of widths) matrix of a frame."""
    from scipy.sparse import csr_matrix

    start, places, values = 0, [], []
    for part in layout:
        place, value = part.entry(columns)
        places.append(place + np.int32(start))
        values.append(value)
        start += part.width
    shape = (columns.n, start)
    if not places:
        return csr_matrix(shape)
    filled = len(places)
    indices, data = np.stack(places, axis=1).ravel(), np.stack(values, axis=1).ravel()
    return csr_matrix((data, indices, np.arange(columns.n + 1) * filled), shape=shape)


def _number(name: str, present: np.ndarray, bins: int) -> Number:
    low, high = np.quantile(present, [TAIL, 1 - TAIL])
    if low == high:  # nearly constant: the tail is all there is to see
        low, high = present[0], present[-1]
    inside = np.clip(present, low, high)
    quantiles = np.quantile(present, np.linspace(0, 1, bins + 1)[1:-1], method="lower") if bins > 1 else ()
    edges = tuple(float(edge) for edge in np.unique(quantiles) if edge < high)
    return Number(name, float(inside.mean()), float(inside.std()), float(low), float(high), edges)


def _placed(codes: np.ndarray, kept: int, others: bool) -> np.ndarray:
    """Column of each code: itself if kept, then one for all others, then missing."""
    places = np.where(codes == UNKNOWN, kept, codes)
    return np.where(codes == MISSING, kept + others, places).astype(np.int32)


def manifest(layout: Sequence[Part]) -> list[dict[str, object]]:
    """Parts in order as plain values."""
    return [
        {"name": part.name, "kept": list(part.kept)} if isinstance(part, Category) else asdict(part)
        for part in layout
    ]


def from_manifest(entries: Sequence[Mapping], features: Features) -> tuple[Part, ...]:
    """Inverse of :func:`manifest`, for the features of the fit."""
    return tuple(
        _category(entry["name"], tuple(entry["kept"]), features.levels[entry["name"]])
        if "kept" in entry
        else Number(**{**entry, "edges": tuple(entry["edges"])})
        for entry in entries
    )


def _category(name: str, kept: tuple[str, ...], levels: Sequence[str]) -> Category:
    position = {level: code for code, level in enumerate(kept)}
    target = np.array([position.get(level, UNKNOWN) for level in levels], dtype=np.int32)
    return Category(name, kept, target)
