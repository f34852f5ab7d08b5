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

    @property
    def success(self) -> float:
        """Probability that a call to somebody who would cancel later frees the room now."""
        return self.reached * self.persuaded


@dataclass(frozen=True)
class Worth:
    """Columns from which the worth of a booking follows: price x nights x margin.

    ``price`` is EUR a night, a column that is known once the outcome is; what a booking will have paid is
    therefore unknown on the night, and stands as the median of the stays that had matured, by the columns
    ``by`` and the month of arrival. ``nights`` is the length of the stay.
    """

    price: str
    nights: str
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision:
    """The decision, its scope, and what would end it.

    ``do_not_call`` names the column that flags bookings nobody may call, where there is one;
    ``own_rule`` is the hotel's own rule as an expression of permitted columns; ``data_sources`` tells
    each source and when it is known, absent ones included; ``ceiling`` is the ROC AUC above which a
    leak is to be looked for; ``slices`` are the columns by which results may be broken down.
    """

    question: Text = field(default_factory=dict)
    action: Text = field(default_factory=dict)
    horizon_days: int | None = None
    capacity: int | None = None
    costs: Costs | None = None
    worth: Worth | None = None
    do_not_call: str | None = None
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
        optional = ("do_not_call",)
        return tuple(
            f.name for f in fields(self) if f.name not in optional and getattr(self, f.name) in (None, (), {})
        )
