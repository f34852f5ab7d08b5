"""Which model scores which night, and how the ways of calling are counted."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from conftest import problem
from vispera.clock import day, iso
from vispera.errors import UsageError
from vispera.money.call_list import NOT_LISTED, ListSettings
from vispera.replay.answer import median_night, night_entry
from vispera.replay.contender import Known, by_value, contenders
from vispera.replay.ground import Ground
from vispera.replay.plan import Plan
from vispera.replay.season import nights_of, stretches
from vispera.replay.sensitivity import Sensitivity, by_assumption, by_capacity

FIRST, LAST = day("2017-01-25"), day("2017-04-02")


@pytest.mark.parametrize("refit", ["never", "monthly", "weekly", "nightly"])
def test_every_night_is_scored_once_by_a_model_of_the_eve_of_its_stretch(refit):
    over = stretches(FIRST, LAST, refit)
    nights = [night for one in over for night in range(one.first, one.last + 1)]
    assert nights == list(range(FIRST, LAST + 1))
    assert all(one.cutoff == one.first - 1 for one in over)


def test_models_are_refitted_when_it_says():
    months = stretches(FIRST, LAST, "monthly")
    assert [iso(one.first) for one in months] == ["2017-01-25", "2017-02-01", "2017-03-01", "2017-04-01"]
    weeks = stretches(FIRST, LAST, "weekly")
    assert {(one.first + 3) % 7 for one in weeks[1:]} == {0}, "Mondays"
    assert {later.first - one.first for one, later in pairwise(weeks[1:])} == {7}
    assert len(stretches(FIRST, LAST, "nightly")) == LAST - FIRST + 1
    assert len(stretches(FIRST, FIRST, "monthly")) == 1


def test_the_nights_are_those_of_the_test_window_unless_others_are_asked_for(simulated_table):
    hotel = problem("simulated")
    last = int(simulated_table.arrival.max()) - 14
    assert nights_of(hotel, simulated_table, None, None) == (last - 62, last)
    assert nights_of(hotel, simulated_table, "2017-01-05", None) == (day("2017-01-05"), last)
    with pytest.raises(UsageError, match=f"type nights.last={iso(last)}"):
        nights_of(hotel, simulated_table, None, iso(last + 1))


@pytest.fixture(scope="module")
def ground(simulated_table) -> Ground:
    plan = Plan(
        problem=problem("simulated"),
        recipes={},
        role="rule",
        settings=ListSettings(control_share=0.1),
        sensitivity=Sensitivity(),
        seed=0,
    )
    return plan.ground(simulated_table, FIRST, FIRST + 20)


@pytest.fixture(scope="module")
def p(ground) -> np.ndarray:
    """Probabilities of one who half knows."""
    lost = ground.hindsight.lost
    return np.clip(0.08 + 0.25 * lost + np.random.default_rng(0).normal(0, 0.05, len(lost)), 0.01, 0.99)


def test_ways_of_calling_are_counted_and_none_is_worth_more_than_foresight(ground, p):
    known = Known({"rule": p, "trees": p[::-1].copy()}, "rule", "trees", {"rule": "a", "trees": "b"}, None, 0)
    found = {one.name: one for one in contenders(ground, known)}
    assert "own_rule" not in found
    assert (found["rule"].model, found["model_by_risk"].model) == ("a", "b")
    best = found["foresight"].account.realised.sum()
    for one in found.values():
        account = one.account
        assert (account.calls <= ground.capacity).all()
        assert (account.caught <= account.calls).all()
        assert account.realised.sum() <= best + 1e-9
    assert not found["nothing"].account.calls.any()
    assert found["foresight"].account.caught.sum() == found["foresight"].account.calls.sum()


def test_those_in_the_control_arm_are_on_the_list_and_not_called(ground, p):
    places, expected = ground.by_value(p)
    on_list = places != NOT_LISTED
    assert ground.control[on_list].any()
    account = ground.account(places, expected)
    assert account.calls.sum() == (on_list & ~ground.control).sum()
    assert account.realised.sum() == pytest.approx(ground.realised[on_list & ~ground.control].sum())


def test_the_expected_total_of_the_lists_rises_with_every_price(ground, p):
    def total(one: Ground) -> float:
        return sum(
            np.sort(np.maximum(one.expected(p)[one.book.edges[t] : one.book.edges[t + 1]], 0))[-10:].sum()
            for t in range(len(one.book.nights))
        )

    rng = np.random.default_rng(2)
    dearer = replace(
        ground, prospect=replace(ground.prospect, price=ground.prospect.price * rng.uniform(1, 1.5, len(p)))
    )
    assert total(dearer) > total(ground)


def test_variations_are_made_anew_under_each_setting(ground, p):
    capacities = by_capacity(ground, p, by_value, (3, 30))
    assert [one.settings for one in capacities] == [{"capacity": k} for k in (3, 10, 30)]
    # not the total: who is called tonight for little cannot be called tomorrow for more
    first = [one.account.expected[0] for one in capacities if one.account.expected is not None]
    assert first == sorted(first)
    settings = Sensitivity(bounds={"call": (1.0, 9.0)}, pessimistic={"call": 9.0, "talked_out": 0.05})
    cheap, dear, pessimistic = by_assumption(ground, p, by_value, settings)
    assert cheap.account.calls.sum() > dear.account.calls.sum() >= pessimistic.account.calls.sum()
    assert (dear.settings, pessimistic.settings) == ({"call": 9.0}, settings.pessimistic)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"bounds": {"cal": (1.0, 2.0)}}, "closest: 'call'"),
        ({"optimistic": {"harm": 0.0}}, "there is no such assumption"),
        ({"capacities": (0,)}, "wanted 1 or more"),
    ],
)
def test_what_cannot_be_varied_is_refused(settings, says):
    with pytest.raises(UsageError, match=says):
        Sensitivity(**settings)


def test_the_night_that_is_shown_is_of_median_value_and_tells_what_became_of_everyone(ground, p):
    places, expected = ground.by_value(p)
    account = ground.account(places, expected)
    night = median_night(account, ground)
    called = account.realised[account.calls > 0]
    shown = account.realised[night - ground.book.nights[0]]
    assert (called < shown).sum() <= len(called) / 2 <= (called <= shown).sum()
    told = night_entry(night, "median", ground, places, ground.book.greatest(p), expected)
    assert [row["rank"] for row in told["rows"]] == list(range(1, len(told["rows"]) + 1))
    here = np.flatnonzero((ground.book.night == night) & (places != NOT_LISTED))
    hits = {f"{place + 1}": hit for place, hit in zip(places[here], ground.hit[here], strict=True)}
    for row in told["rows"]:
        assert (row["outcome"] != "came") == hits[str(row["rank"])]
        assert (row["days_before"] or 1) <= row["days_left"]
