"""What the workspace keeps of a scored night, beside the list that it hands off: nothing of it leaves.

``scores/<problem>/<night>-<n>/``, named as the published folder: ``scores.parquet`` of every open booking,
``quarantine.csv`` with the rows that were set aside, and ``score.json`` about what was read and by what.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from vispera.clock import day
from vispera.files import plain, write_folder
from vispera.lazy import pandas as pd

SCHEMA = 1
FOLDER = re.compile(r"(\d{4}-\d{2}-\d{2})-\d+")


def keep(
    place: Path, name: str, about: Mapping[str, Any], scores: Iterable[pd.DataFrame], apart: bytes
) -> Path:
    """The folder of a scored night, written whole; one that is there already is left as it is.

    ``scores`` come a part at a time, and are written so.
    """
    told = json.dumps(plain({"schema": SCHEMA, **about}, finite=True), indent=1, ensure_ascii=False)
    files: dict[str, bytes | Callable[[Path], None]] = {
        "scores.parquet": lambda path: write_parts(path, scores),
        "quarantine.csv": apart,
        "score.json": f"{told}\n".encode(),
    }
    try:
        write_folder(place / name, files)
    except OSError:  # the same was kept before, or by somebody else just now
        if not (place / name).is_dir():
            raise
    return place / name


def write_parts(path: Path, parts: Iterable[pd.DataFrame]) -> None:
    """Write frames of the same columns, one after the other, as one Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer = None
    try:
        for part in parts:
            made = pa.Table.from_pandas(part, preserve_index=False)
            writer = writer or pq.ParquetWriter(path, made.schema, compression="zstd")
            writer.write_table(made)
    finally:
        if writer:
            writer.close()


def retire(place: Path, night: int, days: int) -> None:
    """Take away what was kept of nights more than so many days before one."""
    for folder in place.glob("*-*") if place.is_dir() else ():
        if (match := FOLDER.fullmatch(folder.name)) and day(match[1]) < night - days:
            shutil.rmtree(folder, ignore_errors=True)
