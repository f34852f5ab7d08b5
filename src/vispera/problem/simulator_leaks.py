"""Twelve leaks, each of another mechanism, that can be planted in what a clean simulation wrote down.

A leak changes the written table, a source or a declaration; what happened, and the truth, stay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from vispera.lazy import pandas as pd
from vispera.schema import Kind, Known

if TYPE_CHECKING:
    Frames = dict[str, pd.DataFrame]
    Plant = Callable[[np.random.Generator, pd.DataFrame, Frames], tuple[pd.DataFrame, Frames]]

REDATED_DAYS = 70
DISORDER_DAYS = 364
_SEPARATION = 2.7
"""Standard deviations between the two outcomes: a ROC AUC of 0.97."""
_NAMED_SEPARATION = 0.36
"""The same for a column that only its name gives away: 0.60."""


@dataclass(frozen=True)
class Leak:
    """One leak: its ``mechanism`` in a line, and how a problem would wrongly declare its columns.

    ``planted`` is ``{column: (known, kind)}`` for columns that are new or whose declaration is wrong;
    ``source`` names the source that is spoiled, if one is. ``on_the_night`` has the value that a new
    or check-in column shows in a nightly extract, where its later value cannot be.
    """

    mechanism: str
    plant: Plant
    planted: Mapping[str, tuple[Known, Kind]] = field(default_factory=dict)
    source: str | None = None
    on_the_night: Mapping[str, object] = field(default_factory=dict)


def _as_written(
    rng: np.random.Generator, bookings: pd.DataFrame, sources: Frames
) -> tuple[pd.DataFrame, Frames]:
    """Nothing changes but the declaration: the column was always there."""
    return bookings, sources


def _status(rng, bookings, sources):
    codes = {"Check-Out": "K1", "Canceled": "K2", "No-Show": "K3"}
    return bookings.assign(state_code=bookings["reservation_status"].map(codes)), sources


def _position(rng, bookings, sources):
    return bookings.assign(record_number=np.arange(1, len(bookings) + 1)), sources


def _shifted_by_outcome(rng: np.random.Generator, bookings: pd.DataFrame, by: float) -> np.ndarray:
    return np.round(rng.normal(size=len(bookings)) + by * bookings["is_canceled"].to_numpy(), 4)


def _opaque(rng, bookings, sources):
    return bookings.assign(index_a=_shifted_by_outcome(rng, bookings, _SEPARATION)), sources


def _opaque_inverted(rng, bookings, sources):
    return bookings.assign(index_b=_shifted_by_outcome(rng, bookings, -_SEPARATION)), sources


def _label_in_name(rng, bookings, sources):
    score = _shifted_by_outcome(rng, bookings, _NAMED_SEPARATION)
    return bookings.assign(cancellation_flag_score=score), sources


def _overwritten(rng, bookings, sources):
    wiped = bookings["is_canceled"].eq(1) & (rng.random(len(bookings)) < 0.6)
    return bookings.assign(meal=bookings["meal"].mask(wiped, "Undefined")), sources


def _backdated(rng, bookings, sources):
    """Guest histories that already count the booking on whose day they claim to have been known."""
    one_a_unit = bookings.sort_values("booking_id").drop_duplicates(["guest_id", "booking_date"])
    own = one_a_unit.rename(columns={"booking_date": "known_at"})[["guest_id", "known_at", "is_canceled"]]
    rows = own.merge(sources["guest_history"], on=["guest_id", "known_at"], how="left")
    known = rows[["past_stays", "past_cancellations"]].fillna(0).astype(np.int64)
    spoiled = pd.DataFrame(
        {
            "guest_id": rows["guest_id"],
            "known_at": rows["known_at"],
            "past_stays": known["past_stays"] + (1 - rows["is_canceled"]),
            "past_cancellations": known["past_cancellations"] + rows["is_canceled"],
        }
    )
    spoiled = spoiled.sort_values(["guest_id", "known_at"]).reset_index(drop=True)
    return bookings, {**sources, "guest_history": spoiled}


def _redated(rng, bookings, sources):
    """A third of the rooms of each request of several, entered again under dates ten weeks away."""
    several = bookings.duplicated(["guest_id", "arrival_date", "booking_date"], keep=False).to_numpy()
    moved = several & (rng.random(len(bookings)) < 1 / 3)
    room_left = bookings["arrival_date"] + pd.Timedelta(days=REDATED_DAYS) <= bookings["arrival_date"].max()
    by = np.where(moved, np.where(room_left, REDATED_DAYS, -REDATED_DAYS), 0)
    moved_dates = ("arrival_date", "booking_date", "reservation_status_date")
    return _redate(bookings, by, moved_dates), sources


def _disordered(rng, bookings, sources):
    """A fifth of the last half year's bookings under a year typed wrong; their status dates are right."""
    latest = bookings["arrival_date"] > bookings["arrival_date"].max() - pd.Timedelta(days=182)
    moved = latest.to_numpy() & (rng.random(len(bookings)) < 0.2)
    return _redate(bookings, np.where(moved, -DISORDER_DAYS, 0), ("arrival_date", "booking_date")), sources


