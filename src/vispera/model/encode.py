"""How a frame of features becomes arrays: codes for categories, floats for numbers, gaps declared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vispera.errors import ContractBroken

if TYPE_CHECKING:
    import pandas as pd

UNKNOWN, MISSING = -1, -2
"""Codes of a category that the fit has not seen, and of one that is not there."""


@dataclass(frozen=True)
class Columns:
    """Features of n rows: codes (int32) of categories, floats with NaN of numbers, and what they mean."""

    features: Features
    n: int
    codes: Mapping[str, np.ndarray]
    numbers: Mapping[str, np.ndarray]

    def take(self, chosen: np.ndarray) -> Columns:
        """The rows at these positions."""
        return Columns(
            self.features,
            len(chosen),
            {name: codes[chosen] for name, codes in self.codes.items()},
            {name: values[chosen] for name, values in self.numbers.items()},
        )


@dataclass(frozen=True)
class Features:
    """Features of a fit in order; ``levels`` holds the sorted levels of each category that it has seen.

    Only levels that occur in the training rows count, whatever the categorical dtype declares: a level
    first seen next year must not change the fit of today.
    """

    names: tuple[str, ...]
    levels: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, x: pd.DataFrame) -> Features:
        """Features of a training frame: numbers and flags are numbers, everything else is a category."""
        levels = {}
        for name, values in x.items():
            if not _is_number(values):
                seen = values.cat.remove_unused_categories() if _is_categorical(values) else values
                present = seen.cat.categories if _is_categorical(seen) else seen.dropna().unique()
                levels[str(name)] = tuple(sorted({str(level) for level in present}))
        return cls(tuple(map(str, x.columns)), levels)

    @property
    def numbers(self) -> tuple[str, ...]:
        """Names of the numeric features."""
        return tuple(name for name in self.names if name not in self.levels)

    def columns(self, x: pd.DataFrame) -> Columns:
        """Arrays of a frame whatever the order of its columns; all faults of the frame in one error."""
        missing = [name for name in self.names if name not in x.columns]
        if missing:
            listed = ", ".join(f"'{name}'" for name in missing)
            raise ContractBroken(
                f"the model needs {len(missing)} feature(s) that the frame lacks: {listed}; "
                "build the frame with the features of the model's own run"
            )
        faults: list[str] = []
        codes, numbers = {}, {}
        for name in self.names:
            values: pd.Series = x[name]  # pyright: ignore[reportAssignmentType]  (one column a name)
            if name not in self.levels:
                numbers[name] = _floats(name, values, faults)
            elif _is_number(values) and values.notna().any():
                faults.append(f"feature '{name}' is a category in the model and {values.dtype} in the frame")
            else:
                codes[name] = _codes(values, self.levels[name])
        if faults:
            raise ContractBroken(*faults)
        return Columns(self, len(x), codes, numbers)

    def manifest(self) -> list[dict[str, object]]:
        """Features in order as plain values for a manifest."""
        return [
            {"name": name, "type": "category", "levels": list(self.levels[name])}
            if name in self.levels
            else {"name": name, "type": "number"}
            for name in self.names
        ]

    @classmethod
    def from_manifest(cls, entries: Sequence[Mapping]) -> Features:
        """Inverse of :meth:`manifest`."""
        levels = {e["name"]: tuple(e["levels"]) for e in entries if e["type"] == "category"}
        return cls(tuple(e["name"] for e in entries), levels)


def merged(codes: np.ndarray, weights: np.ndarray, size: int, least: float, most: int) -> np.ndarray:
    """Where each level goes, (size,) int32: 0, 1, ... for those that stay, ``UNKNOWN`` for the rest.

    The ``most`` heaviest levels with a summed weight of at least ``least`` stay, in the order of their
    codes; ties go to the lower code.
    """
    known = codes >= 0
    weight = np.bincount(codes[known], weights=weights[known], minlength=size)
    heaviest = np.lexsort((np.arange(size), -weight))[:most]
    stays = np.sort(heaviest[weight[heaviest] >= least])
    target = np.full(size, UNKNOWN, dtype=np.int32)
    target[stays] = np.arange(len(stays), dtype=np.int32)
    return target


def recoded(codes: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Codes after a merge; ``UNKNOWN`` and ``MISSING`` stay what they are."""
    table = np.append(target, [MISSING, UNKNOWN]).astype(np.int32)  # codes -2 and -1 index from the end
    return table[codes]


def bucketed(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Bucket of each number, (n,) int32: 0 up to and with the first edge, ...; ``MISSING`` for NaN.

    >>> bucketed(np.array([3.0, 7.0, 8.0, np.nan]), np.array([7.0, 30.0])).tolist()
    [0, 0, 1, -2]
    """
    buckets = np.searchsorted(edges, values, side="left").astype(np.int32)
    buckets[np.isnan(values)] = MISSING
    return buckets


def _is_categorical(values: pd.Series) -> bool:
    return values.dtype.name == "category"


def _is_number(values: pd.Series) -> bool:
    from pandas.api.types import is_numeric_dtype

    return is_numeric_dtype(values.dtype)  # flags included


def _floats(name: str, values: pd.Series, faults: list[str]) -> np.ndarray:
    if not _is_number(values) and not values.isna().all():
        faults.append(f"feature '{name}' is a number in the model and {values.dtype} in the frame")
        return np.empty(0)
    floats = values.to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isinf(floats).any():
        faults.append(f"feature '{name}' holds infinite numbers; a missing number is NaN")
    return floats


def _codes(values: pd.Series, levels: tuple[str, ...]) -> np.ndarray:
    category = values if _is_categorical(values) else values.astype("category")
    position = {level: code for code, level in enumerate(levels)}
    known = [position.get(str(level), UNKNOWN) for level in category.cat.categories]
    table = np.array([*known, MISSING], dtype=np.int32)  # pandas codes a missing value as -1: the last
    return table[category.cat.codes.to_numpy()]
