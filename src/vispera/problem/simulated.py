"""The embedded problem: simulated bookings with a known truth, in the shape of the real table."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from vispera.problem import Problem
from vispera.problem.hotel import oddities, to_canonical_names
from vispera.problem.simulator import Settings, simulate, write_truth
from vispera.problem.store import Raw, load_canonical
from vispera.table import Table


@dataclass(frozen=True, kw_only=True)
class Simulated(Problem):
    """``settings`` are those of the simulator. SIMULATED stands on everything that comes of it."""

    settings: Settings = field(default_factory=Settings)
    simulated: bool = True

    def load(self) -> Table:
        """Canonical bookings and further sources; the truth lies beside them, where no feature can reach."""
        return load_canonical(self, asdict(self.settings), self._raw)

    def _raw(self) -> Raw:
        simulation = simulate(self.settings)
        bookings = to_canonical_names(simulation.bookings)
        sources = simulation.sources
        return Raw(bookings, sources, oddities(bookings), beside=lambda folder: write_truth(simulation, folder))
