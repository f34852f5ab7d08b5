"""Whether the parts of a condition can be held against each other: numbers, texts, dates, conditions."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Literal

from vispera.expression.grammar import WORDS, fault, said
from vispera.schema import Kind

Sort = Literal["condition", "number", "text", "date"]
SORTS: Mapping[Kind, Sort] = {
    "category": "text",
    "identifier": "text",
    "integer": "number",
    "number": "number",
    "flag": "condition",
    "date": "date",
}
ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def check(tree: ast.expr, sorts: Mapping[str, Sort]) -> None:
    """Nothing, if a tree is a condition over columns of these sorts; UsageError in one line else."""
    _all_are("condition", [tree], sorts)


def _all_are(wanted: Sort, parts: Iterable[ast.expr], sorts: Mapping[str, Sort]) -> Sort:
    for part in parts:
        if (found := _sort(part, sorts)) != wanted:
            such = "lead_time > 60" if wanted == "condition" else "lead_time"
            raise fault(f"{said(part)} is a {found}", f"wanted a {wanted} there, such as {such}")
    return wanted


def _sort(node: ast.expr, sorts: Mapping[str, Sort]) -> Sort:
    """What a part gives, itself checked."""
    match node:
        case ast.Name(id=name):
            return sorts.get(name, "condition")  # true and false are no columns
        case ast.Constant(value=value):
            return "condition" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
        case ast.BoolOp(values=parts):
            return _all_are("condition", parts, sorts)
        case ast.UnaryOp(op=ast.Not(), operand=part):
            return _all_are("condition", [part], sorts)
        case ast.UnaryOp(operand=part):
            return _all_are("number", [part], sorts)
        case ast.BinOp(left=left, right=right):
            return _all_are("number", [left, right], sorts)
        case ast.Compare():
            for left, op, right in pairs(node):
                _check_pair(left, op, right, sorts)
            return "condition"
    raise TypeError(ast.dump(node))  # the grammar lets nothing else through


def _check_pair(left: ast.expr, op: ast.cmpop, right: ast.expr, sorts: Mapping[str, Sort]) -> None:
    """Nothing, if the two can be compared in this way."""
    one, other = _sort(left, sorts), _sort(right, sorts)
    told = f"{said(left)}, a {one}, is compared with {said(right)}, a {other}"
    if "date" in (one, other):
        if not all(sort == "date" or _is_date(part) for part, sort in ((left, one), (right, other))):
            raise fault(told, "a date is compared with a date, such as '2017-01-31'")
    elif {one, other} == {"text", "number"}:
        number = right if one == "text" else left
        raise fault(told, f"a text is compared with a text, such as '{ast.unparse(number)}' in quotes")
    elif one != other and not _is_zero_or_one(left if one == "number" else right):
        raise fault(told, "a condition is compared with true or false")
    elif isinstance(op, ORDERS) and one != "number":
        raise fault(told, f"a {one} is compared with ==, != or in")


def _is_date(node: ast.expr) -> bool:
    try:
        # Python reads 20170131 and 2017-W05-2 too, numpy takes the first for a year
        return (
            isinstance(node, ast.Constant) and date.fromisoformat(str(node.value)).isoformat() == node.value
        )
    except ValueError:
        return False


def _is_zero_or_one(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value in (0, 1)


def pairs(node: ast.Compare) -> Iterator[tuple[ast.expr, ast.cmpop, ast.expr]]:
    """What is compared with what: neighbours of a chain, or one value with each constant of a list."""
    listed = node.comparators[0]
    if isinstance(listed, ast.List | ast.Tuple):
        yield from ((node.left, node.ops[0], constant) for constant in listed.elts)
    else:
        yield from zip([node.left, *node.comparators], node.ops, node.comparators, strict=False)


def texts_by_column(tree: ast.expr) -> Iterator[tuple[str, str]]:
    """Column and text wherever one is compared with the other."""
    for node in ast.walk(tree):
        for left, _, right in pairs(node) if isinstance(node, ast.Compare) else ():
            for one, other in ((left, right), (right, left)):
                match one, other:
                    case ast.Name(id=name), ast.Constant(value=str(text)) if name not in WORDS:
                        yield name, text
