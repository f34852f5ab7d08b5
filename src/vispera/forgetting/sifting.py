"""Files without a guest's rows: what each kind of file becomes, and how many rows of it were theirs."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vispera.forgetting.guest import Guest
from vispera.handoff import read_rows, write_rows
from vispera.lazy import pandas as pd


@dataclass(frozen=True)
class Sifted:
    """A file without the guest's rows.

    Attributes
    ----------
    content
        What it becomes; None if it stays as it is.
    rows
        How many of the guest's it holds.
    untold
        Rows of bookings that no table and no extract knows: nobody can tell whose they are.
    """

    content: bytes | None
    rows: int
    untold: int = 0


def predictions(content: bytes, guest: Guest) -> Sifted:
    """Predictions, or scores of a night, by their row keys."""
    frame = pd.read_parquet(io.BytesIO(content))
    keys = frame["row_key"].to_numpy(np.uint64)
    mine = np.isin(keys, guest.keys)
    untold = int((~np.isin(keys, guest.known_keys)).sum())
    if not mine.any():
        return Sifted(None, 0, untold)
    sink = io.BytesIO()  # as vispera.files.write_frame: equal frames give equal bytes
    dates = dict.fromkeys(frame.select_dtypes("datetime"), "datetime64[s]")  # Parquet gives milliseconds
    rest = frame.loc[~mine].reset_index(drop=True).astype(dates)
    rest.to_parquet(sink, engine="pyarrow", compression="zstd", index=False)
    return Sifted(sink.getvalue(), int(mine.sum()), untold)


def lists(content: bytes, guest: Guest) -> Sifted:
    """Lists, by their units and pseudonyms: a row goes whole, whoever else may be of its unit."""
    columns, rows = read_rows(content)
    if "unit" not in columns:
        raise ValueError("it has no column 'unit'")
    named = "guest" in columns and bool(guest.pseudonym)
    theirs = [
        row["unit"] in guest.unit_names or (named and guest.pseudonym in row["guest"].split()) for row in rows
    ]
    untold = 0 if named else sum(row["unit"] not in guest.known_unit_names for row in rows)
    if not any(theirs):
        return Sifted(None, 0, untold)
    rest = [row for row, gone in zip(rows, theirs, strict=True) if not gone]
    return Sifted(write_rows(columns, rest), sum(theirs), untold)


def set_aside(content: bytes, guest: Guest) -> Sifted:
    """Rows that a night's scoring set aside, by the column that names the guest."""
    text = content.decode("utf-8")
    frame = pd.read_csv(io.StringIO(text), dtype="str", keep_default_na=False)
    if guest.column not in frame:
        if len(frame):
            raise ValueError(f"it has no column '{guest.column}'")
        return Sifted(None, 0)
    mine = guest.is_in(frame.loc[:, guest.column])
    if not mine.any():
        return Sifted(None, 0)
    rest = frame.loc[~mine].to_csv(index=False, lineterminator="\r\n")
    return Sifted(rest.encode(), int(mine.sum()))


def shown_night(content: bytes, guest: Guest) -> Sifted:
    """What a replay tells of one night, by the facts that make a unit; all its sums stay."""
    told = json.loads(content)
    rows = told["one_night"]["rows"]
    rest = [row for row in rows if tuple(sorted(row["label"].items())) not in guest.labels]
    if len(rest) == len(rows):
        return Sifted(None, 0)
    told["one_night"]["rows"] = rest
    text = json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False)  # as vispera.files.write_json
    return Sifted(f"{text}\n".encode(), len(rows) - len(rest))


SIFTERS: dict[str, Callable[[bytes, Guest], Sifted]] = {
    "predictions.parquet": predictions,
    "scores.parquet": predictions,
    "lists.csv": lists,
    "quarantine.csv": set_aside,
    "replay.json": shown_night,
}
"""How a file is sifted, by its name: every file of a workspace that holds a row of a booking or a unit."""
