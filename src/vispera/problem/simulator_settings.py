"""What can be asked of the simulator, refused before any work where it makes no sense."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vispera.clock import day, iso
from vispera.errors import UsageError, nearest
from vispera.problem.simulator_law import DRIFTS, TRUTHS
from vispera.problem.simulator_leaks import LEAKS
from vispera.problem.simulator_sources import SOURCES


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What to simulate; the same settings give the same bytes on one platform.

    Parameters
    ----------
    seed
        0 or more.
    rows
        Bookings in the table, 1,000 to 2,000,000; the hotels' capacities follow from it.
    months
        Months of arrivals from ``start`` (an ISO date) on, 6 to 60.
    sources
        Which of the sources are delivered. The world is the same without them: they are only not seen.
    truth
        Which law holds, see `simulator_law`.
    drift_date, drift_kind
        Day from which something changes, and what: ``prior`` all hazards times 1.8, ``concept`` the
        risky becomes safe and the safe risky at equal mean hazard, ``feature`` another mix of
        bookings under the same law (arrivals from that day), ``data_bug`` bookings made from that day are
        written down without agent and with segment Undefined.
    leak
        One of ``simulator_leaks.LEAKS``, or None for a clean table.
    call_prevents, call_destroys
        What a call does if ``Simulation.after_calls`` is used: the share of later cancellations and
        no-shows that it prevents, and the share of stays that it talks out.
    do_not_call
        Share of guests who are not to be called.

    Raises
    ------
    UsageError
        All faults at once, each one line with the nearest right name.
    """

    seed: int = 0
    rows: int = 40_000
    months: int = 26
    start: str = "2015-07-01"
    sources: tuple[str, ...] = SOURCES
    truth: str = "default"
    drift_date: str | None = None
    drift_kind: str | None = None
    leak: str | None = None
    call_prevents: float = 0.35
    call_destroys: float = 0.01
    do_not_call: float = 0.03

    def __post_init__(self):
        object.__setattr__(self, "sources", tuple(self.sources))
        faults = [
            f"{name} {value} is outside of {least} to {most}"
            for name, value, least, most in (
                ("seed", self.seed, 0, 2**32 - 1),
                ("rows", self.rows, 1_000, 2_000_000),
                ("months", self.months, 6, 60),
                ("call_prevents", self.call_prevents, 0, 1),
                ("call_destroys", self.call_destroys, 0, 1),
                ("do_not_call", self.do_not_call, 0, 1),
            )
            if not least <= value <= most
        ]
        faults += [
            f"no source '{name}'; {nearest(name, SOURCES)}" for name in self.sources if name not in SOURCES
        ]
        if self.truth not in TRUTHS:
            faults.append(f"no truth '{self.truth}'; {nearest(self.truth, TRUTHS)}")
        faults += self._date_faults()
        if self.leak is not None and self.leak not in LEAKS:
            faults.append(f"no leak '{self.leak}'; {nearest(self.leak, LEAKS)}")
        elif self.leak is not None and LEAKS[self.leak].source not in (None, *self.sources):
            faults.append(f"leak '{self.leak}' needs the source '{LEAKS[self.leak].source}' in sources")
        if faults:
            raise UsageError(*faults)

    def _date_faults(self) -> list[str]:
        faults = []
        for name in ("start", "drift_date"):
            value = getattr(self, name)
            try:
                if value is not None:
                    day(value)
            except (TypeError, ValueError):
                faults.append(f"{name} '{value}' is not a date like 2016-09-01")
        if (self.drift_date is None) != (self.drift_kind is None):
            faults.append("drift needs both date and kind")
        if self.drift_kind is not None and self.drift_kind not in DRIFTS:
            faults.append(f"no drift.kind '{self.drift_kind}'; {nearest(self.drift_kind, DRIFTS)}")
        if self.drift_kind == "concept" and self.truth == "noise":
            faults.append("drift.kind=concept has nothing to change under truth=noise; use prior")
        if not faults and self.drift_date and not self.first < day(self.drift_date) <= self.last:
            faults.append(
                f"drift.date {self.drift_date} is outside of {iso(self.first + 1)} to {iso(self.last)}"
            )
        return faults

    @property
    def first(self) -> int:
        """Day number of the first arrival."""
        return day(self.start)

    @property
    def last(self) -> int:
        """Day number of the last arrival."""
        start = np.datetime64(self.start, "D")
        month = start.astype("datetime64[M]")
        end = (month + self.months).astype("datetime64[D]") + (start - month.astype("datetime64[D]"))
        return int(end.astype(np.int64)) - 1
