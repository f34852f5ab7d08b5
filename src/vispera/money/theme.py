"""What each feature of a frame means to a person, and which of them speak of one and the same thing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vispera.errors import ContractBroken, GateRefused, nearest
from vispera.feature import FeatureSpec
from vispera.lazy import pandas as pd
from vispera.model import Explanation
from vispera.schema import Column, Schema

THEMES = {
    "lead_time": "lead_time",
    "days_since_booking": "lead_time",
    "market_segment": "channel",
    "distribution_channel": "channel",
    "adults": "party",
    "children": "party",
    "babies": "party",
    "is_repeated_guest": "guest",
    "previous_cancellations": "guest",
    "previous_bookings_not_canceled": "guest",
    "guest_history": "guest",
}
"""Theme by column or source; what is not named here is a theme of its own."""

OVERALL, ARRIVAL = "overall", "arrival_date"


@dataclass(frozen=True)
class Meaning:
    """What one feature says.

    Attributes
    ----------
    says
        What its sentence is made of: ``rate``, ``cancelled_share``, ``days_left``, ...
    theme
        What it speaks of; contributions of one theme are one reason.
    by
        Columns of the group that it counts.
    days
        Window that it looks back on; None: all that is known, or none at all.
    column
        Declaration of the booking column that it repeats, where it does.
    """

    name: str
    says: str
    theme: str
    by: tuple[str, ...] = ()
    days: int | None = None
    column: Column | None = None

    @property
    def is_share(self) -> bool:
        """True of a share of cancellations, which is high or low only beside another one."""
        return self.says in ("rate", "cancelled_share", "off_books_share")

    @property
    def beside(self) -> str | None:
        """The feature that holds the same share of all bookings together, where one does."""
        if self.says != "rate" or not self.by:
            return None
        return f"rate_{self.days}_{OVERALL}" if self.days else f"rate_{OVERALL}"


def meanings(schema: Schema, spec: FeatureSpec) -> dict[str, Meaning]:
    """Meaning of each feature that ``vispera.feature.build`` makes for a spec, by name and in its order."""
    families = {"facts": _facts, "rates": _rates, "recent": _recent, "books": _books, "sources": _sources}
    made: dict[str, Meaning] = {}
    for family, members in families.items():
        if names := spec.chosen(family, schema):
            made |= {meaning.name: meaning for meaning in members(names, schema, spec)}
    return made


def by_theme(explanation: Explanation, schema: Schema, spec: FeatureSpec) -> pd.DataFrame:
    """Contributions to the raw log-odds by theme, which with the base add up to it; (n, themes).

    Raises
    ------
    GateRefused
        If a feature was made of a column that is not yet known on the night.
    ContractBroken
        If the explanation has a feature that the spec does not make.
    """
    members = grouped(explanation, schema, spec)
    found = explanation.contributions
    summed = {theme: found[[m.name for m in same]].sum(axis=1) for theme, same in members.items()}
    return pd.DataFrame(summed, index=found.index, dtype=np.float64)


def grouped(explanation: Explanation, schema: Schema, spec: FeatureSpec) -> dict[str, list[Meaning]]:
    """Meanings of an explanation's features by theme, both in the order of the fit; raises as `by_theme`."""
    known = meanings(schema, spec)
    features = [str(name) for name in explanation.contributions.columns]
    strange = [name for name in features if name not in known]
    if strange:
        raise ContractBroken(
            *(
                f"feature '{name}' has a contribution, but the features of the run do not make it; "
                f"{nearest(name, known)}"
                for name in strange
            )
        )
    if late := [fault for name in features for fault in _late(known[name], schema)]:
        raise GateRefused(*late)
    found: dict[str, list[Meaning]] = {}
    for name in features:
        found.setdefault(known[name].theme, []).append(known[name])
    return found


def _late(meaning: Meaning, schema: Schema) -> list[str]:
    """One line for each column behind a feature that a booking does not have when it is made."""
    behind = [*meaning.by, *([meaning.column.name] if meaning.column else [])]
    return [
        f"feature '{meaning.name}' uses '{name}', which is {schema.column(name).known}: no reason is made of "
        "what is not known on the night; take it out of the model's features"
        for name in behind
        if schema.column(name).known != "booking"
    ]


def _facts(names: tuple[str, ...], schema: Schema, spec: FeatureSpec) -> Iterator[Meaning]:
    for name in ("days_left", "days_since_booking", "arrival_weekday", "booking_weekday"):
        yield Meaning(name, name, THEMES.get(name, name))
    for name in names:
        yield Meaning(name, "fact", THEMES.get(name, name), column=schema.column(name))


def _rates(names: tuple[str, ...], schema: Schema, spec: FeatureSpec) -> Iterator[Meaning]:
    for days in (None, spec.rate_days) if spec.rate_days else (None,):
        prefix = f"rate_{days}" if days else "rate"
        yield Meaning(f"{prefix}_{OVERALL}", "rate", OVERALL, days=days)
        for name in names:
            yield Meaning(f"{prefix}_{name}", "rate", THEMES.get(name, name), _parts(name), days)


def _recent(names: tuple[str, ...], schema: Schema, spec: FeatureSpec) -> Iterator[Meaning]:
    share = spec.form == "share"
    for days in spec.days:
        for name in names:
            theme, by = THEMES.get(name, name), _parts(name)
            says = "cancelled_share" if share else "cancelled_count"
            yield Meaning(f"cancelled_{days}_{name}", says, theme, by, days)
            if not share:
                yield Meaning(f"booked_{days}_{name}", "booked_count", theme, by, days)


def _books(names: tuple[str, ...], schema: Schema, spec: FeatureSpec) -> Iterator[Meaning]:
    share = spec.form == "share"
    for name in names:
        says = "off_books_share" if share else "off_books_count"
        yield Meaning(f"off_books_{name}", says, ARRIVAL, _parts(name))
        if not share:
            yield Meaning(f"on_books_{name}", "on_books_count", ARRIVAL, _parts(name))


def _sources(names: tuple[str, ...], schema: Schema, spec: FeatureSpec) -> Iterator[Meaning]:
    for source in names:
        for column in schema.sources[source].columns:
            yield Meaning(f"{source}_{column}", "number", THEMES.get(source, source))


def _parts(name: str) -> tuple[str, ...]:
    return tuple(name.split("+"))
