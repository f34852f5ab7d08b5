"""A condition on booking columns, such as the hotel's own rule, read and held against a frame.

``lead_time > 60 and market_segment == 'Online TA'``: comparisons, also chained, ``in`` with a list of
constants, ``and``, ``or``, ``not``, parentheses, and between numbers ``+``, ``-`` and ``*``. The text is
parsed as Python and walked; nothing of it is ever run. A flag stands alone or against true and false, a date
is compared with a text such as '2017-01-01'. A comparison with a missing value is False, ``!=`` and
``not in`` too; ``not`` turns whatever stands behind it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from vispera.decision import Decision
from vispera.expression import grammar, likeness, value
from vispera.expression.likeness import SORTS
from vispera.lazy import pandas as pd
from vispera.schema import Kind, Schema


@dataclass(frozen=True)
class Expression:
    """A condition that has been read; ``text`` is what was typed.

    >>> rule = Expression.read("nights > 2 and hotel in ['City', 'Spa']", ["hotel", "nights"])
    >>> rule.columns
    ('hotel', 'nights')
    >>> rule.holds(pd.DataFrame({"hotel": ["City", "City", "Resort"], "nights": [3, 1, 9]})).tolist()
    [True, False, False]
    """

    text: str
    tree: ast.expr = field(repr=False, compare=False)

    @classmethod
    def read(cls, text: str, allowed: Iterable[str], late: Mapping[str, str] | None = None) -> Expression:
        """The condition that a text says; UsageError with one line for each fault.

        ``late`` tells of columns that may not be named since they are known too late, and when that is.
        """
        return cls(text, grammar.read(text, frozenset(allowed), late or {}))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that it needs, sorted."""
        names = {node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name)}
        return tuple(sorted(names - set(grammar.WORDS)))

    def check(self, kinds: Mapping[str, Kind]) -> None:
        """Nothing, if columns of these kinds can be compared as it says; UsageError else."""
        likeness.check(self.tree, {name: SORTS[kinds[name]] for name in self.columns})

    def holds(self, frame: pd.DataFrame) -> np.ndarray:
        """True where the condition holds, (n,) bool; UsageError if it compares what cannot be."""
        columns = {name: frame.loc[:, name] for name in self.columns}
        likeness.check(self.tree, {name: value.sort_of(column) for name, column in columns.items()})
        return np.array(np.broadcast_to(value.true(self.tree, columns), len(frame)), dtype=bool)

    def unknown_levels(self, frame: pd.DataFrame) -> dict[str, tuple[str, ...]]:
        """Texts by column that it compares with and that are no level there: misspelt, or not yet seen."""
        told: dict[str, dict[str, None]] = {}
        for name, text in likeness.texts_by_column(self.tree):
            column = frame.loc[:, name]
            if value.sort_of(column) == "text" and text not in value.levels(column):
                told.setdefault(name, {})[text] = None
        return {name: tuple(texts) for name, texts in told.items()}


def own_rule(decision: Decision, schema: Schema) -> Expression | None:
    """The hotel's own rule over the columns that are known at booking; None where a problem declares none.

    Raises
    ------
    UsageError
        If it cannot be read, names a column that is unknown or known too late, or compares unlike things.
    """
    if decision.own_rule is None:
        return None
    late = {c.name: c.known.replace("_", "-") for c in schema.all if c.known != "booking"}
    rule = Expression.read(decision.own_rule, schema.known("booking"), late)
    rule.check({column.name: column.kind for column in schema.all})
    return rule
