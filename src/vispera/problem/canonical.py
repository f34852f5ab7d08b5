"""The canonical form of a table: declared columns and kinds, impossible rows apart, sorted by content."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from vispera.errors import ContractBroken
from vispera.lazy import pandas as pd
from vispera.problem.contract import check_structure, impossible
from vispera.problem.source import numbers
from vispera.schema import Column, Contract, Kind, Schema, SourceColumns

NONE = "none"
"""Level of a category where the source has nothing: no agent, no company."""


@dataclass(frozen=True)
class Canonical:
    """Canonical ``rows``, ``quarantine`` with a column ``reason``, and the ``content_hash`` of the rows.

    ``source_row`` is where each canonical row stood among the raw ones, (n,).
    """

    rows: pd.DataFrame
    quarantine: pd.DataFrame
    content_hash: str
    source_row: np.ndarray

    @property
    def quarantined(self) -> dict[str, int]:
        """Number of rows set aside, by reason; a row with two reasons counts for each."""
        reasons = self.quarantine["reason"].str.split("; ").explode()
        return {str(reason): int(count) for reason, count in reasons.value_counts().sort_index().items()}


def canonicalise(raw: pd.DataFrame, schema: Schema, where: str, contract: Contract = "history") -> Canonical:
    """Canonical form of a raw table whose columns already have the declared names.

    With ``contract="open_book"`` the table is a nightly extract: columns that are known at check-in or with
    the outcome are not asked for, and not taken over where they are there.

    Raises
    ------
    ContractBroken
        If a declared column is missing or cannot be read as its kind, all such faults listed, or if no
        row is left.
    """
    wanted = schema.required(contract)
    typed = _typed(raw, wanted, where)
    reasons = impossible(typed, wanted)
    bad = np.logical_or.reduce(list(reasons.values())) if reasons else np.zeros(len(typed), dtype=bool)
    if bad.all():
        raise ContractBroken(
            f"{where}: no usable row among {len(typed)}: {', '.join(reasons) or 'it is empty'}"
        )
    quarantine = typed.loc[bad].assign(reason=pd.array(_reasons(reasons, bad), dtype="str"))
    good = finish(typed.loc[~bad], wanted)
    order = content_order(good)
    rows = good.iloc[order].reset_index(drop=True)
    source_row = np.flatnonzero(~bad)[order]
    return Canonical(rows, quarantine.reset_index(drop=True), content_hash(rows), source_row)


def _typed(raw: pd.DataFrame, wanted: Iterable[Column], where: str) -> pd.DataFrame:
    """The wanted columns as their kinds; ContractBroken with every one that is missing or is none."""
    faults, columns = {}, {}
    for column in wanted:
        if column.name in raw:
            try:
                columns[column.name] = cast(raw.loc[:, column.name].reset_index(drop=True), column.kind)
            except (ValueError, TypeError) as wrong:
                faults[column.name] = f"{where}: column '{column.name}' is not {column.kind}: {wrong}"
    typed = pd.DataFrame(columns)
    try:
        check_structure(typed, wanted, where)
    except ContractBroken as broken:
        for fault in broken.faults:
            faults.setdefault(fault.split("'")[1], fault)
    if faults:
        raise ContractBroken(*faults.values())
    return typed


def canonical_source(raw: pd.DataFrame, declared: SourceColumns, where: str) -> pd.DataFrame:
    """A further source with its declared columns alone, each as its kind, sorted by content."""
    kinds: dict[str, Kind] = {declared.known_at: "date", **dict.fromkeys(declared.columns, "number")}
    kinds |= {declared.about: "date"} if declared.about else {}
    kinds |= {declared.key: "identifier"} if declared.key else {}
    faults, columns = [], {}
    for name, kind in kinds.items():
        if name not in raw:
            faults.append(f"{where}: column '{name}' is missing")
            continue
        try:
            columns[name] = cast(raw.loc[:, name], kind).reset_index(drop=True)
        except (ValueError, TypeError) as wrong:
            faults.append(f"{where}: column '{name}' is not {kind}: {wrong}")
    if faults:
        raise ContractBroken(*faults)
    rows = pd.DataFrame(columns).dropna(subset=[name for name in (declared.key, declared.known_at) if name])
    return sort_by_content(rows)


def _reasons(reasons: Mapping[str, pd.Series], bad: np.ndarray) -> list[str]:
    """The reasons of each bad row, joined."""
    return [
        "; ".join(reason for reason, mask in reasons.items() if mask.iloc[position])
        for position in np.flatnonzero(bad)
    ]


def cast(values: pd.Series, kind: Kind) -> pd.Series:
    """A raw column as its kind, missing values kept; ValueError with an example where it cannot be."""
    match kind:
        case "category" | "identifier":
            return _text(values)
        case "date":
            dates = pd.to_datetime(values, errors="coerce", format="ISO8601").astype("datetime64[s]")
            _refuse_unread(values, dates)
            return dates.dt.normalize()
        case "flag":
            flags = _number(values)
            _refuse_unread(values.where(flags.isin([0, 1]) | flags.isna(), "neither 0 nor 1"), flags)
            if not flags.dropna().isin([0, 1]).all():
                raise ValueError(f"'{flags.loc[~flags.isin([0, 1])].iloc[0]:g}' is neither 0 nor 1")
            return flags.astype("boolean")
        case "integer":
            whole = _number(values)
            if not whole.dropna().mod(1).eq(0).all():
                raise ValueError(f"'{whole.loc[whole.mod(1) != 0].iloc[0]:g}' is not whole")
            return whole.astype("Int64")
        case "number":
            return _number(values)


def _number(values: pd.Series) -> pd.Series:
    if values.dtype == object or pd.api.types.is_string_dtype(values):
        words = {"true": "1", "false": "0", "null": None, "na": None, "": None}
        plain = values.astype("str").str.strip()
        values_ = plain.mask(plain.str.lower().isin(list(words)), plain.str.lower().map(words))
    else:
        values_ = values
    read = numbers(values_).astype("float64")
    _refuse_unread(values_, read)
    return read


def _refuse_unread(given: pd.Series, read: pd.Series) -> None:
    """ValueError with an example if a value was there and could not be read."""
    lost = given.notna() & read.isna()
    if lost.any():
        raise ValueError(f"'{given.loc[lost].iloc[0]}' in {int(lost.sum())} of {len(given)} rows")


def _text(values: pd.Series) -> pd.Series:
    """Stripped text; whole numbers without a decimal point; NULL, empty and NaN as missing."""
    if pd.api.types.is_float_dtype(values):
        whole = values.dropna().mod(1).eq(0).all()
        values = values.astype("Int64").astype("str") if whole else values.astype("str")
    text = values.astype("str").str.strip()
    return text.mask(text.str.upper().isin(["", "NULL", "NAN", "<NA>", "NONE"]) | values.isna())


def finish(typed: pd.DataFrame, wanted: Iterable[Column]) -> pd.DataFrame:
    """Final kinds: sorted categories with missing as a level, plain integers, flags and floats."""
    final = {}
    for column in wanted:
        values = typed[column.name].reset_index(drop=True)
        match column.kind:
            case "category":
                values = values.fillna(NONE).astype("str")
                final[column.name] = pd.Categorical(values, categories=sorted(values.unique()))
            case "integer":
                # by the declaration, not by what is missing today: a key must not follow from other rows
                final[column.name] = values.astype("float64" if column.nullable else "int64")
            case "flag" if not column.nullable:
                final[column.name] = values.astype("bool")
            case _:
                final[column.name] = values
    return pd.DataFrame(final)


def sort_by_content(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows in an order that follows from their values alone, whatever order they came in."""
    return rows.iloc[content_order(rows)].reset_index(drop=True)


