"""What a call is worth, held against the protocol's words by hand and by brute force over small tables."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import problem
from vispera.asof import is_open, open_book, open_books
from vispera.decision import Costs
from vispera.money.book import may_be_called, read_book
from vispera.money.notice import Notice
from vispera.money.price import Prices
from vispera.money.value import hindsight, prospect, resale

COSTS = Costs(3.0, 0.6, 0.6, 0.01, 0.73, 0.7, 5.0)
HORIZON = 14


@pytest.fixture(scope="module")
def table(simulated_table):
    return simulated_table


@pytest.fixture(scope="module")
def hotel():
    return problem("simulated")


@pytest.fixture(scope="module")
def prices(table, hotel) -> Prices:
    return Prices(table, hotel.decision.worth)


@pytest.fixture(scope="module")
def book(table, hotel):
    last = int(table.arrival.max()) - HORIZON
    return read_book(hotel, table, last - 19, last)


@pytest.fixture(scope="module")
def known(book, prices):
    return prospect(book, prices, HORIZON)


def test_the_open_books_of_many_nights_are_those_of_each(table):
    first = int(table.arrival.min()) + 100
    found = open_books(table, first, first + 30, HORIZON)
    each = [open_book(table, night, HORIZON) for night in range(first, first + 31)]
    np.testing.assert_array_equal(found.position, np.concatenate([one.position for one in each]))
    np.testing.assert_array_equal(found.night, np.concatenate([one.night for one in each]))


def test_a_book_holds_each_open_unit_of_a_night_once(book):
    pairs = pd.DataFrame({"night": book.night, "unit": book.unit})
    assert not pairs.duplicated().any()
    assert book.rooms.sum() == len(book.at)
    assert (book.days_left >= 1).all()
    assert (book.days_left <= HORIZON).all()
    whole = pd.DataFrame({"night": book.at.night, "unit": book.table.unit[book.at.position]})
    assert len(whole.drop_duplicates()) == len(book)


def test_nobody_is_called_who_asked_not_to_be(hotel, book):
    flagged = book.table.rows["do_not_call"].to_numpy(bool)[book.at.position]
    allowed = may_be_called(hotel, book)
    assert 0 < (~allowed).mean() < 0.2
    np.testing.assert_array_equal(~allowed, book.any(flagged))
    everybody = replace(hotel, decision=replace(hotel.decision, do_not_call=None))
    assert may_be_called(everybody, book).all()


@pytest.mark.parametrize("back", [3, 90, 300])
def test_a_price_is_the_median_of_the_matured_stays_of_hotel_room_and_month(table, hotel, back):
    night = int(table.arrival.max()) - HORIZON - back
    at = open_book(table, night, HORIZON)
    found = Prices(table, hotel.decision.worth).as_of(at)
    rows = table.rows.assign(month=table.rows["arrival_date"].dt.month)
    stays = rows[~table.cancelled & (table.resolved <= night)]
    groups = ["hotel", "reserved_room_type", "month"]
    median = stays.groupby(groups, observed=True)["adr"].apply(lambda adr: adr.clip(lower=0).median())
    wanted = rows.iloc[at.position][groups].merge(median.rename("price"), on=groups, how="left")["price"]
    exact = wanted.notna().to_numpy()
    assert exact.mean() > 0.8
    np.testing.assert_allclose(found[exact], wanted[exact])
    assert np.isfinite(found).all(), "a coarser group answers where there was no such stay"


def test_before_any_stay_no_price_is_known_and_a_call_is_worth_its_cost_less(table, hotel, prices):
    first = int(table.booked.min()) + 3
    at = open_books(table, first, first, 10_000)
    assert np.isnan(prices.as_of(at)).all()
    early = read_book(hotel, table, int(table.arrival.min()) - 5, int(table.arrival.min()) - 1)
    worth = prospect(early, prices, HORIZON).expected(COSTS, np.full(len(early.at), 0.9))
    np.testing.assert_allclose(worth, -COSTS.call)


def test_notice_counts_who_had_matured_and_was_open_at_the_same_distance(table):
    nights = np.arange(int(table.arrival.max()) - 30, int(table.arrival.max()) - 27)
    found = Notice.of(table, nights, HORIZON)
    everyone = np.arange(len(table))
    for t, night in enumerate(nights):
        for k in (1, 6, 14):
            there = is_open(table, everyone, table.arrival - k)
            lost = there & table.cancelled & (table.arrival <= night)
            left = (table.arrival - table.resolved)[lost]
            assert found.counts[t, k].tolist() == np.bincount(left, minlength=HORIZON + 1).tolist()
            lift = found.lift(lambda days: resale(COSTS, days))[t, k]
            assert lift == pytest.approx(resale(COSTS, np.array(k)) - resale(COSTS, left).mean())


def test_where_nobody_was_lost_yet_the_least_is_made_of_a_call():
    none = Notice(np.zeros((1, HORIZON + 1, HORIZON + 1)))
    days = np.arange(1, HORIZON + 1)
    lift = none.lift(lambda left: resale(COSTS, left))[0, 1:]
    np.testing.assert_allclose(lift, resale(COSTS, days) - resale(COSTS, days - 1))


def test_the_expected_value_is_the_protocol_s_formula(book, known):
    rng = np.random.default_rng(0)
    p = rng.uniform(size=len(book.at))
    found = known.expected(COSTS, p)
    for row in rng.integers(0, len(book), 40):
        total = -3.0
        for pair in range(book.starts[row], book.starts[row] + book.rooms[row]):
            k = int(book.days_left[pair])
            counts = known.notice.counts[book.which[row], k]
            chance = 0.7 * (1 - np.exp(-np.arange(HORIZON + 1) / 5))
            value = known.price[pair] * known.length[pair] * 0.73
            gain = 0.36 * (chance[k] - counts @ chance / counts.sum()) * value
            total += p[pair] * gain - (1 - p[pair]) * 0.01 * (1 - chance[k]) * value
        assert found[row] == pytest.approx(total)


def test_the_realised_value_takes_the_true_day_and_the_booking_s_own_price(book, prices):
    seen = hindsight(book, prices)
    found = seen.realised(COSTS)
    adr = book.table.rows["adr"].to_numpy(float).clip(0)
    nights = book.table.rows["nights"].to_numpy(float)
    for row in np.random.default_rng(1).integers(0, len(book), 60):
        total = -3.0
        for pair in range(book.starts[row], book.starts[row] + book.rooms[row]):
            place = book.at.position[pair]
            worth, k = adr[place] * nights[place] * 0.73, book.days_left[pair]
            if book.table.cancelled[place]:
                left = book.table.arrival[place] - book.table.resolved[place]
                total += 0.36 * 0.7 * (np.exp(-left / 5) - np.exp(-k / 5)) * worth
            else:
                total -= 0.01 * (1 - 0.7 * (1 - np.exp(-k / 5))) * worth
        assert found[row] == pytest.approx(total)
    np.testing.assert_array_equal(seen.hit, book.any(book.table.cancelled[book.at.position]))


@settings(deadline=None, max_examples=25)
@given(st.floats(0, 0.2), st.floats(0, 0.2), st.integers(0, 9))
def test_a_harm_term_can_only_lower_it(book, known, harm, more, seed):
    p = np.random.default_rng(seed).uniform(size=len(book.at))
    less, greater = (replace(COSTS, talked_out=by) for by in (harm, harm + more))
    assert (known.expected(greater, p) <= known.expected(less, p) + 1e-9).all()


def test_leaving_out_that_guests_would_have_cancelled_anyway_makes_a_fortune(book, known):
    """The protocol tells of 190 EUR a night out of about 12, on the real bookings."""
    p = np.full(len(book.at), 0.1)
    nothing = replace(known, notice=Notice(np.zeros_like(known.notice.counts)))
    nothing.notice.counts[:, :, 0] = 1.0  # everybody is taken not to turn up
    honest, naive = (np.maximum(one.expected(COSTS, p), 0).sum() for one in (known, nothing))
    assert naive > 3 * honest
