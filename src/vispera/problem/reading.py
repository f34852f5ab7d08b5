"""Raw columns as the kinds that a problem declares: missing stays missing, what cannot be read is told."""

from __future__ import annotations

from dataclasses import dataclass

from vispera.lazy import pandas as pd
from vispera.problem.source import numbers
from vispera.schema import Kind

MISSING = ("", "NULL", "NAN", "<NA>", "NONE")
"""What a text says where there is nothing, in whatever case."""
WORDS = {"true": "1", "false": "0", "null": None, "na": None, "": None}
"""What a number or flag may be instead of digits."""


@dataclass(frozen=True)
class Reading:
    """A column as its kind, (n,), missing where it could not be read.

    ``unread`` marks those rows, (n,) bool; ``fault`` tells the first of them, and is empty if there is none.
    """

    values: pd.Series
    unread: pd.Series
    fault: str


def cast(values: pd.Series, kind: Kind) -> pd.Series:
    """A raw column as its kind, missing values kept; ValueError with an example where it cannot be."""
    reading = read_as(values, kind)
    if reading.fault:
        raise ValueError(reading.fault)
    return reading.values


def read_as(values: pd.Series, kind: Kind) -> Reading:
    """A raw column as its kind, and which of its values are none of that kind."""
    match kind:
        case "category" | "identifier":
            return Reading(_text(values), pd.Series(False, index=values.index), "")
        case "date":
            dates = pd.to_datetime(values, errors="coerce", format="ISO8601").astype("datetime64[s]")
            unread = values.notna() & dates.isna()
            return Reading(dates.dt.normalize(), unread, _example(values, unread))
        case "flag":
            return _among(values, lambda read: read.isin([0, 1]), "is neither 0 nor 1", "boolean")
        case "integer":
            return _among(values, lambda read: read.mod(1).eq(0), "is not whole", "Int64")
        case "number":
            return _number(values)


def _among(values: pd.Series, allowed, complaint: str, dtype: str) -> Reading:
    """Numbers that are of a narrower kind."""
    reading = _number(values)
    other = reading.values.notna() & ~allowed(reading.values)
    fault = reading.fault
    if not fault and other.any():
        fault = f"'{reading.values.loc[other].iloc[0]:g}' {complaint}"
    return Reading(reading.values.mask(other).astype(dtype), reading.unread | other, fault)


def _number(values: pd.Series) -> Reading:
    given = values
    if values.dtype == object or pd.api.types.is_string_dtype(values):
        plain = values.astype("str").str.strip()
        worded = plain.str.lower()
        given = plain.mask(worded.isin(list(WORDS)), worded.map(WORDS))
    read = numbers(given).astype("float64")
    unread = given.notna() & read.isna()
    return Reading(read, unread, _example(given, unread))


def _example(given: pd.Series, unread: pd.Series) -> str:
    if not unread.any():
        return ""
    return f"'{given.loc[unread].iloc[0]}' in {int(unread.sum())} of {len(given)} rows"


def _text(values: pd.Series) -> pd.Series:
    """Stripped text; whole numbers without a decimal point; NULL, empty and NaN as missing."""
    if pd.api.types.is_float_dtype(values):
        whole = values.dropna().mod(1).eq(0).all()
        values = values.astype("Int64").astype("str") if whole else values.astype("str")
    text = values.astype("str").str.strip()
    return text.mask(text.str.upper().isin(list(MISSING)) | values.isna())
