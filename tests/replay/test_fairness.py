"""Whom the lists called, by group: counts made up by hand, and sums that hold whatever happens."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from booked import SCHEMA, START, bookings, ground_of, risks, table_of
from vispera.clock import dates
from vispera.money.call_list import NOT_LISTED
from vispera.replay.fairness import LEAST_OF, LEAST_UNITS, Units, fairness
from vispera.replay.ground import Ground

NIGHT = START + 20
SHARES = {
    "called_share": ("called", "units"),
    "reached_share": ("caught", "lost"),
    "precision": ("caught", "called"),
}


def season(groups: dict[str, tuple[int, int, int, int]], **facts: Any) -> tuple[Ground, np.ndarray]:
    """Units of one room by hotel: lost and called, lost, called, neither; and who was called, (m,) bool."""
    rows = [
        (hotel, place)
        for hotel, sizes in groups.items()
        for place, size in enumerate(sizes)
        for _ in range(size)
    ]
    hotels, kinds = [row[0] for row in rows], np.array([row[1] for row in rows])
    booked, lost = NIGHT - 1 - np.arange(len(rows)), kinds < 2
    made = pd.DataFrame(
        {
            "booking_date": dates(booked),
            "arrival_date": dates(np.full(len(rows), NIGHT + 4)),
            "hotel": hotels,
            "room": np.where(kinds % 2 == 0, "called", "left"),
            "guest": "Ana",
            "view": "sea",
            "deposit": "none",
            "nights": 2,
            "do_not_call": False,
            "adr": 80.0,
            "outcome_date": dates(np.where(lost, NIGHT + 3, NIGHT + 4)),
            "cancelled": lost,
        }
    )
    whole = made.assign(**facts).loc[:, [column.name for column in SCHEMA.all]]
    ground = ground_of(0, nights=2, table=table_of(whole))
    book = ground.book
    on_call = (book.table.rows["room"] == "called").to_numpy()[book.first]
    return ground, on_call & (book.night == NIGHT)


def test_counts_and_shares_are_those_that_were_made_up():
    ground, called = season({"City": (6, 14, 12, 28), "Resort": (4, 6, 8, 22)})
    told = fairness(ground, called, ["hotel"])
    city, resort = told["columns"]["hotel"]["groups"]
    counts = ("level", "units", "lost", "called", "caught")
    assert [city[name] for name in counts] == ["City", 60, 20, 18, 6]
    assert [resort[name] for name in counts] == ["Resort", 40, 10, 12, 4]
    by_hand = {"called_share": (0.3, 0.3), "reached_share": (0.3, 0.4), "disturbed_share": (0.3, 8 / 30)}
    by_hand["precision"] = (1 / 3, 1 / 3)
    for name, values in by_hand.items():
        assert (city[name]["value"], resort[name]["value"]) == pytest.approx(values)
    gaps = told["columns"]["hotel"]["differences"]
    assert gaps["reached_share"] == {"value": pytest.approx(0.1), "greatest": "Resort", "least": "City"}
    assert gaps["disturbed_share"] == {"value": pytest.approx(1 / 30), "greatest": "City", "least": "Resort"}
    assert gaps["precision"]["value"] == pytest.approx(0.0)


def test_intervals_are_wilson_s_and_stay_shares():
    ground, called = season({"City": (0, 20, 0, 40), "Resort": (10, 0, 30, 0)})
    city, resort = fairness(ground, called, ["hotel"])["columns"]["hotel"]["groups"]
    for group, count in ((city, 0), (resort, 40)):
        wanted = binomtest(count, group["units"]).proportion_ci(0.95, method="wilson")
        share = group["called_share"]
        assert (share["low"], share["high"]) == pytest.approx((wanted.low, wanted.high))
        assert 0.0 <= share["low"] <= share["value"] <= share["high"] <= 1.0


def test_what_rests_on_few_is_not_told_and_counts_in_no_difference():
    ground, called = season({"City": (6, 14, 12, 28), "Resort": (2, 2, 18, 20), "Small": (9, 0, 9, 0)})
    column = fairness(ground, called, ["hotel"])["columns"]["hotel"]
    groups = {group["level"]: group for group in column["groups"]}
    nothing = {"value": None, "low": None, "high": None}
    assert groups["Small"]["suppressed"] == f"fewer than {LEAST_UNITS} units"
    assert (groups["Small"]["units"], groups["Small"]["called"]) == (18, 18)
    for name in column["differences"]:
        assert groups["Small"][name] == {**nothing, "suppressed": f"fewer than {LEAST_UNITS} units"}
    assert "suppressed" not in groups["Resort"]
    assert groups["Resort"]["reached_share"] == {**nothing, "suppressed": f"fewer than {LEAST_OF} lost"}
    assert groups["Resort"]["precision"]["value"] == pytest.approx(0.1)
    assert column["differences"]["reached_share"] is None, "one group alone differs from none"
    assert column["differences"]["called_share"]["greatest"] == "Resort"
    assert column["differences"]["called_share"]["value"] == pytest.approx(20 / 42 - 18 / 60)


def test_who_may_not_be_called_is_left_out_and_the_control_arm_was_not_called():
    ground, called = season({"City": (6, 14, 12, 28)})
    control = called & ground.hit
    places = np.where(called, 0, NOT_LISTED)
    told = fairness(ground, replace(ground, control=control).called(places), ["hotel"])
    (city,) = told["columns"]["hotel"]["groups"]
    assert (city["called"], city["caught"], city["precision"]["value"]) == (12, 0, 0.0)
    flagged, called = season({"City": (6, 14, 12, 28)}, do_not_call=np.arange(60) >= 32)
    (city,) = fairness(flagged, called, ["hotel"])["columns"]["hotel"]["groups"]
    assert (city["units"], city["lost"], city["called"]) == (32, 20, 12 + 6)


def test_a_call_after_the_loss_caught_nobody():
    """One of two rooms is cancelled after the first night; the call of the second is about the other."""
    table = season({"City": (1, 0, 1, 0)})[0].book.table
    rows = table.rows.assign(booking_date=dates(np.full(2, NIGHT - 9)), view=["sea", "yard"])
    rows = rows.assign(outcome_date=dates(np.where(rows["cancelled"], NIGHT + 1, NIGHT + 4)))
    ground = ground_of(0, nights=2, table=table_of(rows))
    (first, second) = (ground.book.night == NIGHT + night for night in (0, 1))
    assert ground.book.rooms.tolist() == [2, 1]
    for called, caught in ((first, True), (second, False)):
        units = Units.of(ground, called)
        assert (units.lost.tolist(), units.called.tolist()) == ([True], [True])
        assert units.caught.tolist() == [caught]


def test_numbers_are_cut_where_the_slices_of_a_run_cut_them():
    ground, called = season({"City": (15, 15, 15, 15)}, nights=np.repeat([1, 2, 3, 7], 15))
    groups = fairness(ground, called, ["nights"])["columns"]["nights"]["groups"]
    assert [group["level"] for group in groups] == ["1", "2", "3", "7"]
    ground, called = season({"City": (10, 10, 10, 10)}, nights=np.arange(40))
    groups = fairness(ground, called, ["nights"])["columns"]["nights"]["groups"]
    assert [group["level"] for group in groups] == [
        "0 to under 10",
        "10 to under 20",
        "20 to under 30",
        "30 to 39",
    ]


def test_a_season_in_which_nobody_is_open_or_nothing_may_be_broken_down():
    ground, called = season({"City": (1, 0, 0, 0)}, do_not_call=True)
    differences = dict.fromkeys(("called_share", "reached_share", "disturbed_share", "precision"))
    told = fairness(ground, called & ground.allowed, ["hotel", "nights"])["columns"]
    assert told == {name: {"groups": [], "differences": differences} for name in ("hotel", "nights")}
    assert fairness(ground, called, [])["columns"] == {}


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6), st.integers(30, 400))
def test_every_unit_is_in_one_group_of_each_column(seed, count):
    ground = ground_of(seed, capacity=20, table=bookings(seed, count))
    ground = replace(ground, control=np.random.default_rng(seed).random(len(ground.book)) < 0.2)
    places, _ = ground.by_value(risks(ground, seed))
    account = ground.account(places)
    told = fairness(ground, ground.called(places), ["hotel", "view", "guest", "nights", "adr"])
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    for column in told["columns"].values():
        groups = column["groups"]
        sums = {name: sum(group[name] for group in groups) for name in ("units", "lost", "called", "caught")}
        assert sums["units"] == len(set(ground.book.unit[ground.allowed].tolist()))
        assert sums["lost"] == ground.lost_units
        assert (sums["called"], sums["caught"]) == (account.calls.sum(), account.caught.sum())
        for name, (of, among) in SHARES.items():
            shown = [group for group in groups if group[name]["value"] is not None]
            values = [group[name]["value"] for group in shown]
            assert values == pytest.approx([group[of] / group[among] for group in shown])
            hidden = [group for group in groups if group[name]["value"] is None]
            assert all(min(group["units"] - LEAST_UNITS, group[among] - LEAST_OF) < 0 for group in hidden)
            gap = column["differences"][name]
            assert (gap is None) == (len(shown) < 2)
            assert gap is None or gap["value"] == pytest.approx(max(values) - min(values))
