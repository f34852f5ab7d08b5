"""What a problem declares of the decision that a score would serve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

Text = Mapping[str, str]
"""One text by language: ``{"es": ..., "en": ...}``."""


@dataclass(frozen=True)
class Costs:
    """Assumptions behind money, none of them measured on a real call; EUR and probabilities."""

    call: float
    reached: float
    persuaded: float
    talked_out: float
    margin: float
    resale_ceiling: float
    resale_days: float


@dataclass(frozen=True)
class Decision:
    """The decision, its scope, and what would end it.

    ``own_rule`` is the hotel's own rule as an expression of permitted columns; ``data_sources`` tells
    each source and when it is known, absent ones included; ``ceiling`` is the ROC AUC above which a
    leak is to be looked for; ``slices`` are the columns by which results may be broken down.
    """

    question: Text = field(default_factory=dict)
    action: Text = field(default_factory=dict)
    horizon_days: int | None = None
    capacity: int | None = None
    costs: Costs | None = None
    success_rule: Text = field(default_factory=dict)
    kill_rule: Text = field(default_factory=dict)
    stakeholders: tuple[str, ...] = ()
    own_rule: str | None = None
    data_sources: Mapping[str, Text] = field(default_factory=dict)
    ceiling: float | None = None
    slices: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the decision fields that nobody has filled in yet."""
        return tuple(f.name for f in fields(self) if getattr(self, f.name) in (None, (), {}))
