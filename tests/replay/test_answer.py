"""A replay as plain data: counts that add up, what became of a unit, and nothing that JSON cannot hold."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booked import START, ground_of, risks
from vispera.clock import iso
from vispera.money.call_list import NOT_LISTED
from vispera.replay import answer
from vispera.replay.contender import Contender, Known, by_value, contenders, own_account
from vispera.replay.ground import Account, Ground
from vispera.replay.ladder import climb
from vispera.replay.noise import Draws

DRAWS = Draws.of(8, resamples=50, seed=0)


def every_way(ground: Ground) -> list[Contender]:
    p = {"rule": risks(ground, 1), "trees": risks(ground, 2)}
    return contenders(ground, Known(p, "rule", "trees", {"rule": "rule", "trees": "trees"}, None, 0))


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10**6))
def test_the_counts_of_a_way_add_up(seed):
    ground = ground_of(seed)
    for way in every_way(ground):
        told = answer.contender_entry(way, ground, DRAWS)
        assert told["caught"] + told["missed"] == pytest.approx(ground.lost_units)
        assert told["caught"] + told["in_vain"] == pytest.approx(told["calls"])
        if told["calls"]:
            assert told["precision"] == pytest.approx(told["caught"] / told["calls"])
        else:
            assert told["precision"] is None
        assert told["precision_at_k"] == pytest.approx(told["caught"] / (8 * ground.capacity))
        assert told["realised"]["value"] == pytest.approx(way.account.realised.mean())
        assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_each_way_stands_beside_the_own_rule_on_the_same_nights():
    ground = ground_of(4)
    p, holds = risks(ground), ground.book.rooms > 1
    ways = contenders(ground, Known({"rule": p}, "rule", "rule", {"rule": "rule"}, holds, 0))
    own = own_account(ways)
    assert own is not None
    for way in ways:
        told = answer.contender_entry(way, ground, DRAWS, own)["against_own_rule"]
        if way.name == "own_rule":
            assert told is None
            continue
        more = way.account.realised - own.realised
        drawn = np.array([np.repeat(more, times.astype(int)).mean() for times in DRAWS.counts])
        low, high = np.percentile(drawn, [5, 95])
        assert told == pytest.approx({"value": more.mean(), "low": low, "high": high})


def test_where_the_hotel_has_no_rule_nothing_is_told_against_it():
    ground = ground_of(4)
    assert own_account(every_way(ground)) is None
    for way in every_way(ground):
        assert answer.contender_entry(way, ground, DRAWS, None)["against_own_rule"] is None


def test_a_season_without_a_loss_has_no_recall():
    ground = replace(ground_of(0), allowed=np.zeros(len(ground_of(0).book), dtype=bool))
    told = answer.contender_entry(every_way(ground)[0], ground, DRAWS)
    assert (told["recall"], told["precision"], told["calls"]) == (None, None, 0.0)


def test_nights_are_told_one_by_one_for_every_way():
    ground = ground_of(3)
    ways = every_way(ground)
    told = answer.by_night(ways, ground)
    assert told["night"] == [iso(START + 20 + t) for t in range(8)]
    for way in ways:
        assert told[way.name]["realised"] == way.account.realised.tolist()
        assert (told[way.name]["expected"] is None) == (way.name in ("random", "soonest"))
    assert json.loads(json.dumps(told, allow_nan=False)) == told


@pytest.mark.parametrize("seed", range(12))
def test_what_became_of_a_unit_is_what_its_bookings_say(seed):
    ground = ground_of(seed, capacity=50)
    book, table = ground.book, ground.book.table
    risk, expected = book.greatest(risks(ground)), ground.expected(risks(ground))
    places = ground.places(risk)
    night = int(book.nights[0])
    told = answer.night_entry(night, "asked", ground, places, risk, expected)
    here = np.flatnonzero((book.night == night) & (places != NOT_LISTED))
    assert len(told["rows"]) == len(here)
    for row, entry in zip(here[np.argsort(places[here])], told["rows"], strict=True):
        own = book.at.position[book.starts[row] : book.starts[row] + book.rooms[row]]
        lost, days = table.cancelled[own], (table.arrival - table.resolved)[own]
        gone = days[lost].min() if lost.any() else None
        whole = {0: "no_show"}.get(int(gone), "cancelled") if gone is not None else "came"
        assert entry["outcome"] == ("partly" if 0 < lost.sum() < len(lost) else whole)
        assert entry["days_before"] == (None if not gone else int(gone))
        assert (entry["days_before"] or 0) < entry["days_left"]
        assert entry["label"]["guest"] == str(table.rows["guest"].iloc[own[0]])
        assert entry["arm"] == "call"
        assert entry["realised"] == ground.realised[row]
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_every_end_that_a_unit_can_meet_was_among_them():
    ends = set()
    for seed in range(12):
        ground = ground_of(seed, capacity=50)
        risk = ground.book.greatest(risks(ground))
        expected, places = ground.expected(risks(ground)), ground.places(risk)
        for night in ground.book.nights.tolist():
            rows = answer.night_entry(night, "asked", ground, places, risk, expected)["rows"]
            ends |= {row["outcome"] for row in rows}
    assert ends == {"came", "cancelled", "no_show", "partly"}


def test_the_night_shown_is_the_lower_median_of_those_with_calls():
    ground = ground_of(0)
    calls = np.array([0.0, 1, 1, 1, 0, 1, 0, 0])
    values = np.array([-99.0, 5, 7, 6, 99, 8, 0, 0])
    account = Account(calls, calls, values, values)
    assert answer.median_night(account, ground) == ground.book.nights[3]
    assert answer.median_night(replace(account, calls=0 * calls), ground) == ground.book.nights[0]


def test_how_large_the_books_were():
    ground = ground_of(2)
    book, table = ground.book, ground.book.table
    told = answer.book_entry(ground)
    assert told["booking_nights"] == len(book.at)
    assert told["positive"] == int(table.cancelled[book.at.position].sum())
    assert (told["unit_nights"], told["units"]) == (len(book), len(set(book.unit.tolist())))
    assert told["do_not_call"] == len(set(book.unit[~ground.allowed].tolist())) > 0


def test_the_ladder_is_told_rung_by_rung():
    ground = ground_of(1)
    nights = {
        "nothing": np.zeros(8),
        "rule": by_value(ground, risks(ground)).realised + 50,
        "trees": np.full(8, 9.0),
    }
    account = by_value(ground, risks(ground))
    accounts = {name: replace(account, realised=values) for name, values in nights.items()}
    models = {"rule": "rule", "trees": "gradient_boosting"}
    own = replace(account, realised=nights["rule"] - 4.0)
    told = answer.ladder_entry(climb(nights, DRAWS), models, accounts, ground, DRAWS, own)
    assert all(rung["caught"] + rung["in_vain"] == account.calls.sum() for rung in told["rungs"])
    assert [rung["name"] for rung in told["rungs"]] == ["nothing", "rule", "trees"]
    assert [rung["model"] for rung in told["rungs"]] == [None, "rule", "gradient_boosting"]
    assert (told["verdict"], told["best"]) == ("rule", "rule")
    assert [rung["behind_best"] is None for rung in told["rungs"]] == [False, True, False]
    always = pytest.approx({"value": 4.0, "low": 4.0, "high": 4.0})
    assert told["rungs"][1]["against_own_rule"] == always, "nights are paired: their swings are no noise"
    assert json.loads(json.dumps(told, allow_nan=False)) == told
