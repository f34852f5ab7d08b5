"""Prices held against a plain median over small tables: which stays count, in which order groups answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booked import COSTS, HORIZON, SCHEMA, START, WORTH, bookings, season_of, shuffled, table_of
from night import scrambled
from vispera.asof import Snapshots, open_books
from vispera.clock import dates
from vispera.money.price import Prices
from vispera.money.value import prospect
from vispera.table import Table

seeds = st.integers(0, 10**6)


def median(table: Table, booking: int, night: int) -> float:
    """The protocol's price in pandas: the first group, from the narrowest on, in which a stay had matured."""
    rows = table.rows.assign(month=table.rows["arrival_date"].dt.month)
    own = rows.iloc[booking]
    matured = rows.loc[~rows["cancelled"] & (rows["outcome_date"] <= pd.Timestamp(night, unit="D"))]
    for group in (["hotel", "room", "month"], ["hotel", "month"], ["hotel", "room"], ["hotel"], []):
        same = [all(stay[name] == own[name] for name in group) for stay in matured.to_dict("records")]
        paid = matured.loc[same, "adr"].dropna().clip(lower=0)
        if len(paid):
            return float(paid.median())
    return np.nan


def everybody(table: Table, night: int) -> Snapshots:
    return Snapshots(np.arange(len(table)), np.full(len(table), night, dtype=np.int32))


@settings(deadline=None, max_examples=15)
@given(seeds, st.integers(-2, 45))
def test_it_is_the_plain_median_of_the_first_group_that_had_a_stay(seed, after):
    table = bookings(seed, count=25)
    at = everybody(table, START + after)
    wanted = [median(table, booking, START + after) for booking in range(len(table))]
    np.testing.assert_array_equal(Prices(table, WORTH).as_of(at), wanted)


def test_every_group_gets_its_turn_from_the_narrowest_on():
    """One booking is asked for; stays of ever nearer kind are added, and each is heard before the last."""
    asked = ("City", "B", "2017-03-20", "2017-03-21", False, np.nan)
    stays = [
        ("Resort", "A", "2017-01-10", 10.0),  # all stays
        ("City", "A", "2017-01-11", 20.0),  # of its hotel
        ("City", "B", "2017-01-12", 30.0),  # of its hotel and room
        ("City", "A", "2016-03-13", 40.0),  # of its hotel and month, a year before
        ("City", "B", "2016-03-14", 50.0),  # of all three
    ]
    heard = []
    for count in range(len(stays) + 1):
        past = [(hotel, room, "2015-12-01", day, False, paid) for hotel, room, day, paid in stays[:count]]
        table = small([*past, asked])
        booking = int(np.flatnonzero(table.rows["adr"].isna())[0])
        at = Snapshots(np.array([booking]), np.array([table.booked[booking]], dtype=np.int32))
        heard.append(float(Prices(table, WORTH).as_of(at)[0]))
    np.testing.assert_array_equal(heard, [np.nan, 10.0, 20.0, 30.0, 40.0, 50.0])


def small(rows: list[tuple]) -> Table:
    """Bookings by hotel, room, days of booking and arrival, whether cancelled, and rate."""
    told = pd.DataFrame(rows, columns=["hotel", "room", "booking_date", "arrival_date", "cancelled", "adr"])
    days = {
        name: pd.to_datetime(told[name]).astype("datetime64[s]") for name in ("booking_date", "arrival_date")
    }
    rest = {"guest": "Ana", "view": "sea", "deposit": "none", "nights": 1, "do_not_call": False}
    told = told.assign(**days, **rest, outcome_date=days["arrival_date"])
    return table_of(told.loc[:, [column.name for column in SCHEMA.all]])


def test_a_stay_counts_from_the_close_of_the_day_on_which_it_matured():
    table = small([("City", "A", "2017-01-01", "2017-02-02", False, 70.0)])
    prices = Prices(table, WORTH)
    eve, day = (prices.as_of(everybody(table, table.arrival[0] + after))[0] for after in (-1, 0))
    assert np.isnan(eve)
    assert day == 70.0


def test_rates_below_zero_count_as_nothing_and_missing_ones_do_not_count():
    rows = [("City", "A", "2017-01-01", "2017-02-02", False, paid) for paid in (-50.0, 60.0, np.nan)]
    table = small(rows)
    assert Prices(table, WORTH).as_of(everybody(table, int(table.arrival[0])))[0] == 30.0


def test_who_cancelled_paid_nothing_that_counts():
    rows = [
        ("City", "A", "2017-01-01", "2017-02-02", gone, paid) for gone, paid in ((False, 60.0), (True, 200.0))
    ]
    table = small(rows)
    assert Prices(table, WORTH).as_of(everybody(table, int(table.arrival[0])))[0] == 60.0


@settings(deadline=None, max_examples=25)
@given(seeds, st.integers(0, 40))
def test_nothing_later_than_the_night_counts(seed, after):
    table, night = bookings(seed), START + after
    at = open_books(table, night, night, HORIZON)
    later = scrambled(table, night, seed)
    found = Prices(later, WORTH).as_of(open_books(later, night, night, HORIZON))
    np.testing.assert_array_equal(np.sort(found), np.sort(Prices(table, WORTH).as_of(at)))


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_the_rows_plays_no_part(seed):
    table, mixed = bookings(seed), shuffled(bookings(seed), seed)
    found, again = (season_of(one) for one in (table, mixed))
    np.testing.assert_array_equal(found.unit, again.unit)
    one, other = (Prices(book.table, WORTH).as_of(book.at) for book in (found, again))
    assert one.tobytes() == other.tobytes()


def test_that_a_booking_will_be_a_stay_is_not_known_with_its_price():
    """Where the price is agreed on booking, its outcome is still to come: it is no stay before that."""
    booking, mutable = SCHEMA.columns["booking"], {}
    agreed = replace(
        SCHEMA, columns={**SCHEMA.columns, "booking": {**booking, "number": ("adr",)}, "mutable": mutable}
    )
    table = replace(small([("City", "A", "2017-01-01", "2017-02-02", False, 70.0)]), schema=agreed)
    prices = Prices(table, WORTH)
    assert np.isnan(prices.as_of(everybody(table, int(table.arrival[0]) - 1))).all()
    assert prices.as_of(everybody(table, int(table.arrival[0]))).tolist() == [70.0]


def test_without_columns_to_group_by_the_month_and_then_all_stays_answer():
    table = small(
        [
            ("City", "A", "2016-12-01", "2017-01-02", False, 70.0),
            ("Resort", "B", "2016-12-01", "2017-01-03", False, 90.0),
            ("City", "A", "2016-12-01", "2017-02-02", False, 10.0),
            ("City", "A", "2016-12-01", "2017-03-02", True, 99.0),
        ]
    )
    found = Prices(table, replace(WORTH, by=())).as_of(everybody(table, int(table.arrival.max())))
    assert dict(zip(dates(table.arrival).astype("datetime64[M]").astype(str), found, strict=True)) == {
        "2017-01": 80.0,
        "2017-02": 10.0,
        "2017-03": 70.0,
    }


def test_where_no_price_is_known_a_call_is_worth_its_cost_less():
    book = season_of(bookings(1), nights=2, after=-3)
    known = prospect(book, Prices(book.table, WORTH), HORIZON)
    assert len(book)
    assert np.isnan(known.price).all()
    np.testing.assert_array_equal(known.expected(COSTS, np.full(len(book.at), 0.9)), -COSTS.call)
