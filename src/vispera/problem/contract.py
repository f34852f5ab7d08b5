"""The data contract of a table: what a problem declares, checked whole, all faults at once.

A missing column or a wrong type stops. A row that cannot be is set aside with its reasons and counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vispera.errors import ContractBroken
from vispera.lazy import pandas as pd
from vispera.schema import Column

PANDERA_TYPES = {"integer": "Int64", "number": "float64", "flag": "boolean", "date": "datetime64[s]"}


CANCELLED_AFTER_ARRIVAL = "cancelled after arrival"
"""Reason that the leakage gate asks for by name: in more than a few rows it means wrong dates."""


def check_structure(rows: pd.DataFrame, columns: Iterable[Column], where: str) -> None:
    """Nothing, if every column is there and has its type; ContractBroken with all faults else."""
    import pandera.pandas as pa
    from pandera.errors import SchemaErrors

    declared = pa.DataFrameSchema(
        {c.name: pa.Column(PANDERA_TYPES.get(c.kind), nullable=True) for c in columns}, strict=False
    )
    try:
        declared.validate(rows, lazy=True)
    except SchemaErrors as broken:
        raise ContractBroken(*_lines(broken.failure_cases, rows, where)) from None


def _lines(cases: pd.DataFrame, rows: pd.DataFrame, where: str) -> list[str]:
    """One line for each structural fault that pandera found."""
    lines = []
    for case in cases.to_dict("records"):
        found = case["failure_case"]
        if case["check"] == "column_in_dataframe":
            present = ", ".join(map(str, rows.columns[:8]))
            lines.append(f"{where}: column '{found}' is missing; the table begins with {present}")
        else:
            lines.append(f"{where}: column '{case['column']}' holds {found}, wanted {case['check']}")
    return sorted(set(lines))


def impossible(rows: pd.DataFrame, columns: Iterable[Column]) -> Mapping[str, pd.Series]:
    """Reasons for which a row cannot be, each with a mask (n,) of the rows that it hits."""
    booked, arrival = rows.loc[:, "booking_date"], rows.loc[:, "arrival_date"]
    reasons: dict[str, pd.Series] = {"arrival before booking": arrival < booked}
    if "outcome_date" in rows:
        outcome, cancelled = rows.loc[:, "outcome_date"], rows.loc[:, "cancelled"]
        reasons |= {
            "outcome before booking": outcome < booked,
            CANCELLED_AFTER_ARRIVAL: cancelled.eq(True) & (outcome > arrival),
            "outcome without its date": cancelled.notna() & outcome.isna(),
        }
    for column in columns:
        reasons.update(_impossible_values(rows.loc[:, column.name], column))
    return {reason: mask.fillna(False).astype(bool) for reason, mask in reasons.items() if mask.any()}


def _impossible_values(values: pd.Series, column: Column) -> dict[str, pd.Series]:
    """Missing and out-of-range values of one column, as reasons."""
    reasons = {}
    if not column.nullable:
        reasons[f"{column.name} missing"] = values.isna()
    if column.least is not None:
        reasons[f"{column.name} below {column.least:g}"] = values < column.least
    if column.most is not None:
        reasons[f"{column.name} above {column.most:g}"] = values > column.most
    return reasons
