"""Material kept on disk: made once for each content that it follows from, mapped by every process after that.

An entry is a folder: one file of numbers for each dtype, and ``contents.json``, which says what they are.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from importlib.metadata import version
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import numpy as np

from vispera.asof import Ledger, Snapshots
from vispera.feature import FAMILIES
from vispera.files import json_hash, plain, read_json, write_text
from vispera.fitting import Material, Recipe, prepare
from vispera.lazy import pandas as pd
from vispera.problem.canonical import content_hash
from vispera.problem.store import published
from vispera.shelf import make_room
from vispera.table import Rows, Table

FORMAT = 1
"""Number of the form of an entry; another one makes every entry anew."""
CONTENTS = "contents.json"
BESIDE = ("y", "night", "arrival", "unit", "row_key")
"""Fields of ``Rows`` beside the features, in their order."""

MAKERS = ("asof", "clock", "errors", "feature", "fitting", "lazy", "schema", "table", "warehouse")
"""Modules and rooms whose code decides what features are."""


def _code() -> str:
    """Hash of the code that makes features."""
    here = Path(__file__).parent
    files = [path for name in MAKERS for path in (here / f"{name}.py", *sorted((here / name).glob("*.py")))]
    return json_hash([path.read_text() for path in files if path.is_file()])


CODE = _code()
"""Taken when the code is loaded: an edit under a running process must not pass for what the process makes."""


def prepared(
    table: Table,
    recipe: Recipe,
    ledger: Ledger,
    horizon_days: int,
    folder: Path,
    most_bytes: int,
    step: Callable[[str], None] | None = None,
) -> Material:
    """Material of a recipe, equal to that of ``fitting.prepare`` bit for bit; its arrays may be read-only.

    Parameters
    ----------
    table, recipe, ledger, horizon_days
        As for ``prepare``. What they hold is the key, together with the code that makes features: nothing is
        read back that would be made otherwise today.
    folder
        Where entries lie; made where it is missing. One that cannot be written to costs time and no run.
    most_bytes
        Most that all entries may take. For a new one those go that have not been used for longest, but none
        of the last ten minutes; what does not fit then is not kept.
    step
        Called with the name of each family of features that is made, and with the reason if nothing is kept.
    """
    if ledger.table is not table:
        raise ValueError("the ledger counts another table")
    entry = Path(folder) / key(table, recipe, ledger, horizon_days)
    if (found := _read(entry, table)) is not None:
        return found
    material = prepare(table, recipe, ledger, horizon_days, step)
    try:
        reason = _keep(entry, material, most_bytes)
    except OSError as failure:
        reason = str(failure)
    if reason and step:
        step(f"features are not kept: {reason}")
    # the mapped one, where there is one, so that the first process shares its pages too
    return _read(entry, table) or material


def key(table: Table, recipe: Recipe, ledger: Ledger, horizon_days: int) -> str:
    """What a recipe's material follows from, as 32 hexadecimal digits.

    The rows are hashed as they are now: a table as of a night bears the hash of the whole one.
    """
    chosen = [recipe.features.chosen(family, table.schema) for family in FAMILIES]
    follows_from = {
        "format": FORMAT,
        "code": CODE,
        "versions": [version("numpy"), version("pandas")],
        "rows": content_hash(table.rows),
        "sources": [[name, content_hash(rows)] for name, rows in table.sources.items()],
        "schema": table.schema,
        "looks_at": [*recipe.looks_at, chosen],
        "horizons": [horizon_days, ledger.horizon_days],
    }
    # not in canonical form: features, and the hashes that name rows, follow the order of declarations
    return sha256(json.dumps(plain(follows_from)).encode()).hexdigest()[:32]


def _keep(entry: Path, material: Material, most_bytes: int) -> str | None:
    """Leave a whole entry, or nothing and the reason."""
    levels, by_dtype = _laid_out(material)
    size = sum(values.nbytes for arrays in by_dtype.values() for values in arrays.values())
    beside = make_room(entry.parent, most_bytes - size)
    if beside + size > most_bytes:
        return f"{size:,} bytes, beside {beside:,} that are in use, are more than the {most_bytes:,} allowed"
    with published(entry, lambda: _read(entry, material.table) is not None) as place:
        for dtype, arrays in by_dtype.items():
            np.save(place / f"{dtype}.npy", np.stack([*arrays.values()]), allow_pickle=False)
        contents = {
            "distances": list(material.distances),
            "columns": list(material.rows.x),
            "levels": levels,
            "arrays": {dtype: list(arrays) for dtype, arrays in by_dtype.items()},
            "checks": {dtype: _check(place / f"{dtype}.npy") for dtype in by_dtype},
        }
        # the seal tells a torn file from a whole one, so nothing waits for the disk
        write_text(place / CONTENTS, json.dumps({"seal": json_hash(contents), **contents}), durable=False)
    return None


def _laid_out(material: Material) -> tuple[dict[str, list[str]], dict[str, dict[str, np.ndarray]]]:
    """Levels of each category, and the arrays of a material by their dtype and their own name."""
    levels: dict[str, list[str]] = {}
    by_dtype: dict[str, dict[str, np.ndarray]] = {}
    for name, values in _arrays(material):
        if isinstance(values, pd.Categorical):
            if values.ordered or values.categories.dtype != "str":
                raise TypeError(f"levels of {name} are {values.categories.dtype}: canonical ones are text")
            levels[name], values = list(values.categories), values.codes
        by_dtype.setdefault(values.dtype.name, {})[name] = values
    return levels, by_dtype


def _arrays(material: Material) -> Iterator[tuple[str, Any]]:
    """Name and values of each array of a material; features are marked, lest one be called ``y``."""
    yield "position", material.at.position
    yield "teaches", material.teaches
    for name in BESIDE:
        yield name, getattr(material.rows, name)
    for name, values in material.rows.x.items():
        is_category = isinstance(values.dtype, pd.CategoricalDtype)
        yield f"x:{name}", values.array if is_category else values.to_numpy()


def _read(entry: Path, table: Table) -> Material | None:
    """The material in a folder; None if it is not there, or not what its checks say."""
    try:
        with suppress(OSError):  # a folder that may only be read serves too
            os.utime(entry / CONTENTS)  # before the rest is read, so that it stays
        contents = read_json(entry / CONTENTS)
        if contents.pop("seal") != json_hash(contents):
            return None
        if any(_check(entry / f"{dtype}.npy") != check for dtype, check in contents["checks"].items()):
            return None
        arrays = _mapped(entry, contents["arrays"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    at = Snapshots(arrays["position"], arrays["night"])
    x = _frame(arrays, contents["columns"], contents["levels"])
    rows = Rows(x, *(arrays[name] for name in BESIDE))
    return Material(table, at, rows, arrays["teaches"], tuple(contents["distances"]))


def _mapped(entry: Path, names: Mapping[str, Sequence[str]]) -> dict[str, np.ndarray]:
    """Each array by its name, read-only, in pages that all processes share."""
    found: dict[str, np.ndarray] = {}
    for dtype, own in names.items():
        whole = np.load(entry / f"{dtype}.npy", mmap_mode="r", allow_pickle=False)
        found.update(zip(own, np.asarray(whole), strict=True))
    return found


def _frame(
    arrays: Mapping[str, np.ndarray], columns: Sequence[str], levels: Mapping[str, Sequence[str]]
) -> pd.DataFrame:
    """Features in order; not copied, or they would be private to this process."""
    made: dict[str, np.ndarray | pd.Categorical] = {}
    for column in columns:
        name = f"x:{column}"
        made[column] = arrays[name]
        if name in levels:
            dtype = pd.CategoricalDtype(pd.Index(levels[name], dtype="str"))
            made[column] = pd.Categorical.from_codes(arrays[name], dtype=dtype)
    return pd.DataFrame(made, index=pd.RangeIndex(len(arrays["y"])), copy=False)


def _check(path: Path) -> list[int]:
    """Size and CRC-32 of a file: against accidents, at the speed of memory."""
    with path.open("rb") as stream, mmap(stream.fileno(), 0, access=ACCESS_READ) as content:
        return [len(content), zlib.crc32(content)]
