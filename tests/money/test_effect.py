"""What a call does, held against simulated worlds in which it is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from called import Season, season, without_outcomes_from
from vispera.clock import day
from vispera.errors import Declined
from vispera.interval import Interval
from vispera.money.effect import difference, effect, reduction, share_of
from vispera.money.fate import FATES, Fates, fates
from vispera.money.outcome_file import Listed
from vispera.problem.simulator import Settings

WITHIN = 3
STRONG = Settings(rows=30_000, months=18, call_prevents=0.6, call_destroys=0.15)


@pytest.fixture(scope="module")
def strong() -> Season:
    return season(STRONG, nights=60, size=60, control_share=0.5, seed=1)


@pytest.fixture(scope="module")
def idle() -> Season:
    """Calls that do nothing."""
    settings = replace(STRONG, call_prevents=0.0, call_destroys=0.0)
    return season(settings, nights=40, size=40, control_share=0.2, seed=2)


def holds(estimate: Interval, value: float) -> bool:
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.low <= value <= estimate.high


def test_the_estimate_covers_what_calls_do_in_the_simulated_world(strong):
    found = effect(strong.listed, fates(strong.table, strong.listed, WITHIN), WITHIN)
    truth = strong.truth(WITHIN)
    assert sum(truth.values()) == pytest.approx(0.0)
    for fate in FATES:
        assert holds(found.differences[fate], truth[fate]), (fate, found.differences[fate], truth)
    # so strong an effect is seen: calls that talk out free rooms, calls that hold avert late losses
    freed, late = found.differences["freed"], found.differences["late"]
    assert freed.low is not None
    assert late.high is not None
    assert freed.low > 0.0 > late.high
    assert holds(found.averted, STRONG.call_prevents)
    assert found.units["call"] + found.units["control"] == len(strong.listed)


def test_calls_that_do_nothing_show_nothing(idle):
    found = effect(idle.listed, fates(idle.table, idle.listed, WITHIN), WITHIN)
    assert all(holds(found.differences[fate], 0.0) for fate in FATES)
    assert holds(found.averted, 0.0)
    assert holds(found.talked_out, 0.0)


def test_the_three_shares_of_an_arm_are_a_whole(strong):
    found = effect(strong.listed, fates(strong.table, strong.listed, WITHIN), WITHIN)
    for arm in ("call", "control"):
        values = [found.shares[fate][arm].value for fate in FATES]
        assert sum(value for value in values if value is not None) == pytest.approx(1.0)


def test_fates_are_those_of_the_bookings_counted_by_hand(strong):
    became = fates(strong.table, strong.listed, WITHIN)
    assert not became.lost.any()
    assert not became.open.any()
    outcome, arrival = strong.after.world.outcome, strong.after.truth.arrival
    for place in np.random.default_rng(3).choice(len(strong.listed), 200, replace=False):
        at = strong.bookings.loc[strong.bookings["unit"] == place, "booking_id"].to_numpy() - 1
        met = [
            "came"
            if not (outcome.cancelled[i] or outcome.absent[i])
            else "freed"
            if outcome.resolved[i] <= strong.listed[place].night + WITHIN and outcome.resolved[i] < arrival[i]
            else "late"
            for i in at
        ]
        assert became.share[place].tolist() == [met.count(fate) / len(met) for fate in FATES]
    assert (np.isin(became.share, [0.0, 1.0]).all(axis=1)).mean() < 1.0  # some units are of two minds


def test_nights_with_an_outcome_to_come_are_left_out_whole(strong):
    table = without_outcomes_from(strong.table, day("2016-06-10"))
    early, ripe = (fates(known, strong.listed, WITHIN) for known in (table, strong.table))
    found = effect(strong.listed, early, WITHIN)
    waiting = {one.night for one, waits in zip(strong.listed, early.open, strict=True) if waits}
    assert found.nights == 60 - len(waiting)
    assert 10 < found.nights < 40
    # of the others a part is known, and would have looked like cancellations alone
    known = ~early.open & np.isin([one.night for one in strong.listed], list(waiting))
    assert np.array_equal(early.share[known], ripe.share[known])
    assert early.share[known, 2].mean() < ripe.share[:, 2].mean() - 0.2


def test_bookings_that_had_gone_before_the_night_do_not_count(strong):
    late = [replace(one, night=one.night + 40) for one in strong.listed]
    assert fates(strong.table, late, WITHIN).lost.all()


def test_a_table_of_another_world_knows_nobody(strong, simulated_table):
    with pytest.raises(Declined, match="none of the listed units; type problem=NAME"):
        effect(strong.listed, fates(simulated_table, strong.listed, WITHIN), WITHIN)


def test_without_controls_nothing_can_be_said(strong):
    called = [replace(one, arm="call") for one in strong.listed]
    with pytest.raises(Declined, match=r"list\.control_share=0\.1"):
        effect(called, fates(strong.table, called, WITHIN), WITHIN)


def test_before_the_guests_have_arrived_nothing_can_be_said(strong):
    table = without_outcomes_from(strong.table, day("2016-05-01"))
    with pytest.raises(Declined, match="outcomes are still to come on every night from 2016-05-01"):
        effect(strong.listed, fates(table, strong.listed, WITHIN), WITHIN)


def test_a_handful_of_controls_is_too_few(strong):
    few = [one for place, one in enumerate(strong.listed) if one.arm == "call" or place < 20]
    with pytest.raises(Declined, match=r"too few units: .* wanted 20 of each"):
        effect(few, fates(strong.table, few, WITHIN), WITHIN)


# ---- the statistics alone


def drawn(rng, night_risk, calls, controls, change) -> tuple[list[Listed], Fates]:
    """Units whose only fates are to be lost late or to come; a call changes the risk by ``change``."""
    listed, late = [], []
    for night, (risk, one, other) in enumerate(zip(night_risk, calls, controls, strict=True)):
        for arm, units, p in (("call", one, risk + change), ("control", other, risk)):
            listed += [Listed(night, f"{night:08x}{unit:07x}{len(arm):x}", arm) for unit in range(units)]
            late += (rng.random(units) < p).tolist()
    gone = np.array(late, dtype=float)
    nobody = np.zeros(len(gone), dtype=bool)
    return listed, Fates(np.stack([0 * gone, gone, 1 - gone], axis=1), nobody, nobody)


def test_a_bad_week_with_more_controls_is_no_effect():
    rng = np.random.default_rng(5)
    risk = np.repeat([0.05, 0.6], 40)
    listed, became = drawn(rng, risk, np.repeat([18, 10], 40), np.repeat([2, 10], 40), change=0.0)
    found = effect(listed, became, WITHIN).differences["late"]
    assert holds(found, 0.0)
    control = np.array([one.arm == "control" for one in listed])
    raw = became.share[~control, 1].mean() - became.share[control, 1].mean()
    assert found.low is not None
    assert raw < found.low  # pooled over nights, calls would have seemed to work


@pytest.mark.parametrize(
    ("risk", "change", "calls", "controls"),
    [(0.1, -0.03, 9, 1), (0.02, 0.0, 9, 1), (0.3, -0.1, 5, 5), (0.002, 0.0, 18, 2)],
)
def test_intervals_hold_the_truth_as_often_as_they_say(risk, change, calls, controls):
    rng = np.random.default_rng(6)
    covered = []
    for _ in range(300):
        nights = rng.uniform(0.5, 1.5, 40) * risk
        listed, became = drawn(rng, nights, [calls] * 40, [controls] * 40, change)
        covered.append(holds(effect(listed, became, WITHIN).differences["late"], change))
    # 0.9 and four standard errors of 300 trials; rare events make Wilson's intervals cautious
    assert np.mean(covered) > 0.9 - 4 * 0.0173


@pytest.mark.parametrize("events", [20, 60, 150])
def test_the_ratio_holds_the_truth_as_often_as_it_says(events):
    rng = np.random.default_rng(7)
    risk, averted = events / 400, 0.36
    covered = [
        holds(reduction(share_of(a / 400, 400), share_of(b / 400, 400)), averted)
        for a, b in zip(
            rng.binomial(400, risk * (1 - averted), 2000), rng.binomial(400, risk, 2000), strict=True
        )
    ]
    assert 0.87 < np.mean(covered) < 0.97


def test_where_nothing_happened_in_a_small_arm_the_interval_is_wide():
    found = difference(share_of(10 / 400, 400), share_of(0.0, 40))
    assert found.low is not None
    assert found.low < 0.0
    assert reduction(share_of(0.1, 400), share_of(0.0, 40)) == Interval(None, None, None)
    all_averted = reduction(share_of(0.0, 400), share_of(0.2, 100))
    assert (all_averted.value, all_averted.high) == (1.0, 1.0)
    assert all_averted.low is not None
    assert 0.9 < all_averted.low < 1.0
