"""What a condition is on each row of a frame."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np

from vispera.expression.grammar import WORDS
from vispera.expression.likeness import Sort, pairs
from vispera.lazy import pandas as pd

SIGNS: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.In: operator.eq,  # any of the list
    ast.NotEq: operator.ne,
    ast.NotIn: operator.ne,  # all of the list
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}

Columns = Mapping[str, "pd.Series"]


def true(node: ast.expr, columns: Columns) -> np.ndarray:
    """Whether a part holds, bool: on each row, (n,), or () if it is the same on all; missing flags do not."""
    return np.asarray(_value(node, columns)) == 1.0


def _value(node: ast.expr, columns: Columns) -> Any:
    """Values of a part on each row, or one for all."""
    match node:
        case ast.Name(id=name) if name in columns:
            return _plain(columns[name])
        case ast.Name(id=name):
            return WORDS[name]
        case ast.Constant(value=value):
            return value
        case ast.BoolOp(op=op, values=parts):
            return _joined(isinstance(op, ast.Or), [true(part, columns) for part in parts])
        case ast.UnaryOp(op=ast.Not(), operand=part):
            return ~true(part, columns)
        case ast.UnaryOp(operand=part):
            return -_value(part, columns)
        case ast.BinOp(left=left, op=op, right=right):
            return SIGNS[type(op)](_value(left, columns), _value(right, columns))
        case ast.Compare(ops=[first, *_]):
            held = [_holds(_value(a, columns), op, _value(b, columns)) for a, op, b in pairs(node)]
            return _joined(isinstance(first, ast.In), held)
    raise TypeError(ast.dump(node))  # the grammar lets nothing else through


def _joined(any_suffices: bool, held: list[np.ndarray]) -> np.ndarray:
    return (np.logical_or if any_suffices else np.logical_and).reduce(np.broadcast_arrays(*held))


def _holds(left: Any, op: ast.cmpop, right: Any) -> np.ndarray:
    """Whether a comparison holds; with a missing value it does not, whatever the sign."""
    left, right = np.asarray(left), np.asarray(right)
    if "M" in (left.dtype.kind, right.dtype.kind):
        left, right = left.astype("datetime64[s]"), right.astype("datetime64[s]")
    elif "O" in (left.dtype.kind, right.dtype.kind):
        left, right = left.astype(object), right.astype(object)
    missing = np.asarray(pd.isna(left)) | np.asarray(pd.isna(right))
    return np.asarray(SIGNS[type(op)](left, right), dtype=bool) & ~missing


def _plain(column: pd.Series) -> np.ndarray:
    """Values of a column: float64 with nan, datetime64 with NaT, or texts with None where missing."""
    match sort_of(column):
        case "text":
            return column.astype(object).where(column.notna(), None).to_numpy()
        case "date":
            return column.to_numpy("datetime64[s]")
    return column.to_numpy(np.float64, na_value=np.nan)


def sort_of(column: pd.Series) -> Sort:
    """What a column of a frame holds."""
    types = pd.api.types
    if types.is_bool_dtype(column.dtype):
        return "condition"
    if types.is_numeric_dtype(column.dtype):
        return "number"
    return "date" if types.is_datetime64_any_dtype(column.dtype) else "text"


def levels(column: pd.Series) -> Collection[Any]:
    """Levels of a category, whether a row has them or not, or all values of other texts."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return set(column.cat.categories)
    return set(column.dropna().unique())
