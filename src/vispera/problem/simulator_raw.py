"""Bookings in the raw form of the real table, its traps included.

The columns and their order are those of the real extract (35), then ``guest_id`` (pseudonymous) and
``do_not_call``. What the real table's traps look like here:

- ``country`` says PRT until check-in corrects it; ``required_car_parking_spaces`` is asked for at check-in;
  ``assigned_room_type`` may change at check-in only.
- ``adr``, ``booking_changes``, ``total_of_special_requests``, ``days_in_waiting_list`` hold the last value:
  each booking has one day on which it would change, and changes only if it is still alive then.
- Rows come hotel by hotel, month by month, those not taken up together: their order follows the outcome.
- A few rows in a thousand are odd as in the real table: no guest, no night, negative or absurd price,
  adults up to 55, missing children or country, undefined meal, one no-show dated late.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from vispera.clock import NEVER, dates
from vispera.lazy import pandas as pd
from vispera.problem.simulator_demand import (
    CHANNELS,
    CUSTOMERS,
    DEPOSITS,
    HOTELS,
    MEALS,
    ROOMS,
    SEGMENTS,
    Book,
    weekday,
)
from vispera.problem.simulator_truth import Outcome

AFTER_BOOKING = (
    "is_canceled",
    "country",
    "required_car_parking_spaces",
    "assigned_room_type",
    "reservation_status",
    "reservation_status_date",
)
"""Columns that no nightly extract has: written at check-in, or with the outcome."""
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_COUNTRIES = ("PRT", "GBR", "FRA", "ESP", "DEU", "ITA", "IRL", "BRA", "BEL", "NLD", "USA", "CHE", "CN")
_COUNTRY_WEIGHTS = (0.29, 0.13, 0.11, 0.09, 0.08, 0.04, 0.04, 0.03, 0.03, 0.03, 0.03, 0.02, 0.08)
_STATUS = ("Check-Out", "Canceled", "No-Show")
_UNDEFINED_MEAL = MEALS.index("Undefined")


@dataclass(frozen=True)
class Desk:
    """What the desk writes into a booking after it was made, (n,) each.

    ``changed_on`` is the day on which price, changes and requests take their last value if the booking
    is still alive; the ``more_`` and ``new_`` arrays say to what. The rest is written at check-in.
    """

    changed_on: np.ndarray
    new_price: np.ndarray
    more_changes: np.ndarray
    requests: np.ndarray
    more_requests: np.ndarray
    waiting: np.ndarray
    country: np.ndarray
    parking: np.ndarray
    assigned: np.ndarray
    do_not_call: np.ndarray

    def take(self, chosen: np.ndarray) -> Desk:
        """Bookings at these positions."""
        return Desk(**{f.name: getattr(self, f.name)[chosen] for f in fields(self)})


def desk(rng: np.random.Generator, book: Book, do_not_call: float) -> Desk:
    """Later entries of every booking, drawn without a look at its outcome."""
    n = len(book)
    changes = rng.random(n) < 0.35
    countries = np.searchsorted(np.cumsum(_COUNTRY_WEIGHTS), rng.random(n), side="right")
    upgraded = rng.random(n) < 0.2
    # A guest says once and for all that he does not want to be called.
    refuses = rng.random(int(book.guest.max()) + 1) < do_not_call
    return Desk(
        changed_on=book.booked + 1 + (rng.random(n) * book.lead).astype(np.int64),
        new_price=np.round(book.price * np.where(changes, np.exp(rng.normal(-0.03, 0.12, n)), 1.0), 2),
        more_changes=np.where(changes, rng.geometric(0.72, n), 0),
        requests=rng.poisson(0.27, n),
        more_requests=rng.poisson(0.38, n),
        waiting=np.where((book.segment == 2) & (rng.random(n) < 0.15), rng.geometric(0.015, n), 0),
        country=np.minimum(countries, len(_COUNTRIES) - 1),
        parking=(rng.random(n) < 0.1).astype(np.int64),
        assigned=np.minimum(book.room + upgraded, len(ROOMS) - 1),
        do_not_call=refuses[book.guest],
    )


def booked_facts(book: Book, pseudonym: np.ndarray) -> dict[str, np.ndarray | pd.Series]:
    """Columns that are fixed on the booking day, by the real table's names."""
    arrival = book.arrival.astype("datetime64[D]")
    year = arrival.astype("datetime64[Y]")
    day_of_year = (arrival - year.astype("datetime64[D]")).astype(np.int64)
    weekend = _weekend_nights(book.arrival, book.nights)
    return {
        "arrival_date": dates(book.arrival),
        "booking_date": dates(book.booked),
        "hotel": _named(HOTELS, book.hotel),
        "lead_time": book.lead.astype(np.int16),
        "arrival_date_year": (year.astype(np.int64) + 1970).astype(np.int16),
        "arrival_date_month": _named(MONTHS, book.month),
        # The real table's week numbers begin with the year, not with ISO's first week.
        "arrival_date_week_number": (day_of_year // 7 + 1).astype(np.int8),
        "arrival_date_day_of_month": ((arrival - arrival.astype("datetime64[M]")).astype(int) + 1).astype(
            np.int8
        ),
        "stays_in_weekend_nights": weekend.astype(np.int16),
        "stays_in_week_nights": (book.nights - weekend).astype(np.int16),
        "adults": book.adults.astype(np.int16),
        "children": np.where(book.children < 0, np.nan, book.children),
        "babies": book.babies.astype(np.int16),
        "meal": _named(MEALS, book.meal),
        "market_segment": _named(SEGMENTS, book.segment),
        "distribution_channel": _named(CHANNELS, book.channel),
        "is_repeated_guest": book.repeated.astype(np.int8),
        "previous_cancellations": book.previous_cancellations.astype(np.int16),
        "previous_bookings_not_canceled": book.previous_kept.astype(np.int16),
        "reserved_room_type": _named(ROOMS, book.room),
        "deposit_type": _named(DEPOSITS, book.deposit),
        "agent": np.where(book.agent > 0, book.agent, np.nan),
        "company": np.where(book.company > 0, book.company, np.nan),
        "customer_type": _named(CUSTOMERS, book.customer),
        "guest_id": pseudonym,
    }


def mutable_facts(book: Book, entries: Desk, alive_until: np.ndarray) -> dict[str, np.ndarray]:
    """Last values of the mutable columns for bookings that lived until these days."""
    changed = entries.changed_on <= alive_until
    return {
        "booking_changes": np.where(changed, entries.more_changes, 0).astype(np.int16),
        "days_in_waiting_list": np.minimum(entries.waiting, alive_until - book.booked).astype(np.int16),
        "adr": np.where(changed, entries.new_price, book.price),
        "total_of_special_requests": (entries.requests + np.where(changed, entries.more_requests, 0)).astype(
            np.int16
        ),
    }


def checked_in(book: Book, entries: Desk, outcome: Outcome) -> dict[str, np.ndarray | pd.Series]:
    """Columns that check-in and outcome write."""
    came = ~(outcome.cancelled | outcome.absent)
    status = np.where(came, 0, np.where(outcome.absent, 2, 1))
    return {
        "is_canceled": (~came).astype(np.int8),
        "country": _named(_COUNTRIES, np.where(came, entries.country, 0)),
        "required_car_parking_spaces": np.where(came, entries.parking, 0).astype(np.int16),
        "assigned_room_type": _named(ROOMS, np.where(came, entries.assigned, book.room)),
        "reservation_status": _named(_STATUS, status),
        "reservation_status_date": dates(outcome.resolved),
    }


def raw_table(
    rng: np.random.Generator, book: Book, entries: Desk, outcome: Outcome, pseudonym: np.ndarray
) -> pd.DataFrame:
    """All bookings in the raw form, in an order that follows the outcome; bookings are numbered 1 to n."""
    order = _file_order(rng, book, outcome)
    book, entries, outcome = book.take(order), entries.take(order), outcome.take(order)
    alive_until = np.where(outcome.cancelled | outcome.absent, outcome.resolved - 1, NEVER)
    columns = {
        "booking_id": (order + 1).astype(np.int32),
        **booked_facts(book, pseudonym[order]),
        **mutable_facts(book, entries, alive_until),
        **checked_in(book, entries, outcome),
        "do_not_call": entries.do_not_call,
    }
    return soil_outcomes(rng, pd.DataFrame({name: columns[name] for name in RAW_COLUMNS}))


def _file_order(rng: np.random.Generator, book: Book, outcome: Outcome) -> np.ndarray:
    """Positions hotel by hotel and month by month, those not taken up last but for 5% that strayed."""
    gone = outcome.cancelled | outcome.absent
    strayed = rng.random(len(book)) < 0.05
    month = book.arrival.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.lexsort((rng.random(len(book)), gone ^ strayed, month, book.hotel))


def soil(rng: np.random.Generator, book: Book) -> Book:
    """Requests of which a few are odd, at the real table's rates."""
    n = len(book)
    draw = rng.random((5, n))
    adults = np.where(draw[0] < 0.0016, 0, book.adults)
    adults = np.where(draw[0] > 1 - 0.0002, rng.integers(20, 56, n), adults)
    single = book.rooms == 1
    price = np.where(draw[1] < 0.00002, -6.38, np.where(draw[1] > 1 - 0.00002, 5400.0, book.price))
    return Book(
        **{
            **book.__dict__,
            "adults": np.where(single, adults, book.adults),
            "price": np.where(draw[1] > 0.992, np.where(draw[1] > 0.99998, price, 0.0), price),
            # -1 stands for a missing number of children.
            "children": np.where(single & (draw[2] < 0.0001), -1, book.children),
            "meal": np.where(draw[3] < 0.003, _UNDEFINED_MEAL, book.meal),
            "segment": np.where(single & (draw[4] < 0.00004), SEGMENTS.index("Undefined"), book.segment),
        }
    )


def soil_outcomes(rng: np.random.Generator, table: pd.DataFrame) -> pd.DataFrame:
    """The table with a few countries missing and one no-show's status dated after its arrival."""
    missing = rng.random(len(table)) < 0.0047
    table["country"] = table["country"].mask(missing)
    absent = np.flatnonzero(table["reservation_status"].eq("No-Show"))
    if len(absent):
        row = int(rng.choice(absent))
        table.loc[row, "reservation_status_date"] += pd.Timedelta(days=1)
    return table


def _weekend_nights(arrival: np.ndarray, nights: np.ndarray) -> np.ndarray:
    """Nights from Sunday and from Monday on, which the real table counts as weekend."""
    by_weekday = np.array(
        [[sum((w + k) % 7 in (6, 0) for k in range(r)) for r in range(7)] for w in range(7)]
    )
    return nights // 7 * 2 + by_weekday[weekday(arrival), nights % 7]


def _named(names: tuple[str, ...], codes: np.ndarray) -> pd.Series:
    import pyarrow as pa  # not above: typed arguments name this module, and need no tables

    coded = pa.DictionaryArray.from_arrays(pa.array(codes, type=pa.int32()), pa.array(names))
    return pd.Series(pd.array(coded.cast(pa.string()), dtype="str"))


RAW_COLUMNS = (
    "booking_id",
    "arrival_date",
    "booking_date",
    "hotel",
    "is_canceled",
    "lead_time",
    "arrival_date_year",
    "arrival_date_month",
    "arrival_date_week_number",
    "arrival_date_day_of_month",
    "stays_in_weekend_nights",
    "stays_in_week_nights",
    "adults",
    "children",
    "babies",
    "meal",
    "country",
    "market_segment",
    "distribution_channel",
    "is_repeated_guest",
    "previous_cancellations",
    "previous_bookings_not_canceled",
    "reserved_room_type",
    "assigned_room_type",
    "booking_changes",
    "deposit_type",
    "agent",
    "company",
    "days_in_waiting_list",
    "customer_type",
    "adr",
    "required_car_parking_spaces",
    "total_of_special_requests",
    "reservation_status",
    "reservation_status_date",
    "guest_id",
    "do_not_call",
)
"""Columns of the raw table in its order."""
