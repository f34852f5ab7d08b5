"""The usable bookings of a nightly extract, batch by batch, and the others apart with their reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vispera.clock import iso
from vispera.errors import ContractBroken
from vispera.lazy import pandas as pd
from vispera.problem import Problem
from vispera.problem.canonical import NONE, sift
from vispera.problem.extract import Extract, batches, sources_of
from vispera.table import Table
from vispera.tonight.scoring import Scoring

BATCH = 50_000
"""Rows that are read, built and scored at once: memory goes with them, not with the extract."""


FOREVER = 1_000_000
"""More days than any two nights lie apart."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """When an extract as a whole is refused.

    Attributes
    ----------
    set_aside
        Greatest share of its rows that may be set aside.
    newest_days
        Days before the night within which its newest booking was made: an old extract under a new name is
        seen by this. None: not asked.
    """

    set_aside: float = 0.05
    newest_days: int | None = 3


@dataclass(frozen=True)
class Batch:
    """Usable bookings, and the place of each in the extract, (n,) int32.

    ``remember`` takes positions of bookings (k,) whose rows will probably be asked for again.
    """

    table: Table
    place: np.ndarray
    remember: Callable[[np.ndarray], None]


class Intake:
    """Reads an extract, once or again, and keeps count of what it sets aside.

    ``quarantine`` holds the rows set aside, as they came, with a column ``reason``; ``read`` all that were
    read; ``newest`` the last day on which one of the usable was made.
    """

    def __init__(self, problem: Problem, extract: Extract, scoring: Scoring | None, night: int):
        self.problem, self.extract, self.night = problem, extract, night
        self.spoken = dict(scoring.levels) if scoring else {}
        self.sources = sources_of(problem, extract, night)
        self.quarantine: list[pd.DataFrame] = []
        self._remembered: list[pd.DataFrame] = []
        self.read = 0
        self.newest: int | None = None

    def batches(self, rows: int = BATCH) -> Iterator[Batch]:
        """Every batch in turn; ContractBroken if a column is missing or holds nothing of its kind."""
        for raw in batches(self.extract.bookings, rows):
            table, good, apart = self._sifted(raw)
            start, self.read = self.read, self.read + len(raw)
            if not start:
                self._remembered.append(raw.iloc[[]])  # its columns, where nothing is asked for
            self.quarantine.append(apart)
            if len(table):
                newest = int(table.booked.max())
                self.newest = newest if self.newest is None else max(newest, self.newest)
            yield Batch(table, (start + good).astype(np.int32), self._remember(raw, good, start))

    def again(self, wanted: np.ndarray, rows: int = BATCH) -> Table:
        """The bookings at places of the extract (k,), in their order, as one table.

        Those that were not remembered are read from the file once more.
        """
        known = pd.concat(self._remembered)
        if not np.isin(wanted, known.index).all():
            known = pd.concat(self._from_file(wanted, rows))
        return self._sifted(known.loc[np.sort(wanted)].reset_index(drop=True))[0]

    def _from_file(self, wanted: np.ndarray, rows: int) -> Iterator[pd.DataFrame]:
        start = 0
        for raw in batches(self.extract.bookings, rows):
            raw.index = pd.RangeIndex(start, start + len(raw))
            start += len(raw)
            yield raw.loc[np.isin(raw.index, wanted)]

    def _remember(self, raw: pd.DataFrame, good: np.ndarray, start: int) -> Callable[[np.ndarray], None]:
        def remember(position: np.ndarray) -> None:
            place = np.sort(good[position])
            self._remembered.append(raw.iloc[place].set_axis(start + place))

        return remember

    def check(self, limits: Limits) -> None:
        """Nothing, if what was read can be tonight's extract; ContractBroken else."""
        apart, where, told = self.set_aside, self.extract.bookings.name, []
        if self.read == 0:
            told.append(f"{where}: there is no booking in it")
        elif apart > limits.set_aside * self.read:
            reasons = ", ".join(f"{reason}: {count:,}" for reason, count in self.reasons.items())
            told.append(
                f"{where}: {apart:,} of {self.read:,} bookings cannot be used ({reasons}); at most "
                f"{limits.set_aside:.0%} may; mend the extract, or type limits.set_aside=0.2"
            )
        elif self.newest is not None and self.newest < self.night - (limits.newest_days or FOREVER):
            told.append(
                f"{where}: its newest booking is of {iso(self.newest)}, more than {limits.newest_days} days "
                f"before {iso(self.night)}: is it the extract of another night? if not, type "
                "limits.newest_days=null"
            )
        if told:
            raise ContractBroken(*told)

    @property
    def set_aside(self) -> int:
        """Rows that were set aside."""
        return sum(map(len, self.quarantine))

    @property
    def reasons(self) -> dict[str, int]:
        """Rows set aside by reason; a row with two reasons counts for each."""
        whole = pd.concat(
            [frame["reason"] for frame in self.quarantine if len(frame)] or [pd.Series(dtype=str)]
        )
        counts = whole.str.split("; ").explode().value_counts()
        return {str(reason): int(count) for reason, count in counts.sort_index().items()}

    def _sifted(self, raw: pd.DataFrame) -> tuple[Table, np.ndarray, pd.DataFrame]:
        """Usable bookings, their places among the raw rows (n,), and the rows set apart."""
        where, schema = self.extract.bookings.name, self.problem.schema
        named = self.problem.open_book(raw)
        sifted = sift(named, schema, where, "open_book", self._not_tonight)
        undecided = {"outcome_date": np.datetime64("NaT", "s"), "cancelled": pd.NA}
        rows = sifted.rows.assign(**undecided).astype({"cancelled": "boolean"})
        table = Table(rows, schema, self.problem.name, "", self.sources)
        return table, np.flatnonzero(sifted.good), sifted.quarantine

    def _not_tonight(self, typed: pd.DataFrame) -> Mapping[str, pd.Series]:
        """Why a booking cannot be open on the night, or is of what nobody knows."""
        night = pd.Timestamp(self.night, unit="D")
        reasons: dict[str, pd.Series] = {
            f"booked after {iso(self.night)}": typed.loc[:, "booking_date"] > night,
            f"arrived by {iso(self.night)}": typed.loc[:, "arrival_date"] <= night,
        }
        for name in self.problem.schema.closed:
            if name in self.spoken:
                known = typed.loc[:, name].isin([*self.spoken[name], NONE]) | typed.loc[:, name].isna()
                reasons[f"{name} unknown to the model"] = ~known
        return reasons


def quarantined(frames: Sequence[pd.DataFrame]) -> bytes:
    """Rows set aside as CSV, in an order that follows from their content; the header alone if none were."""
    whole = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame({"reason": []})
    return whole.sort_values(list(whole)).to_csv(index=False, lineterminator="\r\n").encode()