def _redate(bookings: pd.DataFrame, by: np.ndarray, columns: tuple[str, ...]) -> pd.DataFrame:
    """The table with dates moved by days, and all that repeats the date of arrival with it."""
    moved = {
        name: bookings[name] + pd.to_timedelta(by, unit="D").astype("timedelta64[s]") for name in columns
    }
    arrival = moved["arrival_date"].dt
    return bookings.assign(
        **moved,
        arrival_date_year=arrival.year.astype(np.int16),
        arrival_date_month=arrival.month_name().astype("str"),
        arrival_date_week_number=((arrival.day_of_year - 1) // 7 + 1).astype(np.int8),
        arrival_date_day_of_month=arrival.day.astype(np.int8),
    )


LEAKS: Mapping[str, Leak] = {
    "country": Leak(
        "a fact that check-in corrects (country, PRT until then) is declared as known at booking",
        _as_written,
        {"country": ("booking", "category")},
        on_the_night={"country": "PRT"},
    ),
    "parking": Leak(
        "a fact written at check-in only, whose other values never go with a cancellation",
        _as_written,
        {"required_car_parking_spaces": ("booking", "integer")},
        on_the_night={"required_car_parking_spaces": 0},
    ),
    "status": Leak(
        "the outcome itself, as a category of other names (K1 stayed, K2 cancelled, K3 no-show)",
        _status,
        {"state_code": ("booking", "category")},
        on_the_night={"state_code": "K0"},
    ),
    "last_adr": Leak(
        "a mutable value, of which the table holds the last only, is declared as known at booking",
        _as_written,
        {"adr": ("booking", "number")},
    ),
    "row_position": Leak(
        "the position in the file, whose order follows the outcome, is offered as a fact",
        _position,
        {"record_number": ("booking", "integer")},
        on_the_night={"record_number": -1},
    ),
    "opaque": Leak(
        "a number of unknown origin that alone nearly decides the outcome, upwards",
        _opaque,
        {"index_a": ("booking", "number")},
        on_the_night={"index_a": np.nan},
    ),
    "opaque_inverted": Leak(
        "a number of unknown origin that alone nearly decides the outcome, downwards",
        _opaque_inverted,
        {"index_b": ("booking", "number")},
        on_the_night={"index_b": np.nan},
    ),
    "overwritten_fact": Leak(
        "a booking fact (meal) is wiped from 60% of cancelled bookings after the cancellation",
        _overwritten,
        {"meal": ("booking", "category")},
    ),
    "backdated_source": Leak(
        "guest histories count the outcome of the booking on whose day they claim to have been known",
        _backdated,
        source="guest_history",
    ),
    "label_in_name": Leak(
        "a column whose name holds the label; its values alone are too weak to give it away",
        _label_in_name,
        {"cancellation_flag_score": ("booking", "number")},
        on_the_night={"cancellation_flag_score": np.nan},
    ),
    "redated_twins": Leak(
        "rooms of one request stand under dates ten weeks apart, on both sides of a split",
        _redated,
    ),
    "disordered_dates": Leak(
        "late bookings stand a year too early, so that windows hold outcomes from after their end",
        _disordered,
    ),
}
"""Leaks by name; the seven checks of the gate and their variants each have one that shows them."""
