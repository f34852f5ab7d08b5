"""How late those cancel who are still open, held against a count by hand over small tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booked import COSTS, HORIZON, START, bookings, shuffled
from night import scrambled
from vispera.money.notice import Notice
from vispera.money.value import resale
from vispera.table import Table


def chance(days: Any) -> Any:
    """The protocol's r(k)."""
    return 0.7 * (1 - np.exp(-days / 5))


def notices(table: Table, night: int, k: int) -> list[int]:
    """Days left when each of them cancelled, 0 for no-shows: matured by the night, open k days before."""
    found = []
    for booking in range(len(table)):
        arrival, gone = int(table.arrival[booking]), int(table.resolved[booking])
        lost = table.cancelled[booking] and table.rows["deposit"].iloc[booking] != "kept"
        was_open = table.booked[booking] <= arrival - k < gone
        if lost and was_open and arrival <= night:
            found.append(arrival - gone)
    return found


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6))
def test_the_lift_is_the_mean_over_who_had_matured_and_was_open_at_the_same_distance(seed):
    table = bookings(seed, count=40)
    nights = START + np.array([-1, 0, 7, 20, 45])
    made = Notice.of(table, nights, HORIZON)
    lift = made.lift(lambda days: resale(COSTS, days))
    for t, night in enumerate(nights):
        for k in range(1, HORIZON + 1):
            seen = notices(table, int(night), k)
            assert made.counts[t, k].tolist() == np.bincount(seen, minlength=HORIZON + 1).tolist()
            later = np.mean([chance(left) for left in seen]) if seen else chance(k - 1)
            assert lift[t, k] == pytest.approx(chance(k) - later, abs=1e-12)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6), st.integers(0, 40))
def test_nothing_later_than_the_night_counts_nor_does_the_order_of_the_rows(seed, after):
    table, night = bookings(seed), np.array([START + after])
    whole = Notice.of(table, night, HORIZON).counts
    for other in (scrambled(table, int(night[0]), seed), shuffled(table, seed)):
        np.testing.assert_array_equal(Notice.of(other, night, HORIZON).counts, whole)


@pytest.mark.parametrize("seed", range(3))
def test_many_nights_together_say_what_each_says_alone(seed):
    table, nights = bookings(seed), START + np.arange(40)
    together = Notice.of(table, nights, HORIZON).counts
    alone = [Notice.of(table, nights[t : t + 1], HORIZON).counts[0] for t in range(len(nights))]
    np.testing.assert_array_equal(together, alone)


def test_nobody_cancels_before_the_call_so_there_is_always_something_to_gain():
    lift = Notice.of(bookings(4), START + np.arange(40), HORIZON).lift(lambda days: resale(COSTS, days))
    assert (lift[:, 1:] > 0).all()
    assert (lift[:, 1:] <= chance(np.arange(1, HORIZON + 1)) + 1e-12).all()
