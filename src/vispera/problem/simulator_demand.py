"""Requests for rooms: who asks for what, when, and at which of the two hotels.

A *request* is a unit of one or more equal rooms that one guest asks for on one day. All shares, means
and medians below are rounded from the real table (103,505 bookings of a city and a resort hotel,
arrivals 2015-07-01..2017-05-31); no row of it is copied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

HOTELS = ("City Hotel", "Resort Hotel")
SEGMENTS = (
    "Online TA",
    "Offline TA/TO",
    "Groups",
    "Direct",
    "Corporate",
    "Complementary",
    "Aviation",
    "Undefined",
)
CHANNELS = ("TA/TO", "Direct", "Corporate", "GDS", "Undefined")
CUSTOMERS = ("Transient", "Transient-Party", "Contract", "Group")
MEALS = ("BB", "HB", "SC", "FB", "Undefined")
ROOMS = ("A", "D", "E", "F", "G", "B", "C", "H")
DEPOSITS = ("No Deposit", "Non Refund", "Refundable")
NON_REFUND = DEPOSITS.index("Non Refund")
LONGEST_LEAD = 540
"""Days; the real table has longer leads in 0.3% of its rows."""

_SEGMENT_ROWS = (
    (0.468, 0.220, 0.189, 0.073, 0.040, 0.007, 0.003),
    (0.418, 0.188, 0.166, 0.161, 0.062, 0.005, 0),
)
_BLOCK_SHARE = (0.004, 0.055, 1.0, 0.004, 0.03, 0.0, 0.0)
_BLOCK_ROOMS = 8
_LEAD_MEAN = ((75, 131, 190, 44, 24, 11, 5), (73, 113, 166, 41, 17, 21, 5))
_LEAD_SHAPE = (0.85, 1.3, 1.9, 0.55, 0.6, 0.5, 1.0)
_LEAD_BY_MONTH = (0.6, 0.65, 0.8, 0.95, 1.15, 1.2, 1.15, 1.1, 1.3, 1.15, 0.75, 0.8)
_DEMAND_BY_MONTH = (
    (0.55, 0.75, 0.95, 1.15, 1.25, 1.2, 0.95, 1.1, 1.15, 1.15, 0.75, 0.7),
    (0.65, 0.85, 0.95, 1.05, 1.1, 1.0, 1.15, 1.2, 1.0, 1.05, 0.75, 0.8),
)
_DEMAND_BY_WEEKDAY = (1.06, 0.81, 0.96, 1.13, 1.17, 1.06, 0.81)
_HOTEL_ROWS = (0.663, 0.337)
_CHANNEL = {
    0: (0.99, 0.005, 0, 0.005),
    3: (0.02, 0.97, 0.01, 0),
    4: (0.06, 0.04, 0.9, 0),
    2: (0.87, 0.08, 0.05, 0),
}
_CUSTOMER = {
    0: (0.90, 0.064, 0.032, 0.004),
    1: (0.58, 0.345, 0.067, 0.008),
    2: (0.05, 0.90, 0.045, 0.005),
    3: (0.897, 0.09, 0.002, 0.011),
    4: (0.66, 0.33, 0.005, 0.005),
}
_NON_REFUND = ((0.0, 0.26, 0.61, 0.0, 0.1), (0.0, 0.03, 0.28, 0.0, 0.02))
_NIGHTS = (
    (0.007, 0.20, 0.275, 0.255, 0.13, 0.055, 0.03, 0.028, 0.02),
    (0.006, 0.19, 0.15, 0.12, 0.10, 0.08, 0.05, 0.22, 0.084),
)
_MEAL = ((0.78, 0.08, 0.13, 0.002, 0.008), (0.75, 0.20, 0.0, 0.03, 0.02))
_ROOM = (
    (0.80, 0.14, 0.017, 0.021, 0.005, 0.015, 0.002, 0),
    (0.60, 0.18, 0.122, 0.026, 0.038, 0.002, 0.018, 0.014),
)
_ROOM_PRICE = (1.0, 1.35, 1.5, 1.9, 2.2, 0.95, 1.8, 2.3)
_PRICE_BY_MONTH = (
    (80, 80, 88, 105, 120, 110, 94, 96, 107, 100, 85, 85),
    (48, 51, 56, 75, 73, 94, 135, 175, 86, 58, 45, 58),
)
_SEGMENT_PRICE = (1.08, 0.88, 0.78, 1.08, 0.72, 0.0, 0.95, 0.9)
_AGENTS = 120
TOP_AGENTS = (9, 1, 28, 14, 240, 250, 96, 241)
"""Agents with most bookings: of Online, Offline, Groups and Direct, City before Resort."""


@dataclass(frozen=True)
class Book:
    """Bookings as arrays of one length; names are codes into the tuples of this module.

    ``arrival`` counts days from 1970-01-01; ``lead`` is in days, ``price`` in EUR a night as agreed on
    the booking day; ``agent`` and ``company`` are 0 for none; ``unit`` numbers requests.
    """

    hotel: np.ndarray
    segment: np.ndarray
    channel: np.ndarray
    customer: np.ndarray
    meal: np.ndarray
    room: np.ndarray
    deposit: np.ndarray
    agent: np.ndarray
    company: np.ndarray
    adults: np.ndarray
    children: np.ndarray
    babies: np.ndarray
    repeated: np.ndarray
    previous_cancellations: np.ndarray
    previous_kept: np.ndarray
    arrival: np.ndarray
    lead: np.ndarray
    nights: np.ndarray
    price: np.ndarray
    rooms: np.ndarray
    guest: np.ndarray
    unit: np.ndarray

    def __len__(self) -> int:
        return len(self.arrival)

    @property
    def booked(self) -> np.ndarray:
        """Day of booking, counted from 1970-01-01."""
        return self.arrival - self.lead

    @property
    def month(self) -> np.ndarray:
        """Month of arrival, 0 to 11."""
        return self.arrival.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12

    @property
    def weekday(self) -> np.ndarray:
        """Weekday of arrival, 0 for Monday."""
        return weekday(self.arrival)

    def take(self, chosen: np.ndarray) -> Book:
        """Bookings at these positions, or where this mask is true."""
        return Book(**{f.name: getattr(self, f.name)[chosen] for f in fields(self)})


def weekday(day_numbers: np.ndarray) -> np.ndarray:
    """Weekday of day numbers, 0 for Monday (1970-01-01 was a Thursday)."""
    return (day_numbers + 3) % 7


def requests(
    rng: np.random.Generator, rows: int, first: int, last: int, largest: int, shift: int | None
) -> Book:
    """Requests of about ``rows`` rooms for arrivals from day ``first`` to ``last``, one row a request.

    No request asks for more than ``largest`` rooms. From arrivals on day ``shift`` on (None: never) the
    mix is another: online agencies twice as common, leads 0.6 as long, half of the agents new.
    """
    size_by_segment = 1 + np.array(_BLOCK_SHARE) * (_BLOCK_ROOMS - 1)
    weights = np.array(_SEGMENT_ROWS) / size_by_segment
    rows_a_request = 1 / weights.sum(axis=1)
    count = int(rows / np.dot(_HOTEL_ROWS, rows_a_request))
    hotel = _choose(rng, np.array(_HOTEL_ROWS) / rows_a_request, count)
    arrival = _arrivals(rng, hotel, first, last)
    moved = np.zeros(count, dtype=bool) if shift is None else arrival >= shift
    mixes = {False: weights, True: weights * np.array([2.0, 1, 1, 1, 1, 1, 1])}
    segment = np.zeros(count, dtype=np.int64)
    for h in range(2):
        for late, mix in mixes.items():
            here = (hotel == h) & (moved == late)
            segment[here] = _choose(rng, mix[h], int(here.sum()))
    month = arrival.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    rooms = _rooms(rng, segment, largest)
    lead_mean = (
        np.array(_LEAD_MEAN)[hotel, segment] * np.array(_LEAD_BY_MONTH)[month] * np.where(moved, 0.6, 1)
    )
    shape = np.array(_LEAD_SHAPE)[segment]
    lead = rng.gamma(shape, lead_mean / shape).astype(np.int64)
    # The few that are too long are spread, so that no lead is made common by the cut.
    lead = np.where(lead > LONGEST_LEAD, rng.integers(LONGEST_LEAD // 2, LONGEST_LEAD + 1, count), lead)
    lead = np.where(rooms > 1, np.maximum(lead, 3), lead)
    nights = _by_group(rng, _NIGHTS, hotel)
    longer = nights == 8
    nights[longer] += rng.geometric(0.35, int(longer.sum())) - 1
    room = np.where(rooms > 1, 0, _by_group(rng, _ROOM, hotel))
    agent, company = _intermediaries(rng, hotel, segment, moved)
    noise = np.exp(rng.normal(0, 0.22, count))
    price = np.array(_PRICE_BY_MONTH)[hotel, month] * np.array(_ROOM_PRICE)[room]
    price = np.round(price * np.array(_SEGMENT_PRICE)[segment] * noise, 2)
    repeated = rng.random(count) < np.where(segment >= 3, 0.12, 0.012)
    kept = np.where(repeated, rng.geometric(0.3, count), 0)
    children = np.where(rng.random(count) < 0.075, rng.integers(1, 3, count), 0)
    return Book(
        hotel=hotel,
        segment=segment,
        channel=_by_segment(rng, _CHANNEL, segment, (0.98, 0.01, 0.01, 0.0)),
        customer=_by_segment(rng, _CUSTOMER, segment, (0.94, 0.045, 0.005, 0.01)),
        meal=_by_group(rng, _MEAL, hotel),
        room=room,
        deposit=_deposits(rng, hotel, segment, lead),
        agent=agent,
        company=company,
        adults=_choose(rng, np.array([0.0, 0.205, 0.747, 0.046, 0.002]), count),
        children=np.where(rooms > 1, 0, children),
        babies=np.where(rooms > 1, 0, rng.random(count) < 0.009).astype(np.int64),
        repeated=repeated.astype(np.int64),
        previous_cancellations=np.where(rng.random(count) < np.where(repeated, 0.15, 0.03), 1, 0),
        previous_kept=kept,
        arrival=arrival,
        lead=lead,
        nights=nights,
        price=price,
        rooms=rooms,
        guest=rng.integers(0, 4 * count, count),
        unit=np.arange(count),
    )


def _choose(rng: np.random.Generator, weights: np.ndarray, count: int) -> np.ndarray:
    edges = np.cumsum(weights) / np.sum(weights)
    return np.minimum(np.searchsorted(edges, rng.random(count), side="right"), len(edges) - 1)


def _by_group(
    rng: np.random.Generator, tables: tuple[tuple[float, ...], ...], group: np.ndarray
) -> np.ndarray:
    result = np.zeros(len(group), dtype=np.int64)
    for g, weights in enumerate(tables):
        here = group == g
        result[here] = _choose(rng, np.array(weights), int(here.sum()))
    return result


def _by_segment(
    rng: np.random.Generator,
    tables: Mapping[int, tuple[float, ...]],
    segment: np.ndarray,
    other: tuple[float, ...],
) -> np.ndarray:
    return _by_group(rng, tuple(tables.get(s, other) for s in range(len(SEGMENTS))), segment)


def _arrivals(rng: np.random.Generator, hotel: np.ndarray, first: int, last: int) -> np.ndarray:
    days = np.arange(first, last + 1)
    month = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    by_weekday = np.array(_DEMAND_BY_WEEKDAY)[weekday(days)]
    return first + _by_group(
        rng, tuple(tuple(np.array(m)[month] * by_weekday) for m in _DEMAND_BY_MONTH), hotel
    )


def _rooms(rng: np.random.Generator, segment: np.ndarray, largest: int) -> np.ndarray:
    block = rng.random(len(segment)) < np.array(_BLOCK_SHARE)[segment]
    size = 2 + rng.geometric(1 / (_BLOCK_ROOMS - 1), len(segment)) - 1
    return np.where(block, np.minimum(size, largest), 1)


def _deposits(
    rng: np.random.Generator, hotel: np.ndarray, segment: np.ndarray, lead: np.ndarray
) -> np.ndarray:
    share = np.zeros((2, len(SEGMENTS)))
    share[:, :5] = _NON_REFUND
    draw = rng.random(len(hotel))
    # Nobody gives up the right to cancel when the free fortnight is all that is left.
    deposit = np.where((draw < share[hotel, segment]) & (lead >= 14), NON_REFUND, 0)
    return np.where((deposit == 0) & (draw > 0.9985), DEPOSITS.index("Refundable"), deposit)


def _intermediaries(
    rng: np.random.Generator, hotel: np.ndarray, segment: np.ndarray, moved: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Agent and company of each request, 0 for none: a few large agents and a long tail."""
    count = len(hotel)
    tail = 300 * hotel + 30 + np.minimum(rng.geometric(0.03, count), _AGENTS)
    tail = np.where(moved & (rng.random(count) < 0.5), tail + 130, tail)
    large = np.array(TOP_AGENTS).reshape(2, 4)[hotel, np.minimum(segment, 3)]
    top = rng.random(count) < np.array([0.65, 0.15, 0.15, 0.5, 0.1, 0.1, 0.1, 0.0])[segment]
    through = rng.random(count) < np.array([0.993, 0.986, 0.80, 0.49, 0.13, 0.13, 0.13, 0.0])[segment]
    firm = rng.random(count) < np.array([0.002, 0.004, 0.074, 0.018, 0.845, 0.42, 0.87, 0.0])[segment]
    company = 40 + np.minimum(rng.geometric(0.02, count), 250)
    return np.where(through, np.where(top, large, tail), 0), np.where(firm, company, 0)
