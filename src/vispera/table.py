"""The canonical table of a problem, and the rows that models see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from vispera.clock import days
from vispera.lazy import pandas as pd
from vispera.schema import Schema

SALT = "vispera-unit-key"
"""16 characters that key the hashes by which units are named and ties are broken."""


@dataclass(frozen=True)
class Table:
    """Bookings in canonical form: declared columns, declared kinds, sorted by content.

    ``rows`` has one row a booking. Categories are pandas categoricals with sorted levels, dates are
    datetime64[s], missing agents and the like are a level of their own. ``quarantined`` counts rows set
    aside by reason, ``flagged`` odd ones that stayed; ``folder`` is where the canonical form lies.
    """

    rows: pd.DataFrame
    schema: Schema
    source: str
    content_hash: str
    sources: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    quarantined: Mapping[str, int] = field(default_factory=dict)
    flagged: Mapping[str, int] = field(default_factory=dict)
    folder: Path | None = None

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def booked(self) -> np.ndarray:
        """Day on which each booking was made, (n,) int32."""
        return days(self.rows["booking_date"])

    @cached_property
    def arrival(self) -> np.ndarray:
        """Day of arrival, (n,) int32."""
        return days(self.rows["arrival_date"])

    @cached_property
    def resolved(self) -> np.ndarray:
        """Day on which the outcome became known, (n,) int32; ``clock.NEVER`` where it is not."""
        return days(self.rows["outcome_date"])

    @cached_property
    def cancelled(self) -> np.ndarray:
        """True where the booking is known to have been cancelled or not taken up, (n,) bool."""
        return self.rows["cancelled"].fillna(False).to_numpy(dtype=bool)

    @cached_property
    def in_population(self) -> np.ndarray:
        """True where the row is none of those that the problem excludes, (n,) bool."""
        inside = np.ones(len(self), dtype=bool)
        for column, values in self.schema.exclude.items():
            inside &= ~self.rows[column].isin(list(values)).to_numpy()
        return inside

    @cached_property
    def unit(self) -> np.ndarray:
        """Salted hash of the unit columns, (n,) uint64: what one call covers."""
        return content_key(self.rows.loc[:, list(self.schema.unit)])

    @cached_property
    def fact_key(self) -> np.ndarray:
        """Salted hash of all booking facts, (n,) uint64: twins have the same."""
        return content_key(self.rows.loc[:, list(self.schema.known("booking"))])

    @cached_property
    def row_key(self) -> np.ndarray:
        """Salted hash of all booking facts and an ordinal among twins, (n,) uint64."""
        facts = self.fact_key
        ordinal = pd.Series(facts).groupby(facts).cumcount().to_numpy()
        return content_key(pd.DataFrame({"facts": facts, "ordinal": ordinal}))


def content_key(columns: pd.DataFrame) -> np.ndarray:
    """Salted 64-bit hash of each row's values, whatever the order of rows and levels."""
    plain = {
        name: values.astype(str) if isinstance(values.dtype, pd.CategoricalDtype) else values
        for name, values in columns.items()
    }
    # pandas.util is public, but pandas does not say so in a form that pyright reads
    hashing = pd.util  # pyright: ignore[reportAttributeAccessIssue]
    hashed = hashing.hash_pandas_object(pd.DataFrame(plain), index=False, hash_key=SALT)
    return hashed.to_numpy(dtype=np.uint64)


@dataclass(frozen=True)
class Rows:
    """(booking, night) pairs with their features, as models see them.

    ``x`` has shape (n, features): pandas categoricals for categories, float64 otherwise, NaN for
    missing numbers. ``y`` is 1.0 where the booking was cancelled later or not taken up. Days are
    counted from 1970-01-01; all arrays have length n.
    """

    x: pd.DataFrame
    y: np.ndarray
    night: np.ndarray
    arrival: np.ndarray
    unit: np.ndarray
    row_key: np.ndarray

    def __len__(self) -> int:
        return len(self.x)

    def take(self, chosen: np.ndarray) -> Rows:
        """The rows where ``chosen`` (bool mask or positions) says so."""
        return Rows(
            self.x.iloc[chosen],
            self.y[chosen],
            self.night[chosen],
            self.arrival[chosen],
            self.unit[chosen],
            self.row_key[chosen],
        )
