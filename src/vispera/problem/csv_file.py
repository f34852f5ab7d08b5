"""How a CSV is written: what stands between its columns and before its decimals, and in which encoding."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vispera.errors import ContractBroken
from vispera.lazy import pandas as pd
from vispera.problem.source import read_table

SEPARATORS = (";", "\t", "|", ",")
WORKBOOKS = (".xlsx", ".xls", ".ods")
GROUPED = r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?"
"""A number as Spain and most of Europe write it: 1.250,50."""


@dataclass(frozen=True)
class CsvForm:
    """Spanish Excel writes ``;`` between columns, a decimal comma, and cp1252 unless "CSV UTF-8" was chosen.

    Nothing of it is guessed: a file of another form is refused, with the key to set.
    """

    separator: str = ","
    decimal: str = "."
    encoding: str = "utf-8"

    def read(self, path: Path) -> pd.DataFrame:
        """Raw rows of a CSV in this form (everything as text) or of a Parquet file; ContractBroken else."""
        if path.suffix.lower() in WORKBOOKS:
            raise ContractBroken(f"{path.name} is a workbook; save its sheet as CSV, and name that file")
        if path.suffix == ".parquet":
            return read_table(path)
        try:
            self._check_separator(path)
            return pd.read_csv(
                path,
                sep=self.separator,
                encoding=self.encoding,
                dtype="str",
                keep_default_na=False,
                skipinitialspace=True,
            )
        except UnicodeDecodeError:
            raise ContractBroken(
                f"{path.name} is not written in {self.encoding}; set problem.csv.encoding=cp1252, which "
                "Excel on Windows writes, or save it as 'CSV UTF-8'"
            ) from None
        except LookupError:
            raise ContractBroken(
                f"problem.csv.encoding={self.encoding}: there is no such encoding; type utf-8 or cp1252"
            ) from None
        except (ValueError, OSError, pd.errors.ParserError) as broken:
            raise ContractBroken(f"{path.name} cannot be read as a table: {broken}") from None

    def _check_separator(self, path: Path) -> None:
        """Nothing, if the first line holds the separator, or none; ContractBroken with the likely one."""
        with path.open(encoding=self.encoding) as lines:
            header = lines.readline()
        found = next((other for other in SEPARATORS if other in header), None)
        if self.separator not in header and found:
            raise ContractBroken(
                f"{path.name}: '{self.separator}' separates no columns in its first line, which begins "
                f"'{header.strip()[:40]}'; set problem.csv.separator, here as csv: {{separator: {found!r}}}"
            )

    def plain(self, values: pd.Series) -> pd.Series:
        """Numbers of this form as everybody reads them, 1250.50 for 1.250,50; ValueError for another form's.

        What is no number at all stays, to be told of with its column's kind.
        """
        if not pd.api.types.is_string_dtype(values):
            return values
        text = values.str.strip()
        if self.decimal == ",":
            well = text.str.fullmatch(GROUPED).fillna(False).astype(bool)
            other = ~well & text.str.fullmatch(r"[+-]?\d*\.\d+").fillna(False).astype(bool)
            text = text.mask(well, text.str.replace(".", "").str.replace(",", "."))
        else:
            other = text.str.fullmatch(r"[+-]?[\d.]*,\d+").fillna(False).astype(bool)
        if other.any():
            raise ValueError(
                f"'{values.loc[other].iloc[0]}' in {int(other.sum())} of {len(values)} rows, where "
                f"problem.csv.decimal is '{self.decimal}'"
            )
        return text
