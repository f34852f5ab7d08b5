"""What a problem declares of its table: each column's kind, when it is known, and how time is cut."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from vispera.errors import UsageError, nearest

Known = Literal["booking", "mutable", "check_in", "outcome"]
"""When a column's value is known.

``booking``: from the booking date on, and it never changes. ``mutable``: the table holds the last
value only, so it is known once the outcome is. ``check_in``: written on arrival. ``outcome``: known
on the outcome date.
"""
Kind = Literal["category", "integer", "number", "flag", "date", "identifier"]

Contract = Literal["history", "open_book"]
"""What a table must hold: bookings with their outcomes, or a nightly extract of open ones, without."""

KEY_COLUMNS: dict[str, tuple[Known, Kind]] = {
    "booking_date": ("booking", "date"),
    "arrival_date": ("booking", "date"),
    "outcome_date": ("outcome", "date"),
    "cancelled": ("outcome", "flag"),
}
"""Columns that every canonical table has; a problem maps its own names to them."""


@dataclass(frozen=True)
class Column:
    """One column of a canonical table; ``least`` and ``most`` bound its possible values."""

    name: str
    known: Known
    kind: Kind
    nullable: bool = False
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True)
class SourceColumns:
    """A further source: rows that became known at ``known_at``, joined on ``key`` (None: to all).

    ``about`` is the date that a row speaks of: of rows that became known on one day the latest counts.
    """

    known_at: str
    columns: tuple[str, ...]
    key: str | None = None
    about: str | None = None


@dataclass(frozen=True)
class Schema:
    """Columns of a table by when they are known and of what kind, and what follows from them.

    Parameters
    ----------
    columns
        ``{known: {kind: [names]}}``.
    unit
        Columns whose equal values make rows one call.
    exclude
        Values by column that take a row out of the population (it is still history).
    features
        Booking columns that models may use; None: all of known kinds.
    entities
        Columns by which point-in-time rates and counts are worth making.
    nullable, limits
        Columns that may be missing; least and most possible value by column.
    closed
        Categories of which every value is known in advance: a nightly extract with another is broken there.
    sources
        Further sources by name.
    """

    columns: Mapping[Known, Mapping[Kind, tuple[str, ...]]]
    unit: tuple[str, ...]
    exclude: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    features: tuple[str, ...] | None = None
    entities: tuple[str, ...] = ()
    nullable: tuple[str, ...] = ()
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    closed: tuple[str, ...] = ()
    sources: Mapping[str, SourceColumns] = field(default_factory=dict)

    def __post_init__(self):
        named = {column.name for column in self.all}
        mentioned = {
            "unit": self.unit,
            "exclude": tuple(self.exclude),
            "features": self.features or (),
            "entities": self.entities,
            "nullable": self.nullable,
            "limits": tuple(self.limits),
            "closed": self.closed,
        }
        faults = [
            f"the problem's {where} names '{name}', which its columns do not declare; {nearest(name, named)}"
            for where, names in mentioned.items()
            for name in names
            if name not in named
        ]
        faults += [
            f"column '{name}' must be declared as {known} and {kind}"
            for name, (known, kind) in KEY_COLUMNS.items()
            if not any(c.name == name and c.known == known and c.kind == kind for c in self.all)
        ]
        if faults:
            raise UsageError(*faults)

    @property
    def all(self) -> tuple[Column, ...]:
        """Every declared column, in the order of declaration."""
        return tuple(
            Column(name, known, kind, name in self.nullable, *self.limits.get(name, (None, None)))
            for known, kinds in self.columns.items()
            for kind, names in kinds.items()
            for name in names
        )

    def required(self, contract: Contract) -> tuple[Column, ...]:
        """Columns that a table of a contract has: all, or those that a list may look at."""
        return tuple(c for c in self.all if contract == "history" or c.known == "booking")

    def column(self, name: str) -> Column:
        """Declaration of one column; UsageError with the nearest name if there is none."""
        found = {column.name: column for column in self.all}
        if name not in found:
            raise UsageError(f"the problem declares no column '{name}'; {nearest(name, found)}")
        return found[name]

    def known(self, *known: Known) -> tuple[str, ...]:
        """Names of the columns that are known at these moments."""
        return tuple(column.name for column in self.all if column.known in known)

    def of_kind(self, kind: Kind, among: Iterable[str]) -> tuple[str, ...]:
        """Those of the names that are of a kind."""
        return tuple(name for name in among if self.column(name).kind == kind)

    @property
    def permitted(self) -> tuple[str, ...]:
        """Booking facts that may be features."""
        if self.features is not None:
            return self.features
        usable = ("category", "integer", "number", "flag")
        return tuple(c.name for c in self.all if c.known == "booking" and c.kind in usable)


@dataclass(frozen=True, kw_only=True)
class SplitSettings:
    """How a problem is split.

    ``rolling``: windows of ``nights`` scoring nights, back to back; the last is the test window and ends
    ``horizon_days`` before the last arrival, the ``tuning`` before it are for tuning. ``test_first`` and
    ``test_last`` move the test window. ``random``: whole units at random, which lets a model learn from
    the future; it must be asked for, and the record says so.
    """

    kind: Literal["rolling", "random"] = "rolling"
    nights: int = 63
    tuning: int = 4
    horizon_days: int = 14
    test_first: date | None = None
    test_last: date | None = None
    seed: int = 0

    def __post_init__(self):
        if min(self.nights, self.tuning, self.horizon_days) < 1:
            raise UsageError("problem.split: nights, tuning and horizon_days must be 1 or more")
