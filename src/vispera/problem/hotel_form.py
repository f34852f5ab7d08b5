"""The forms in which the hotel's published table circulates, and one set of names for all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from vispera.errors import ContractBroken
from vispera.lazy import pandas as pd
from vispera.problem.source import numbers, read_table

HOTELS = {"h1": "Resort Hotel", "h2": "City Hotel"}
"""Hotel of each file of the publication, which has no such column."""


def form_of(columns: Iterable[str]) -> str:
    """Which form of the source has these columns, as in ``counts``."""
    return "extract" if "booking_id" in columns else "publication"


def glance(files: Iterable[Path]) -> tuple[str, int]:
    """Form of the source and its number of rows, from names of columns and ends of lines alone.

    ContractBroken where a file is no table.
    """
    columns, rows = [], 0
    for path in files:
        try:
            names, count = _parquet(path) if path.suffix == ".parquet" else _csv(path)
        except (OSError, ValueError) as broken:
            raise ContractBroken(f"{path.name} cannot be read as a table: {broken}") from None
        columns, rows = [*columns, *names], rows + count
    return form_of(columns), rows


def _parquet(path: Path) -> tuple[list[str], int]:
    from pyarrow.parquet import read_metadata

    about = read_metadata(path)
    return about.schema.names, about.num_rows


def _csv(path: Path) -> tuple[list[str], int]:
    with path.open("rb") as file:
        header = file.readline().decode()
        return header.strip().split(","), sum(1 for _ in file)


def hotel_file(path: Path) -> str | None:
    """Which of the publication's files this is called like, a key of ``HOTELS``; None if neither."""
    key = path.stem.lower()
    return key if key in HOTELS else None


def read(files: list[Path]) -> pd.DataFrame:
    """Raw rows of one file, or of the publication's two with their hotel added, in snake_case."""
    frames = []
    for path in files:
        frame = read_table(path).rename(columns=snake)
        if "hotel" not in frame:
            key = hotel_file(path)
            if key is None:
                raise ContractBroken(f"{path.name}: no column 'hotel', and the name is neither H1 nor H2")
            frame = frame.assign(hotel=HOTELS[key])
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def snake(name: str) -> str:
    """``ArrivalDateYear`` and ``IsCanceled`` as the merged table writes them.

    >>> snake("StaysInWeekendNights"), snake("ADR"), snake("is_canceled")
    ('stays_in_weekend_nights', 'adr', 'is_canceled')
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", str(name).strip()).lower()


OUTCOME = ("reservation_status", "reservation_status_date", "is_canceled")
"""Columns of which the outcome is made."""


def missing(raw: pd.DataFrame, asked: Iterable[str] = (), known: Iterable[str] = OUTCOME) -> list[str]:
    """One fault for each column that is not there and is ``asked`` for, or needed by `to_canonical_names`."""
    needed = ["lead_time", *known]
    if "nights" not in raw:
        needed += ["stays_in_weekend_nights", "stays_in_week_nights"]
    if "arrival_date" not in raw:
        needed += [f"arrival_date_{part}" for part in ("year", "month", "day_of_month")]
    wanted = dict.fromkeys([*needed, *asked])
    return [f"hotel: column '{name}' is missing" for name in wanted if name not in raw]


def counted_in(raw: pd.DataFrame) -> dict[str, int]:
    """Number of rows and, where it can be told, of those that were cancelled or not taken up."""
    if "is_canceled" not in raw:
        return {"rows": len(raw)}
    return {"rows": len(raw), "cancelled": int((numbers(raw.loc[:, "is_canceled"]) == 1).sum())}


def to_canonical_names(raw: pd.DataFrame) -> pd.DataFrame:
    """Raw snake_case bookings with the canonical dates, nights and outcome made from what they hold."""
    if absent := missing(raw):
        raise ContractBroken(*absent)
    booked = booking_facts(raw, strict=True)
    arrival = booked["arrival_date"]
    status = raw["reservation_status"].astype("str").str.strip()
    status_date = pd.to_datetime(raw["reservation_status_date"], errors="coerce", format="ISO8601")
    return booked.assign(
        reservation_status=status,
        cancelled=raw["is_canceled"],
        # a stay and a no-show are known on the day of arrival, whatever date the status carries
        outcome_date=status_date.where(status == "Canceled", arrival),
    )


def booking_facts(raw: pd.DataFrame, strict: bool = False) -> pd.DataFrame:
    """Raw bookings with what a nightly extract tells of them under the declared names, outcomes left alone.

    Where the extract carries ``arrival_date`` and ``nights`` already, they are taken as they are. A date or
    lead time that cannot be read is a ValueError if ``strict``, and missing else.
    """
    if absent := missing(raw, known=()):
        raise ContractBroken(*absent)
    errors = "raise" if strict else "coerce"
    told = "arrival_date" in raw
    arrival = pd.to_datetime(raw["arrival_date"], errors=errors) if told else _arrival(raw)
    lead = pd.to_timedelta(numbers(raw.loc[:, "lead_time"]), unit="D", errors=errors)
    nights = (
        raw["nights"] if "nights" in raw else _sum(raw, "stays_in_weekend_nights", "stays_in_week_nights")
    )
    return raw.assign(arrival_date=arrival, booking_date=arrival - lead, nights=nights)


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
