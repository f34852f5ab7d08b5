"""The canonical table on disk: made once for each content of its source, checked on every read."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from vispera.errors import ContractBroken
from vispera.files import file_hash, json_hash, read_json, write_frame, write_json
from vispera.lazy import pandas as pd
from vispera.problem import Problem
from vispera.problem.canonical import canonical_source, canonicalise, content_hash
from vispera.table import Table

FORMAT = 3
"""Number of the canonical form; another one makes every table anew."""
SOURCE_ROW = "source_row.parquet"
"""Where each row stood in its source: beside the table, in none of its columns, for the gate alone."""


@dataclass(frozen=True)
class Raw:
    """Bookings under canonical names, further sources, and what was noticed about them.

    ``flagged`` counts odd rows that stay; ``beside`` writes what must lie beside the table and outside of it.
    """

    bookings: pd.DataFrame
    sources: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    flagged: Mapping[str, int] = field(default_factory=dict)
    beside: Callable[[Path], object] = lambda folder: None


def load_canonical(problem: Problem, origin: Mapping[str, object], make: Callable[[], Raw]) -> Table:
    """Table of a problem, from the cache if one was made of the same origin and declarations.

    Parameters
    ----------
    problem
        Its schema and its name are part of what the table is made of.
    origin
        What the raw rows follow from: hashes of files, or the settings of a simulation.
    make
        Gives the raw rows; called where there is no whole table in the cache.

    Raises
    ------
    ContractBroken
        If the rows break the data contract.
    """
    key = json_hash({"format": FORMAT, "origin": origin, "schema": asdict(problem.schema)})[:16]
    folder = problem.cache_folder / key
    table = _read(folder, problem)
    if table is None:
        _write(folder, problem, make())
        table = _read(folder, problem)
    if table is None:
        raise ContractBroken(
            f"{problem.name}: the canonical table just written to {folder} does not read back"
        )
    return table


def _read(folder: Path, problem: Problem) -> Table | None:
    """The table in a folder; None if it is not there, or not what its hash says."""
    try:
        about = read_json(folder / "canonical.json")
        rows = _read_frame(folder / "table.parquet")
        sources = {name: _read_frame(folder / f"source-{name}.parquet") for name in about["sources"]}
        whole = (folder / SOURCE_ROW).is_file()
    except (OSError, ValueError, KeyError):
        return None
    found = {name: content_hash(source) for name, source in sources.items()}
    if not whole or content_hash(rows) != about["content_hash"] or found != about["sources"]:
        return None
    return Table(
        rows,
        problem.schema,
        problem.name,
        about["content_hash"],
        sources,
        about["quarantined"],
        about["flagged"],
        folder,
    )


def held(problem: Problem, cache: Path) -> Iterator[Table]:
    """Every whole table of a problem in a folder of canonical tables, those of earlier sources too.

    One that was made under other declarations, and lacks a column that is declared now, is passed over.
    """
    declared = {column.name for column in problem.schema.all}
    for about in sorted(cache.glob("[!.]*/canonical.json")):
        table = _read(about.parent, problem)
        if table is not None and declared <= set(table.rows.columns):
            yield table


def source_row(table: Table) -> np.ndarray:
    """Where each row of a table stood among the rows of its source, (n,) int64."""
    if table.folder is None:
        raise ValueError("a table that was not read from a folder has no source to ask")
    return pd.read_parquet(table.folder / SOURCE_ROW)["source_row"].to_numpy(np.int64)


def _read_frame(path: Path) -> pd.DataFrame:
    """A Parquet file's frame with dates to the second again, which Parquet keeps to the millisecond."""
    frame = pd.read_parquet(path)
    dates = frame.select_dtypes("datetime")
    return frame.assign(**{name: dates[name].astype("datetime64[s]") for name in dates})


def _write(folder: Path, problem: Problem, raw: Raw) -> None:
    """Canonicalise and leave a whole folder, or nothing."""
    canonical = canonicalise(raw.bookings, problem.schema, problem.name)
    sources = {
        name: canonical_source(rows, problem.schema.sources[name], f"{problem.name}, source '{name}'")
        for name, rows in raw.sources.items()
    }
    with published(folder, lambda: _read(folder, problem) is not None) as place:
        write_frame(place / "table.parquet", canonical.rows)
        write_frame(place / SOURCE_ROW, pd.DataFrame({"source_row": canonical.source_row}))
        write_frame(place / "quarantine.parquet", canonical.quarantine)
        for name, rows in sources.items():
            write_frame(place / f"source-{name}.parquet", rows)
        raw.beside(place)
        about = {
            "format": FORMAT,
            "content_hash": canonical.content_hash,
            "rows": len(canonical.rows),
            "quarantined": canonical.quarantined,
            "flagged": dict(raw.flagged),
            "sources": {name: content_hash(rows) for name, rows in sorted(sources.items())},
        }
        write_json(place / "canonical.json", about)


@contextmanager
def published(folder: Path, intact: Callable[[], bool]) -> Iterator[Path]:
    """A temporary folder that takes its place as ``folder`` when the block ends well.

    If somebody else has put an intact one there meanwhile, theirs stays: it may be in use, and it was made of
    the same. A damaged one is moved out of the way.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    damaged = place.with_name(f"{place.name}.damaged")
    try:
        yield place
        if folder.exists() and not intact():
            folder.rename(damaged)
        with suppress(OSError):  # a folder that is not empty is never replaced
            place.rename(folder)
    finally:
        shutil.rmtree(place, ignore_errors=True)
        shutil.rmtree(damaged, ignore_errors=True)


def hashes_of(files: Iterable[Path]) -> dict[str, str]:
    """sha256 of each file by its name, whatever folder it lies in."""
    return {path.name: file_hash(path) for path in files}