def content_order(rows: pd.DataFrame) -> np.ndarray:
    """Positions of the rows in the order that follows from their values, (n,)."""
    codes = [_sortable(values) for _, values in rows.items()]
    return np.lexsort(codes[::-1])


def _sortable(values: pd.Series) -> np.ndarray:
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.codes.to_numpy()
    return pd.factorize(values, sort=True)[0]


def content_hash(rows: pd.DataFrame) -> str:
    """sha256 over names, kinds and values of every column, the same on every platform."""
    digest = hashlib.sha256()
    for name, values in rows.items():
        digest.update(f"{name}:{_family(values)}\0".encode())
        digest.update(_bytes(values))
    return digest.hexdigest()


def _family(values: pd.Series) -> str:
    return "category" if isinstance(values.dtype, pd.CategoricalDtype) else values.dtype.kind


def _bytes(values: pd.Series) -> bytes:
    if isinstance(values.dtype, pd.CategoricalDtype):
        return "\0".join(values.cat.categories).encode() + values.cat.codes.to_numpy().astype("<i4").tobytes()
    if values.dtype.kind == "M":
        return values.to_numpy().astype("datetime64[s]").astype("<i8").tobytes()
    if values.dtype.kind == "b":
        return values.astype("float64").to_numpy(na_value=np.nan).astype("<f8").tobytes()
    if pd.api.types.is_numeric_dtype(values):
        return values.to_numpy().astype("<f8").tobytes()
    return "\0".join(values.fillna("\1").astype("str")).encode()
