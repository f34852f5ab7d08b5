"""Hotel booking demand: the published table in every form in which it circulates.

Source: Antonio, de Almeida, Nunes, "Hotel booking demand datasets", Data in Brief 22 (2019) 41-49, CC BY 4.0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vispera import workspace
from vispera.errors import ContractBroken, UsageError
from vispera.lazy import pandas as pd
from vispera.problem import Problem
from vispera.problem.source import numbers, read_table
from vispera.problem.store import Raw, hashes_of, load_canonical
from vispera.table import Table

HOTELS = {"h1": "Resort Hotel", "h2": "City Hotel"}
"""Hotel of each file of the publication, which has no such column."""


@dataclass(frozen=True, kw_only=True)
class Hotel(Problem):
    """``path`` is a file, or a folder with one table or the publication's two; None looks into ``cache``.

    ``counts`` gives the rows and cancellations that each form of the source has, by its name; a table that
    has others is refused, because a cut file looks like a good one.
    """

    path: str | None = None
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def load(self) -> Table:
        """Canonical bookings; canonicalised once for each content of the source."""
        cache = workspace.root() / self.cache
        files = find(self.path or (str(cache) if tables_in(cache) else None))
        return load_canonical(self, hashes_of(files), lambda: self._raw(files))

    def _raw(self, files: list[Path]) -> Raw:
        raw = read(files)
        form = "extract" if "booking_id" in raw else "publication"
        bookings = to_canonical_names(raw)
        return Raw(bookings, flagged=oddities(bookings), expected=self.counts.get(form, {}))


def find(place: str | None) -> list[Path]:
    """The file or files of the table; UsageError if there is none, with what to type."""
    if not place:
        raise UsageError(
            "the real bookings are not here: type data.path=FILE_OR_FOLDER, set VISPERA_DATA, or put the "
            "table into data/; problem=simulated needs no data"
        )
    path = Path(place).expanduser()
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise UsageError(f"data.path '{place}' is neither a file nor a folder")
    tables = tables_in(path)
    both = [f for f in tables if _publication_key(f)]
    if len(both) == 2 and _publication_key(both[0]) != _publication_key(both[1]):
        return both
    if len(tables) == 1:
        return tables
    raise UsageError(
        f"data.path '{place}' holds {len(tables)} tables; "
        "wanted one table, or H1.csv and H2.csv; name the file"
    )


def tables_in(folder: Path) -> list[Path]:
    """CSV and Parquet files that lie in a folder itself."""
    return sorted(f for f in folder.glob("*") if f.suffix in (".csv", ".parquet"))


def _publication_key(path: Path) -> str | None:
    key = path.stem.lower()
    return key if key in HOTELS else None


def read(files: list[Path]) -> pd.DataFrame:
    """Raw rows of one file, or of the publication's two with their hotel added, in snake_case."""
    frames = []
    for path in files:
        frame = read_table(path).rename(columns=_snake)
        if "hotel" not in frame:
            key = _publication_key(path)
            if key is None:
                raise ContractBroken(f"{path.name}: no column 'hotel', and the name is neither H1 nor H2")
            frame = frame.assign(hotel=HOTELS[key])
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def _snake(name: str) -> str:
    """``ArrivalDateYear`` and ``IsCanceled`` as the merged table writes them.

    >>> _snake("StaysInWeekendNights"), _snake("ADR"), _snake("is_canceled")
    ('stays_in_weekend_nights', 'adr', 'is_canceled')
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", str(name).strip()).lower()


def to_canonical_names(raw: pd.DataFrame) -> pd.DataFrame:
    """Raw snake_case bookings with the canonical dates, nights and outcome made from what they hold."""
    needed = ["lead_time", "reservation_status", "reservation_status_date", "is_canceled"]
    needed += ["stays_in_weekend_nights", "stays_in_week_nights"]
    needed += (
        []
        if "arrival_date" in raw
        else [f"arrival_date_{part}" for part in ("year", "month", "day_of_month")]
    )
    if absent := [name for name in needed if name not in raw]:
        raise ContractBroken(*(f"hotel: column '{name}' is missing" for name in absent))
    arrival = pd.to_datetime(raw["arrival_date"]) if "arrival_date" in raw else _arrival(raw)
    status = raw["reservation_status"].astype("str").str.strip()
    lead = pd.to_timedelta(numbers(raw.loc[:, "lead_time"]), unit="D")
    status_date = pd.to_datetime(raw["reservation_status_date"], errors="coerce", format="ISO8601")
    return raw.assign(
        arrival_date=arrival,
        booking_date=arrival - lead,
        nights=_sum(raw, "stays_in_weekend_nights", "stays_in_week_nights"),
        reservation_status=status,
        cancelled=raw["is_canceled"],
        # a stay and a no-show are known on the day of arrival, whatever date the status carries
        outcome_date=status_date.where(status == "Canceled", arrival),
    )


def _arrival(raw: pd.DataFrame) -> pd.Series:
    parts = [
        raw[f"arrival_date_{part}"].astype("str").str.strip() for part in ("year", "month", "day_of_month")
    ]
    return pd.to_datetime(parts[0] + " " + parts[1] + " " + parts[2], format="%Y %B %d", errors="coerce")


def _sum(raw: pd.DataFrame, *names: str) -> pd.Series:
    return sum((numbers(raw.loc[:, name]) for name in names), start=pd.Series(0, index=raw.index))


def oddities(bookings: pd.DataFrame) -> dict[str, int]:
    """Rows that are strange but stay, counted by what is strange about them."""
    number = {
        name: numbers(bookings.loc[:, name])
        for name in ("adults", "children", "babies", "nights", "adr")
        if name in bookings
    }
    guests = number["adults"] + number["children"] + number["babies"]
    no_show = bookings["reservation_status"] == "No-Show"
    status_date = pd.to_datetime(bookings["reservation_status_date"], errors="coerce", format="ISO8601")
    found = {
        "no guest": guests == 0,
        "children not told": number["children"].isna(),
        "no night": number["nights"] == 0,
        "ten adults or more": number["adults"] >= 10,
        "negative adr": number["adr"] < 0,
        "no-show with another status date": no_show & (status_date != bookings["arrival_date"]),
    }
    return {what: int(rows.sum()) for what, rows in found.items() if rows.any()}
