"""SEAM: what is to be decided, on which table.

A problem is one YAML in ``conf/problem/`` and, where a file described in YAML does not suffice, one module.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from vispera.decision import Decision
from vispera.schema import Schema

if TYPE_CHECKING:
    from vispera.table import Table


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Declarations that every problem makes; ``load`` gives its table.

    ``counts`` names row and cancellation counts that a known source must have (``{source: {...}}``).
    ``simulated`` marks everything made from it.
    """

    name: str
    schema: Schema
    decision: Decision = field(default_factory=Decision)
    cache: Path = Path("data")
    simulated: bool = False
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def load(self) -> Table:
        """Canonical table, from the cache where the source has not changed."""
        raise NotImplementedError(f"problem '{self.name}' must say how its table is loaded")
