"""A nightly extract: the file of tonight's open bookings, and those of further sources beside it.

``PLACE`` may be the file itself; the folder of one night, with ``bookings.csv`` (or ``.parquet``) and a file
for each further source; or a folder of nightly ones, ``2017-03-16.csv`` or ``2017-03-16/bookings.csv``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vispera.asof import as_of, latest_rows
from vispera.errors import ContractBroken
from vispera.files import file_hash
from vispera.lazy import pandas as pd
from vispera.problem import Problem
from vispera.problem.canonical import canonical_source
from vispera.problem.source import read_table
from vispera.table import Table

BOOKINGS = "bookings"
ENDINGS = (".parquet", ".csv")
SIDECAR = ".sha256"
"""Ending of a file that may lie beside each and holds its sha256, so that half a file is seen to be half."""


@dataclass(frozen=True)
class Extract:
    """Files of one night's extract: the bookings, and further sources by name."""

    bookings: Path
    sources: Mapping[str, Path]

    def check(self) -> None:
        """Nothing, if every file has the hash that lies beside it, where one does; ContractBroken else."""
        faults = []
        for path in (self.bookings, *self.sources.values()):
            told = path.with_name(path.name + SIDECAR)
            if told.is_file() and told.read_text(errors="replace").split()[:1] != [file_hash(path)]:
                faults.append(
                    f"{path} is not what {told.name} says: it was changed, or not written to its end"
                )
        if faults:
            raise ContractBroken(*faults)


def find_extract(place: Path, night: str) -> Extract | None:
    """The extract of a night at a place; None if it is not there (yet).

    ContractBroken if there are several of the same night.
    """
    if place.is_file():
        return Extract(place, {})
    for folder, stem in ((place, BOOKINGS), (place / night, BOOKINGS), (place, night)):
        found = [folder / f"{stem}{ending}" for ending in ENDINGS if (folder / f"{stem}{ending}").is_file()]
        if len(found) > 1:
            raise ContractBroken(f"{folder} holds {found[0].name} and {found[1].name}; leave one of them")
        if found:
            beside = {path.stem: path for path in _tables(folder) if stem == BOOKINGS and path != found[0]}
            return Extract(found[0], beside)
    return None


def batches(path: Path, rows: int) -> Iterator[pd.DataFrame]:
    """Raw rows of a CSV (everything as text) or Parquet file, at most so many at once; ContractBroken else.

    A file without rows gives one frame without rows, so that its columns can be asked about.
    """
    try:
        yield from _parquet(path, rows) if path.suffix == ".parquet" else _csv(path, rows)
    except (ValueError, OSError, pd.errors.ParserError) as broken:  # pyarrow's errors are among them
        raise ContractBroken(f"{path.name} cannot be read as a table: {broken}") from None


def sources_of(problem: Problem, extract: Extract, night: int) -> dict[str, pd.DataFrame]:
    """The declared further sources as they were known on a night, one row a key; absent ones are left out."""
    made = {}
    for name, path in extract.sources.items():
        if (declared := problem.schema.sources.get(name)) is not None:
            rows = canonical_source(read_table(path), declared, path.name)
            made[name] = latest_rows(rows, declared, night)
    return made


def extract_of(table: Table, night: int) -> dict[str, bytes]:
    """The extract that a table would have given at the close of a night, as CSV files by name.

    All bookings that were open then, with what was known of them when they were made, and the rows of further
    sources that had come. It lets scoring be tried where no system exports extracts yet.
    """
    known = as_of(table, night)
    everyone = np.arange(len(known))
    decided = known.cancelled & (known.resolved <= night)
    rows = known.rows.iloc[everyone[(known.arrival > night) & ~decided]]
    columns = [column.name for column in table.schema.required("open_book")]
    frames = {BOOKINGS: rows[columns], **known.sources}
    return {f"{name}.csv": _as_csv(frame) for name, frame in frames.items()}


def _as_csv(rows: pd.DataFrame) -> bytes:
    return rows.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\r\n").encode()


def _tables(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("[!.]*") if path.suffix in ENDINGS)


def _csv(path: Path, rows: int) -> Iterator[pd.DataFrame]:
    with pd.read_csv(
        path, dtype="str", keep_default_na=False, skipinitialspace=True, encoding="utf-8-sig", chunksize=rows
    ) as chunks:
        for chunk in chunks:
            yield chunk.reset_index(drop=True)


def _parquet(path: Path, rows: int) -> Iterator[pd.DataFrame]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        if not file.metadata.num_rows:
            yield file.schema_arrow.empty_table().to_pandas()
        for batch in file.iter_batches(batch_size=rows):
            yield batch.to_pandas()
