"""The embedded problem: simulated bookings with a known truth, in the shape of the real table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

from vispera.lazy import pandas as pd
from vispera.problem import Problem
from vispera.problem.hotel_form import booking_facts, oddities, to_canonical_names
from vispera.problem.simulator import LEAKS, Settings, simulate, write_truth
from vispera.problem.store import Raw, load_canonical
from vispera.schema import Kind, Known, Schema
from vispera.table import Table


@dataclass(frozen=True, kw_only=True)
class Simulated(Problem):
    """``settings`` are those of the simulator. SIMULATED stands on everything that comes of it.

    The schema follows the settings: sources that are left out are not declared, and a planted leak is
    declared as wrongly as a careless problem would.
    """

    settings: Settings = field(default_factory=Settings)
    simulated: bool = True

    def __post_init__(self):
        delivered = {name: self.schema.sources[name] for name in self.settings.sources}
        schema = replace(self.schema, sources=delivered)
        if self.settings.leak:
            schema = deceived(schema, LEAKS[self.settings.leak].planted)
        object.__setattr__(self, "schema", schema)

    def open_book(self, raw: pd.DataFrame) -> pd.DataFrame:
        """Rows of a nightly extract of the simulated hotels' system, under the declared names."""
        return booking_facts(raw)

    def load(self) -> Table:
        """Canonical bookings and further sources; the truth lies beside them, where no feature can reach."""
        return load_canonical(self, asdict(self.settings), self._raw)

    def _raw(self) -> Raw:
        simulation = simulate(self.settings)
        bookings = to_canonical_names(simulation.bookings)
        sources = simulation.sources
        return Raw(
            bookings, sources, oddities(bookings), beside=lambda folder: write_truth(simulation, folder)
        )


def deceived(schema: Schema, planted: Mapping[str, tuple[Known, Kind]]) -> Schema:
    """The schema with columns declared as a leak pretends, and permitted as features."""
    columns = {
        known: {kind: tuple(name for name in names if name not in planted) for kind, names in kinds.items()}
        for known, kinds in schema.columns.items()
    }
    for name, (known, kind) in planted.items():
        columns[known][kind] = (*columns[known].get(kind, ()), name)
    offered = tuple(name for name in planted if name not in schema.permitted)
    return replace(schema, columns=columns, features=(*schema.permitted, *offered))
