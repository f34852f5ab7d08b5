"""What a problem declares of the decision that a score would serve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from vispera.schema import Column, Kind, Schema

Text = Mapping[str, str]
"""One text by language: ``{"es": ..., "en": ...}``."""

NUMBERS: tuple[Kind, ...] = ("integer", "number")


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

    def faults(self, where: str) -> list[str]:
        """A line for each assumption that cannot be; ``where`` is what they are typed under."""
        shares = ("reached", "persuaded", "talked_out", "margin", "resale_ceiling")
        told = [
            f"{where}.{name}={getattr(self, name):g}: wanted a share from 0 to 1, such as 0.5"
            for name in shares
            if not 0.0 <= getattr(self, name) <= 1.0
        ]
        if not 0.0 <= self.call < float("inf"):
            told.append(f"{where}.call={self.call:g}: wanted EUR, 0 or more, such as 3")
        if not 0.0 < self.resale_days < float("inf"):
            told.append(f"{where}.resale_days={self.resale_days:g}: wanted more than 0 days, such as 5")
        return told


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

    ``do_not_call`` names the column that flags bookings nobody may call, where there is one, ``guest`` the
    one that names the guest, who stands in lists under a pseudonym alone;
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
    guest: str | None = None
    success_rule: Text = field(default_factory=dict)
    kill_rule: Text = field(default_factory=dict)
    stakeholders: tuple[str, ...] = ()
    own_rule: str | None = None
    data_sources: Mapping[str, Text] = field(default_factory=dict)
    ceiling: float | None = None
    slices: tuple[str, ...] = ()

    def faults(self, schema: Schema) -> list[str]:
        """A line for each thing that no list can be made by, of those that are decided.

        What decides about a night's list must be known on booking: a room that is assigned on arrival, or a
        flag that is raised with the outcome, would tell the list how the night ended.
        """
        told = self.costs.faults("problem.decision.costs") if self.costs else []
        if self.capacity is not None and self.capacity < 1:
            told.append(f"problem.decision.capacity={self.capacity}: wanted 1 call a night or more")
        if self.do_not_call:
            told += _amiss("do_not_call", schema.column(self.do_not_call), ("flag",))
        if self.guest:
            told += _amiss("guest", schema.column(self.guest), ("identifier",))
        if self.worth:
            told += _amiss("worth.price", schema.column(self.worth.price), NUMBERS, late=True)
            told += _amiss("worth.nights", schema.column(self.worth.nights), NUMBERS)
            for name in self.worth.by:
                told += _amiss("worth.by", schema.column(name))
        return told

    def lacking(self, schema: Schema) -> list[str]:
        """A line for each thing that a list needs to know and nobody has decided, or said amiss."""
        told = [
            f"problem.decision.{name} has no value, and without it a call is worth nothing; type it, or "
            "write it into the problem's YAML as conf/problem/shared/bookings.yaml does"
            for name in ("costs", "capacity", "worth")
            if getattr(self, name) is None
        ]
        return told + self.faults(schema)

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the decision fields that nobody has filled in yet."""
        optional = ("do_not_call", "guest")
        return tuple(
            f.name for f in fields(self) if f.name not in optional and _unfilled(getattr(self, f.name))
        )


def _unfilled(value: object) -> bool:
    """True for nothing at all, and for texts that are empty in every language."""
    if isinstance(value, Mapping):
        return all(_unfilled(one) for one in value.values())
    return value in (None, ()) or (isinstance(value, str) and not value.strip())


def _amiss(where: str, column: Column, kinds: tuple[Kind, ...] = (), late: bool = False) -> list[str]:
    """What is wrong with a column that a list is made by; ``late`` if it need not be known on booking."""
    said = f"problem.decision.{where}: '{column.name}' is"
    if column.known != "booking" and not late:
        return [
            f"{said} declared as {column.known}, so the list of a night cannot know it; "
            "name a column that is known on booking"
        ]
    if kinds and column.kind not in kinds:
        return [f"{said} a {column.kind}; wanted {' or '.join(kinds)}"]
    return []
