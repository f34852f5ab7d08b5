"""What was known on a night: by definition, in one pass, and whatever happened later."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from booked import bookings
from night import EVERYTHING, HORIZON, assert_same_bits, features_of_night, reordered, scrambled
from vispera.asof import Ledger, Tally, as_of, is_open, latest, open_book, open_books, snapshots
from vispera.clock import NEVER, day, iso
from vispera.feature import FeatureSpec, build
from vispera.table import content_key

SEEDS = range(4)


def random_night(table, seed: int) -> int:
    rng = np.random.default_rng(seed)
    return int(rng.integers(table.arrival.min() + 120, table.arrival.max() - HORIZON))


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_of_a_night_depends_on_what_came_later(table, seed):
    night = random_night(table, seed)
    assert_same_bits(features_of_night(table, night), features_of_night(scrambled(table, night, seed), night))


@pytest.mark.parametrize("seed", SEEDS)
def test_one_pass_over_all_nights_says_what_the_table_of_that_night_says(table, seed):
    night = random_night(table, seed)
    assert_same_bits(features_of_night(table, night), features_of_night(as_of(table, night), night))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_the_table_changes_nothing(table, seed):
    night = random_night(table, seed)
    assert_same_bits(features_of_night(table, night), features_of_night(reordered(table, seed), night))


@pytest.mark.parametrize("leak", ["country", "required_car_parking_spaces", "assigned_room_type", "adr"])
def test_a_planted_leak_fails_the_test_that_matters(table, leak):
    leaky = replace(EVERYTHING, facts=(*table.schema.permitted, leak))
    night = random_night(table, 0)
    later = scrambled(table, night, 0)
    with pytest.raises(AssertionError, match=f"'{leak}' changed"):
        assert_same_bits(features_of_night(table, night, leaky), features_of_night(later, night, leaky))


def test_rates_from_outcomes_known_early_fail_the_test_of_one_night(table, monkeypatch):
    night = random_night(table, 1)
    later = scrambled(table, night, 1)
    honest = Ledger._events

    def future(self, event):
        return honest(self, event)[0], self.table.booked

    monkeypatch.setattr(Ledger, "_events", future)
    with pytest.raises(AssertionError, match="changed"):
        assert_same_bits(features_of_night(table, night), features_of_night(later, night))


def test_a_planted_use_of_the_row_order_fails_the_test_of_reordering(table):
    schema = table.schema
    booking = {**schema.columns["booking"], "integer": (*schema.columns["booking"]["integer"], "position")}
    placed = replace(table, schema=replace(schema, columns={**schema.columns, "booking": booking}))

    def numbered(this):
        return replace(this, rows=this.rows.assign(position=np.arange(len(this), dtype=np.int64)))

    leaky = replace(EVERYTHING, facts=(*schema.permitted, "position"))
    night = random_night(table, 0)
    with pytest.raises(AssertionError, match="changed"):
        assert_same_bits(
            features_of_night(numbered(placed), night, leaky),
            features_of_night(numbered(reordered(placed, 0)), night, leaky),
        )


def test_as_of_holds_no_value_that_became_known_later(table):
    night = random_night(table, 2)
    known = as_of(table, night)
    assert known.booked.max() <= night
    assert (known.resolved[known.resolved < NEVER] <= night).all()
    waiting = known.arrival > night
    undecided = known.rows.loc[waiting & ~known.cancelled]
    assert undecided[["cancelled", "outcome_date", "adr"]].isna().all(axis=None)
    assert known.rows.loc[waiting, ["country", "assigned_room_type"]].isna().all(axis=None)
    assert known.rows.loc[~waiting, "cancelled"].notna().all()
    for name, declared in table.schema.sources.items():
        assert (known.sources[name].loc[:, declared.known_at] <= pd.Timestamp(iso(night))).all()


def test_as_of_takes_a_date_too(table):
    assert as_of(table, "2016-09-01").content_hash == table.content_hash
    assert len(as_of(table, "2016-09-01")) == len(as_of(table, day("2016-09-01")))


def test_the_open_book_is_what_the_protocol_says(table):
    night = random_night(table, 3)
    rows = table.rows
    expected = (
        (table.booked <= night)
        & (night < table.arrival)
        & (table.arrival <= night + HORIZON)
        & ~(rows["cancelled"].to_numpy() & (table.resolved <= night))
        & (rows["deposit_type"] != "Non Refund").to_numpy()
    )
    assert open_book(table, night, HORIZON).position.tolist() == np.flatnonzero(expected).tolist()


def assert_night_by_night(table, first: int, last: int, horizon_days: int) -> None:
    found = open_books(table, first, last, horizon_days)
    each = [open_book(table, night, horizon_days) for night in range(first, last + 1)]
    np.testing.assert_array_equal(found.position, np.concatenate([one.position for one in each]))
    np.testing.assert_array_equal(found.night, np.concatenate([one.night for one in each]))
    assert found.night.dtype == each[0].night.dtype


@pytest.mark.parametrize("seed", SEEDS)
def test_the_open_books_of_many_nights_are_those_of_each_night(table, seed):
    first = random_night(table, seed)
    assert_night_by_night(table, first, first + 12 * seed, HORIZON)


@pytest.mark.parametrize("horizon_days", [1, 6, 100])
@pytest.mark.parametrize("seed", SEEDS)
def test_so_they_are_before_the_first_booking_and_after_the_last_arrival(seed, horizon_days):
    small = bookings(seed)
    assert_night_by_night(small, int(small.booked.min()) - 3, int(small.arrival.max()) + 3, horizon_days)


def test_open_books_know_nothing_of_what_came_after_their_last_night(table):
    night = random_night(table, 2)
    later = scrambled(table, night, 2)
    found, again = (open_books(one, night - 20, night, HORIZON) for one in (table, later))
    keys = [
        np.sort(content_key(pd.DataFrame({"facts": one.fact_key[at.position], "night": at.night})))
        for one, at in ((table, found), (later, again))
    ]
    np.testing.assert_array_equal(keys[0], keys[1])


def test_snapshots_are_open_and_never_repeat(table):
    at = snapshots(table, [28, 14, 7, 3])
    assert is_open(table, at.position, at.night).all()
    assert len(np.unique(at.position.astype(np.int64) * 10**6 + at.night)) == len(at)
    assert (np.diff(at.position) >= 0).all()
    nights = pd.Series(at.night).groupby(at.position).agg(["size", "nunique"])
    assert nights["size"].tolist() == nights["nunique"].tolist()
    lead = (table.arrival - table.booked)[at.position]
    assert pd.Series(at.position[lead <= 3]).is_unique


def test_a_tally_counts_as_a_loop_does():
    rng = np.random.default_rng(7)
    group, when = rng.integers(0, 5, 300), rng.integers(16000, 16050, 300)
    when[:20] = NEVER
    tally = Tally(group, when)
    asked, night = rng.integers(0, 6, 100), rng.integers(15990, 16060, 100)
    until = [int(((group == g) & (when <= n)).sum()) for g, n in zip(asked, night, strict=True)]
    within = [
        int(((group == g) & (when <= n) & (when > n - 7)).sum()) for g, n in zip(asked, night, strict=True)
    ]
    assert tally.until(asked, night).tolist() == until
    assert tally.within(asked, night, 7).tolist() == within


def test_rates_count_arrivals_by_the_night_and_counts_the_day_known(table):
    night = random_night(table, 1)
    at = open_book(table, night, HORIZON)
    spec = FeatureSpec(facts="none", rates=("hotel",), recent=("hotel",), form="count")
    made = build(table, at, spec, Ledger(table, HORIZON))
    rows = table.rows
    hotel = rows["hotel"].iloc[at.position[0]]
    horizon_night = np.maximum(table.booked, table.arrival - HORIZON)
    taught = is_open(table, np.arange(len(table)), horizon_night) & (table.arrival <= night)
    same = taught & (rows["hotel"] == hotel).to_numpy()
    overall = table.cancelled[taught].mean()
    smoothed = (table.cancelled[same].sum() + 20 * overall) / (same.sum() + 20)
    assert made.x["rate_hotel"].iloc[0] == pytest.approx(smoothed, rel=1e-12)
    known = table.cancelled & (table.resolved <= night) & (table.resolved > night - 7)
    soon = known & (table.arrival <= table.resolved + HORIZON) & (rows["hotel"] == hotel).to_numpy()
    assert made.x["cancelled_7_hotel"].iloc[0] == soon.sum()


def test_latest_gives_the_row_that_had_arrived(simulated_table):
    table = simulated_table
    night = random_night(table, 0)
    at = open_book(table, night, HORIZON)
    declared = table.schema.sources["guest_history"]
    found = latest(table, "guest_history", at)
    arrived = table.sources["guest_history"]
    arrived = arrived[arrived[declared.known_at] <= pd.Timestamp(iso(night))]
    for pair in range(0, len(at), 40):
        guest = table.rows[declared.key].iloc[at.position[pair]]
        rows = arrived[arrived[declared.key] == guest].sort_values([declared.known_at, *declared.columns])
        if rows.empty:
            assert found.iloc[pair].isna().all()
        else:
            assert found.iloc[pair].tolist() == rows.iloc[-1][list(declared.columns)].tolist()
