"""The canonical form of a table: declared columns and kinds, impossible rows apart, sorted by content."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from vispera.errors import ContractBroken
from vispera.lazy import pandas as pd
from vispera.problem.contract import check_structure, impossible
from vispera.problem.reading import cast, read_as
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

    With ``contract="open_book"`` the table is a nightly extract, see `sift`.

    Raises
    ------
    ContractBroken
        If a declared column is missing or cannot be read as its kind, all such faults listed, or if no
        row is left.
    """
    sifted = sift(raw, schema, where, contract)
    if not len(sifted.rows):
        reasons = ", ".join(sifted.reasons) or "it is empty"
        raise ContractBroken(f"{where}: no usable row among {len(raw)}: {reasons}")
    order = content_order(sifted.rows)
    rows = sifted.rows.iloc[order].reset_index(drop=True)
    source_row = np.flatnonzero(sifted.good)[order]
    return Canonical(rows, sifted.quarantine.reset_index(drop=True), content_hash(rows), source_row)


@dataclass(frozen=True)
class Sifted:
    """Usable ``rows`` in their final kinds, and ``quarantine`` with a column ``reason``.

    ``good`` marks the usable ones among the raw rows, (n,) bool; ``reasons`` are all that were found.
    """

    rows: pd.DataFrame
    quarantine: pd.DataFrame
    good: np.ndarray
    reasons: tuple[str, ...]


def sift(
    raw: pd.DataFrame,
    schema: Schema,
    where: str,
    contract: Contract = "history",
    further: Callable[[pd.DataFrame], Mapping[str, pd.Series]] | None = None,
) -> Sifted:
    """The usable rows of a raw table, in its order, and the others apart, each with its reasons.

    Of a history every value must be of its kind. In a nightly extract, ``contract="open_book"``, a row whose
    values are not is set apart like one that cannot be, as tomorrow's list must not wait for it; columns that
    are known later than the booking are not asked for, and not taken over where they are there.

    Parameters
    ----------
    further
        Gives more reasons for which a row cannot be, each with a mask (n,), from the typed rows.

    Raises
    ------
    ContractBroken
        If a declared column is missing or is not of its kind, all such faults listed.
    """
    wanted = schema.required(contract)
    typed, unread = _typed(raw, wanted, where, strict=contract == "history")
    reasons = {**unread, **impossible(typed, wanted)}
    reasons |= {why: mask for why, mask in (further(typed) if further else {}).items() if mask.any()}
    bad = np.logical_or.reduce(list(reasons.values())) if reasons else np.zeros(len(typed), dtype=bool)
    shown = typed if contract == "history" else _as_they_came(raw, wanted)
    quarantine = shown.loc[bad].assign(reason=pd.array(_reasons(reasons, bad), dtype="str"))
    return Sifted(finish(typed.loc[~bad], wanted), quarantine, ~np.asarray(bad), tuple(reasons))


def _typed(
    raw: pd.DataFrame, wanted: Iterable[Column], where: str, strict: bool
) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """The wanted columns as their kinds, and reasons with the rows (n,) in which a value is none.

    ContractBroken with every column that is missing or is not of its kind: in any row if ``strict``, in all
    of them else.
    """
    faults, columns, unread = {}, {}, {}
    for column in wanted:
        if column.name in raw:
            reading = read_as(raw.loc[:, column.name].reset_index(drop=True), column.kind)
            columns[column.name] = reading.values
            if reading.fault and (strict or reading.unread.all()):
                faults[column.name] = f"{where}: column '{column.name}' is not {column.kind}: {reading.fault}"
            elif reading.fault:
                unread[f"{column.name} is not {column.kind}"] = reading.unread
    typed = pd.DataFrame(columns)
    try:
        check_structure(typed, wanted, where)
    except ContractBroken as broken:
        for fault in broken.faults:
            faults.setdefault(fault.split("'")[1], fault)
    if faults:
        raise ContractBroken(*faults.values())
    return typed, unread


def _as_they_came(raw: pd.DataFrame, wanted: Iterable[Column]) -> pd.DataFrame:
    """The wanted columns as text, whatever was in them."""
    return pd.DataFrame({column.name: raw[column.name].astype("str") for column in wanted}).reset_index(
        drop=True
    )


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
