"""The counts behind a model's features as small tables, so that it can score where the history is not."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from vispera.asof import Ledger, Tally
from vispera.errors import ContractBroken
from vispera.feature import FeatureSpec
from vispera.feature.books import DATE
from vispera.lazy import pandas as pd
from vispera.table import Table

OVERALL = "overall"
"""Name of the table that counts all bookings together."""


def tables(ledger: Ledger, spec: FeatureSpec, night: int) -> dict[str, pd.DataFrame]:
    """By group of the spec's rates and counts, what was known at the close of a night.

    Each frame has one row a group: the group's columns, ``matured`` and ``matured_cancelled`` (whole counts,
    of which rates are made; with ``_<days>`` those of the last days), and for each window ``booked_<days>``
    and ``cancelled_<days>``. The table ``overall`` is the same for all bookings together. Those by arrival
    date hold ``booked`` and ``cancelled`` of each date within the horizon of the night.
    """
    schema = ledger.table.schema
    made = {}
    if names := {*spec.chosen("rates", schema), *spec.chosen("recent", schema)}:
        made |= {by: _counts(ledger, by, spec, night) for by in [(), *map(_columns, sorted(names))]}
    if names := spec.chosen("books", schema):
        dated = [(DATE, *by) for by in [(), *map(_columns, sorted(names))]]
        made |= {by: _booked(ledger, by, night) for by in dated}
    return {name_of(by): frame for by, frame in made.items()}


def name_of(by: tuple[str, ...]) -> str:
    """What the table of a group is called.

    >>> name_of(()), name_of(("hotel", "agent"))
    ('overall', 'hotel-and-agent')
    """
    return "-and-".join(by) or OVERALL


class KeptLedger(Ledger):
    """A ledger of tonight's bookings that answers from the tables of an artefact, as of the night they hold.

    Parameters
    ----------
    table
        Tonight's bookings; nothing is counted in it.
    kept, until
        The artefact's tables by name, and the day number of what they knew.
    """

    def __init__(self, table: Table, horizon_days: int, kept: Mapping[str, pd.DataFrame], until: int):
        super().__init__(table, horizon_days)
        self._kept = kept
        self.known = lambda night: np.full_like(night, until)

    def _group(self, by: tuple[str, ...]) -> np.ndarray:
        """Row of each booking's group in its table, (n,) int64; -1 for one that nobody had seen."""
        return found_in(self._frame(by), self.table.rows, by)

    def _tally(self, event: str, by: tuple[str, ...]) -> Tally:
        return KeptTally(self._frame(by), event.removesuffix("_soon"))

    def _frame(self, by: tuple[str, ...]) -> pd.DataFrame:
        try:
            return self._kept[name_of(by)]
        except KeyError:
            raise ContractBroken(
                f"the model's artefact keeps no table '{name_of(by)}', which its features need; train it anew"
            ) from None


class KeptTally(Tally):
    """The counts of one event in a kept table; they are of one night, whatever night is asked about."""

    def __init__(self, frame: pd.DataFrame, event: str):
        self._frame, self._event = frame, event

    def until(self, group: np.ndarray, night: np.ndarray) -> np.ndarray:
        """Events of each group, (n,) int64, none in one that nobody had seen."""
        return self._of(self._event, group)

    def within(self, group: np.ndarray, night: np.ndarray, window_days: int) -> np.ndarray:
        """The same, of the last days."""
        return self._of(f"{self._event}_{window_days}", group)

    def _of(self, column: str, group: np.ndarray) -> np.ndarray:
        if column not in self._frame:
            raise ContractBroken(f"the model's artefact keeps no counts '{column}'; train it anew")
        return np.append(self._frame[column].to_numpy(np.int64), 0)[group]


def found_in(kept: pd.DataFrame, rows: pd.DataFrame, by: tuple[str, ...]) -> np.ndarray:
    """Row of a kept table that holds the group of each row, (n,) int64; -1 where there is none."""
    if not by:
        return np.zeros(len(rows), dtype=np.int64)
    code = rows.groupby(list(by), observed=True, dropna=False, sort=False).ngroup().to_numpy()
    _, first = np.unique(code, return_index=True)
    asked = as_text(rows.iloc[first], by)
    there = pd.Series(np.arange(len(kept)), index=_keys(kept, by))
    return there.reindex(_keys(asked, by), fill_value=-1).to_numpy(np.int64)[code]


def as_text(rows: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    """Columns of groups as they are kept: equal values have equal texts, whatever else is in the frame."""
    told = {name: rows[name].reset_index(drop=True) for name in by}
    if DATE in told:
        told[DATE] = told[DATE].dt.strftime("%Y-%m-%d")
    return pd.DataFrame(told, index=pd.RangeIndex(len(rows))).astype("str")


def _columns(name: str) -> tuple[str, ...]:
    return tuple(name.split("+"))


def _counts(ledger: Ledger, by: tuple[str, ...], spec: FeatureSpec, night: int) -> pd.DataFrame:
    rows, asked, nights = _groups(ledger, by, night, ledger.table.booked <= night)
    counts = {}
    for event in ("matured", "matured_cancelled"):
        counts[event] = ledger.tally(event, by).until(asked, nights)
        if spec.rate_days:
            counts[f"{event}_{spec.rate_days}"] = ledger.tally(event, by).within(
                asked, nights, spec.rate_days
            )
    for window in spec.days:
        for event in ("booked", "cancelled"):
            counts[f"{event}_{window}"] = ledger.tally(f"{event}_soon", by).within(asked, nights, window)
    return rows.assign(**counts).sort_values(list(by) or ["matured"], ignore_index=True)


def _booked(ledger: Ledger, by: tuple[str, ...], night: int) -> pd.DataFrame:
    table = ledger.table
    near = (night < table.arrival) & (table.arrival <= night + ledger.horizon_days)
    rows, asked, nights = _groups(ledger, by, night, near & (table.booked <= night))
    counts = {event: ledger.tally(event, by).until(asked, nights) for event in ("booked", "cancelled")}
    return rows.assign(**counts).sort_values(list(by), ignore_index=True)


def _groups(
    ledger: Ledger, by: tuple[str, ...], night: int, among: np.ndarray
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """The groups of the rows marked (n,) bool: their columns as text, their codes, and the night for each."""
    made = np.flatnonzero(among)
    group = ledger.group(by)[made]
    _, first = np.unique(group, return_index=True)
    rows = as_text(ledger.table.rows.iloc[made[first]], by)
    return rows, group[first], np.full(len(first), night)


def _keys(rows: pd.DataFrame, by: tuple[str, ...]) -> pd.Index:
    return (
        pd.MultiIndex.from_arrays([rows[name] for name in by]) if len(by) > 1 else pd.Index(rows["".join(by)])
    )
