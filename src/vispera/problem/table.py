"""Any CSV or Parquet described in YAML alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from vispera.errors import ContractBroken, UsageError, nearest
from vispera.lazy import pandas as pd
from vispera.problem import Problem
from vispera.problem.source import numbers, read_table
from vispera.problem.store import Raw, hashes_of, load_canonical
from vispera.table import Table


@dataclass(frozen=True, kw_only=True)
class TableFile(Problem):
    """Bookings of a file whose own names and words are told by configuration.

    Parameters
    ----------
    path
        CSV (UTF-8) or Parquet file.
    rename
        Declared column by the file's own name for it.
    cancelled_when
        ``{column of the file: [values]}`` that mean cancelled or not taken up; without it the file must
        have the column ``cancelled`` with 0 and 1.
    date_format
        strftime format of dates that are text; None for ISO dates.
    source_files
        File of each further source, by the source's name.

    Notes
    -----
    ``outcome_date`` may be missing where nothing was cancelled: a stay is known on the day of arrival.
    """

    path: str | None = None
    rename: Mapping[str, str] = field(default_factory=dict)
    cancelled_when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    date_format: str | None = None
    source_files: Mapping[str, str] = field(default_factory=dict)

    def load(self) -> Table:
        """Canonical rows; canonicalised once for each content of the files and each description."""
        files = [_existing(self.path, "problem.path")]
        files += [_existing(path, f"problem.source_files.{name}") for name, path in self.source_files.items()]
        told = asdict(self)
        reading = {name: told[name] for name in ("rename", "cancelled_when", "date_format")}
        return load_canonical(self, {"files": hashes_of(files), **reading}, lambda: self._raw(files))

    def _raw(self, files: list[Path]) -> Raw:
        rows = self._dates(self._renamed(self._outcome(read_table(files[0]))))
        sources = {name: read_table(path) for name, path in zip(self.source_files, files[1:], strict=True)}
        return Raw(rows, sources)

    def open_book(self, raw: pd.DataFrame) -> pd.DataFrame:
        """Rows of a nightly extract, which has the file's own names and dates, under the declared names."""
        return self._dates(self._renamed(raw), strict=False)

    def _renamed(self, raw: pd.DataFrame) -> pd.DataFrame:
        rows = raw.rename(columns=dict(self.rename))
        if twice := sorted(rows.columns[rows.columns.duplicated()]):
            raise ContractBroken(
                *(f"{self.name}: two columns are called '{name}' after renaming" for name in twice)
            )
        return rows

    def _outcome(self, raw: pd.DataFrame) -> pd.DataFrame:
        """The file's rows with ``cancelled`` made from the values that mean it."""
        named = [*self.rename, *self.cancelled_when]
        if absent := [name for name in named if name not in raw]:
            raise ContractBroken(
                *(
                    f"{self.name}: the file has no column '{name}'; {nearest(name, raw.columns)}"
                    for name in absent
                )
            )
        if not self.cancelled_when:
            return raw
        hits = [
            raw[name].astype("str").str.strip().isin(values) for name, values in self.cancelled_when.items()
        ]
        return raw.assign(cancelled=pd.concat(hits, axis=1).any(axis=1).astype(int))

    def _dates(self, rows: pd.DataFrame, strict: bool = True) -> pd.DataFrame:
        """Dates read by their format, and the outcome date of what was kept filled by the arrival.

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
            kept = numbers(rows.loc[:, "cancelled"]) == 0
            rows["outcome_date"] = rows["outcome_date"].mask(kept, rows["arrival_date"])
        return rows

    def _read_dates(self, values: pd.Series, strict: bool) -> pd.Series:
        text = values.astype("str").str.strip()
        empty = values.isna() | text.isin(["", "NULL", "NaT", "NA"])
        try:
            errors = "raise" if strict else "coerce"
            return pd.to_datetime(text.mask(empty), format=self.date_format or "ISO8601", errors=errors)
        except ValueError as wrong:
            said = str(wrong).splitlines()[0].rstrip(".")
            raise ContractBroken(
                f"{self.name}: column '{values.name}' is not a date: {said}; set problem.date_format"
            ) from None


def _existing(path: str | None, key: str) -> Path:
    if not path:
        raise UsageError(f"{key} is not set; type {key}=FILE")
    found = Path(path).expanduser()
    if not found.is_file():
        raise UsageError(f"{key} is '{path}', which is not a file")
    return found
