"""Features: what is chosen, what is refused, and each family against its definition."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from vispera.asof import Ledger, Snapshots, open_book, snapshots
from vispera.clock import day
from vispera.errors import UsageError
from vispera.feature import FeatureSpec, build, columns_read, faults

NIGHT = day("2016-10-01")
ALL = FeatureSpec(rates="all", recent="all", books="all", sources="all")


@pytest.fixture(scope="module")
def ledger(simulated_table) -> Ledger:
    return Ledger(simulated_table, 14)


def test_names_that_the_problem_does_not_declare_are_all_told_with_the_nearest(simulated_table, ledger):
    wrong = FeatureSpec(facts=("hotel", "adr_eur"), rates=("agnet+hotel",), sources=("guest_histori",))
    told = faults(wrong, simulated_table.schema)
    assert len(told) == 3
    assert "features.facts names 'adr_eur'" in told[0]
    assert "closest: 'agent'" in told[1]
    assert "closest: 'guest_history'" in told[2]
    with pytest.raises(UsageError, match="adr_eur"):
        build(simulated_table, open_book(simulated_table, NIGHT, 14), wrong, ledger)


def test_columns_that_are_read_are_told_in_every_family(simulated_table):
    leaky = FeatureSpec(facts=("hotel", "country"), rates=("adr",), books=("hotel+reservation_status",))
    schema = simulated_table.schema
    assert columns_read(leaky, schema) == ("adr", "country", "hotel", "reservation_status")
    assert set(columns_read(ALL, schema)) == {*schema.permitted, *schema.entities}


def test_none_and_all_mean_what_they_say(simulated_table, ledger):
    at = open_book(simulated_table, NIGHT, 14)
    nothing = build(simulated_table, at, FeatureSpec(facts="none"), ledger)
    assert nothing.x.shape == (len(at), 0)
    everything = build(simulated_table, at, ALL, ledger).x
    assert set(simulated_table.schema.permitted) <= set(everything)
    further = {"guest_history_past_stays", "social_trend_trend", "attraction_popularity_popularity"}
    assert further <= set(everything)
    assert not set(everything) & set(simulated_table.schema.known("mutable", "check_in", "outcome"))


def test_rows_stand_in_the_order_of_the_pairs(simulated_table, ledger):
    at = snapshots(simulated_table, [14])
    chosen = at.take(np.random.default_rng(0).permutation(len(at))[:500])
    rows = build(simulated_table, chosen, ALL, ledger)
    assert rows.x["lead_time"].tolist() == simulated_table.rows["lead_time"].iloc[chosen.position].tolist()
    assert rows.x["days_left"].tolist() == (simulated_table.arrival[chosen.position] - chosen.night).tolist()
    assert rows.unit.tolist() == simulated_table.unit[chosen.position].tolist()
    assert rows.y.tolist() == simulated_table.cancelled[chosen.position].tolist()


def test_what_is_on_the_books_is_counted_as_a_loop_counts_it(simulated_table, ledger):
    table = simulated_table
    at = open_book(table, NIGHT, 14)
    found = build(table, at, FeatureSpec(facts="none", books=("hotel",), form="count"), ledger).x
    hotel = table.rows["hotel"].to_numpy()
    for pair in range(0, len(at), 60):
        position = at.position[pair]
        same = (table.arrival == table.arrival[position]) & (hotel == hotel[position])
        same &= table.booked <= NIGHT
        off = same & table.cancelled & (table.resolved <= NIGHT)
        assert found["on_books_hotel"][pair] == (same & ~off).sum()
        assert found["off_books_hotel"][pair] == off.sum()


def test_counts_beyond_the_horizon_are_missing_not_small(simulated_table, ledger):
    at = snapshots(simulated_table, [28])
    far = simulated_table.arrival[at.position] > at.night + 14
    found = build(simulated_table, at, FeatureSpec(facts="none", books=("hotel",)), ledger).x
    assert far.any()
    assert found["off_books_hotel"].isna().to_numpy().tolist() == far.tolist()


@pytest.mark.parametrize("family", ["recent", "books"])
def test_a_share_is_the_counts_smoothed_towards_all_groups(simulated_table, ledger, family):
    at = open_book(simulated_table, NIGHT, 14)
    one, many = f"{'cancelled_7' if family == 'recent' else 'off_books'}_hotel", ("hotel", "agent")
    counted = replace(FeatureSpec(facts="none", form="count"), **{family: many})
    made = {
        spec.form: build(simulated_table, at, spec, ledger).x
        for spec in (counted, replace(counted, form="share"))
    }
    cancelled = made["count"][one]
    other = made["count"][one.replace("cancelled", "booked").replace("off", "on")]
    group = pd.DataFrame({"hotel": simulated_table.rows["hotel"].iloc[at.position].to_numpy()})
    # books are counted by day of arrival, the last days are the same for all
    group["arrival"] = simulated_table.arrival[at.position] if family == "books" else 0
    first = group.assign(cancelled=cancelled, other=other).drop_duplicates(list(group))
    totals = first.groupby("arrival").agg({"cancelled": "sum", "other": "sum"})
    overall = (totals["cancelled"] / totals.sum(axis=1)).loc[group["arrival"]].to_numpy()
    expected = (cancelled + 20 * overall) / (cancelled + other + 20)
    assert made["share"][one].to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-12)


def test_recent_bookings_do_not_fade_towards_the_end_of_the_table(simulated_table, ledger):
    """Without the truncation rule the last month's counts fall to a half of the others."""
    first, last = int(simulated_table.arrival.min()) + 200, int(simulated_table.arrival.max()) - 14
    nights = np.arange(first, last, dtype=np.int32)
    group = np.zeros(len(nights), dtype=np.int64)
    soon = ledger.tally("booked_soon", ()).within(group, nights, 28)
    everyone = ledger.tally("booked", ()).within(group, nights, 28)
    assert soon[-14:].mean() > 0.6 * soon.mean()
    assert everyone[-14:].mean() < 0.6 * everyone.mean()


def test_a_pair_of_an_unresolved_booking_has_no_target(simulated_table):
    from vispera.asof import as_of

    known = as_of(simulated_table, NIGHT)
    at = open_book(known, NIGHT, 14)
    rows = build(known, at, FeatureSpec(), Ledger(known, 14))
    assert len(at) > 0
    assert np.isnan(rows.y).all()
    assert rows.x["lead_time"].notna().to_numpy().all()
    assert isinstance(at, Snapshots)
