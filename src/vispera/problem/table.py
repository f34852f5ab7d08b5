"""Any CSV or Parquet described in YAML alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from vispera import workspace
from vispera.errors import ContractBroken, UsageError, nearest
from vispera.lazy import pandas as pd
from vispera.problem import Problem
from vispera.problem.csv_file import CsvForm
from vispera.problem.source import numbers
from vispera.problem.store import Raw, hashes_of, load_canonical
from vispera.table import Table

READING = ("csv", "rename", "cancelled_when", "no_show_when", "date_format")
"""Settings that decide what a file says, beside the schema."""


@dataclass(frozen=True, kw_only=True)
class TableFile(Problem):
    """Bookings of a file whose own names and words are told by configuration.

    Parameters
    ----------
    path
        CSV or Parquet file; a relative one is looked for where the command is typed, then in the workspace.
    csv
        How the CSVs are written.
    rename
        Declared column by the file's own name for it.
    cancelled_when
        ``{column of the file: [values]}`` that mean cancelled or not taken up; without it the file must
        have the column ``cancelled`` with 0 and 1.
    no_show_when
        Those that mean that nobody turned up, which is known on the day of arrival, whatever date the file
        gives or lacks; they need not stand in ``cancelled_when`` too.
    date_format
        strftime format of dates that are text; None for ISO dates.
    source_files
        File of each further source, by the source's name.

    Notes
    -----
    ``outcome_date`` may be missing where nothing was cancelled: a stay is known on the day of arrival.
    """

    path: str | None = None
    csv: CsvForm = field(default_factory=CsvForm)
    rename: Mapping[str, str] = field(default_factory=dict)
    cancelled_when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    no_show_when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    date_format: str | None = None
    source_files: Mapping[str, str] = field(default_factory=dict)

    def load(self) -> Table:
        """Canonical rows; canonicalised once for each content of the files and each description."""
        files = [_existing(self.path, "problem.path")]
        files += [_existing(path, f"problem.source_files.{name}") for name, path in self.source_files.items()]
        told = asdict(self)
        reading = {name: told[name] for name in READING}
        return load_canonical(self, {"files": hashes_of(files), **reading}, lambda: self._raw(files))

    def _raw(self, files: list[Path]) -> Raw:
        raw = self.csv.read(files[0])
        no_show = self._told_by(raw, self.no_show_when)
        rows = self._dates(self._numbers(self._renamed(self._outcome(raw, no_show))), no_show=no_show)
        beside = zip(self.source_files, files[1:], strict=True)
        return Raw(rows, {name: self.csv.read(path) for name, path in beside})

    def open_book(self, raw: pd.DataFrame) -> pd.DataFrame:
        """Rows of a nightly extract, which has the file's own names and dates, under the declared names."""
        return self._dates(self._numbers(self._renamed(raw), strict=False), strict=False)

    def _renamed(self, raw: pd.DataFrame) -> pd.DataFrame:
        rows = raw.rename(columns=dict(self.rename))
        if twice := sorted(rows.columns[rows.columns.duplicated()]):
            raise ContractBroken(
                *(f"{self.name}: two columns are called '{name}' after renaming" for name in twice)
            )
        return rows

    def _outcome(self, raw: pd.DataFrame, no_show: pd.Series) -> pd.DataFrame:
        """The file's rows with ``cancelled`` made from the values that mean it."""
        if absent := [name for name in (*self.rename, *self.cancelled_when) if name not in raw]:
            raise ContractBroken(*(self._absent(name, raw) for name in absent))
        if not self.cancelled_when and not self.no_show_when:
            return raw
        hits = self._told_by(raw, self.cancelled_when) | no_show
        return raw.assign(cancelled=hits.astype(int))

    def _told_by(self, raw: pd.DataFrame, words: Mapping[str, tuple[str, ...]]) -> pd.Series:
        """Rows in which one of the columns has one of its values, (n,) bool."""
        hits = pd.Series(False, index=raw.index)
        for name, values in words.items():
            if name not in raw:
                raise ContractBroken(self._absent(name, raw))
            hits |= raw[name].astype("str").str.strip().isin(values)
        return hits

    def _absent(self, name: str, raw: pd.DataFrame) -> str:
        return f"{self.name}: the file has no column '{name}'; {nearest(name, raw.columns)}"

    def _numbers(self, rows: pd.DataFrame, strict: bool = True) -> pd.DataFrame:
        """Declared numbers written as everybody reads them; unless ``strict`` those that cannot be stay."""
        plain, faults = {}, []
        for column in self.schema.all:
            if column.kind in ("integer", "number") and column.name in rows:
                try:
                    plain[column.name] = self.csv.plain(rows.loc[:, column.name])
                except ValueError as wrong:
                    faults.append(f"{self.name}: column '{column.name}' holds {wrong}")
        if strict and faults:
            raise ContractBroken(*faults)
        return rows.assign(**plain)

    def _dates(
        self, rows: pd.DataFrame, strict: bool = True, no_show: pd.Series | None = None
    ) -> pd.DataFrame:
        """Dates read by their format; the outcome date of what was kept, or not taken up, is the arrival.

        Unless ``strict``, a date that cannot be read becomes missing.
        """
        read = {}
        for column in self.schema.of_kind(
            "date", self.schema.known("booking", "mutable", "check_in", "outcome")
        ):
            if column in rows:
                read[column] = self._read_dates(rows.loc[:, column], strict)
        rows = rows.assign(**read)
        if {"outcome_date", "arrival_date", "cancelled"} <= set(rows):
            on_arrival = numbers(rows.loc[:, "cancelled"]) == 0
            if no_show is not None:
                on_arrival |= no_show
            rows["outcome_date"] = rows["outcome_date"].mask(on_arrival, rows["arrival_date"])
        return rows

    def _read_dates(self, values: pd.Series, strict: bool) -> pd.Series:
        text = values.astype("str").str.strip()
        empty = values.isna() | text.isin(["", "NULL", "NaT", "NA"])
        read = pd.to_datetime(text.mask(empty), format=self.date_format or "ISO8601", errors="coerce")
        unread = read.isna() & ~empty
        if strict and unread.any():
            form = f"'{self.date_format}'" if self.date_format else "null, which reads 2024-12-31"
            raise ContractBroken(
                f"{self.name}: column '{values.name}' is not a date: '{text.loc[unread].iloc[0]}' in "
                f"{int(unread.sum())} of {len(values)} rows; mend it, or set problem.date_format, now {form}"
            )
        return read


def _existing(path: str | None, key: str) -> Path:
    if not path:
        raise UsageError(f"{key} is not set; type {key}=FILE")
    found = Path(path).expanduser()
    there = next((one for one in (found, workspace.root() / found) if one.is_file()), None)
    if there is None:
        raise UsageError(f"{key} is '{path}', which is not a file")
    return there
