"""What may stand in a condition, and the one line that is said of anything else."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping

from vispera.errors import UsageError, nearest

KEY = "problem.decision.own_rule"
EXAMPLE = f"type '{KEY}=\"lead_time > 60\"'"
ALLOWED = "allowed: columns, numbers, texts in quotes, comparisons, in [...], and, or, not, + - *"
WORDS = {"true": True, "false": False}
"""Beside True and False of Python, since the rule stands in YAML."""
SIGNS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)
DEEPEST = 50
"""Levels of nesting; a rule that a hotel can say aloud has three."""


def read(text: str, allowed: frozenset[str], late: Mapping[str, str]) -> ast.expr:
    """Tree of a text in which nothing stands but what may; UsageError with one line for each fault."""
    tree = _parsed(text)
    if faults := tuple(dict.fromkeys(_faults(tree, allowed, late, 1))):
        raise UsageError(*faults)
    return tree


def _parsed(text: str) -> ast.expr:
    if not text.strip():
        raise fault("it is empty", "null: the hotel has no rule of its own")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's own, of an unknown escape in a text
            return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as refusal:
        reason = refusal.msg if isinstance(refusal, SyntaxError) else "too long or too deep"
        raise fault(f"{_short(text)} cannot be read ({reason})", ALLOWED) from None


def fault(told: str, allowed: str) -> UsageError:
    """One line: what was given, what is allowed, what to type."""
    return UsageError(_line(told, allowed))


def _line(told: str, allowed: str) -> str:
    return f"{KEY}: {told}; {allowed}; {EXAMPLE}"


def _faults(node: ast.expr, allowed: frozenset[str], late: Mapping[str, str], depth: int) -> Iterator[str]:
    """One line for each part that may not stand in a condition."""
    if depth > DEEPEST:
        yield _line("it is nested too deep", f"allowed: {DEEPEST} levels")
    elif isinstance(node, ast.Name):
        if node.id not in allowed and node.id not in WORDS:
            yield _of_column(node.id, allowed, late)
    elif (inner := parts(node)) is None:
        yield _line(f"{said(node)} may not stand in a rule", ALLOWED)
    else:
        for part in inner:
            yield from _faults(part, allowed, late, depth + 1)


def _of_column(name: str, allowed: frozenset[str], late: Mapping[str, str]) -> str:
    if name not in late:
        return _line(f"there is no column '{name}'", nearest(name, allowed))
    return _line(f"column '{name}' is not known at booking ({late[name]})", nearest("", allowed))


def parts(node: ast.expr) -> list[ast.expr] | None:
    """Parts of a part that may stand in a condition, none of a constant; None if it may not stand there."""
    match node:
        case ast.Constant(value=bool() | float() | str()):
            return []
        case ast.Constant(value=int(number)) if abs(number) < 2**63:
            return []
        case ast.BoolOp(values=joined):
            return joined
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=part):
            return [part]
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult(), left=left, right=right):
            return [left, right]
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[ast.List() | ast.Tuple() as listed]):
            return [node.left, *listed.elts] if listed.elts and all(map(_constant, listed.elts)) else None
        case ast.Compare(ops=ops) if not any(
            isinstance(op, ast.In | ast.NotIn | ast.Is | ast.IsNot) for op in ops
        ):
            return [node.left, *node.comparators]
    return None


def _constant(node: ast.expr) -> bool:
    return isinstance(node.operand if isinstance(node, ast.UnaryOp) else node, ast.Constant)


def said(node: ast.expr) -> str:
    """A part as it would be typed, in quotes."""
    try:
        return _short(ast.unparse(node))
    except RecursionError:
        return f"a chain of more than {DEEPEST} parts"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return f"'{line}'" if len(line) <= 60 else f"'{line[:57]}...'"
