"""Metrics against scikit-learn, against loops that a child could check, and against row order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from predictions import scored, simulate
from vispera.metric import (
    METRICS,
    Scored,
    brier,
    ece,
    log_loss,
    mass_bins,
    metric,
    pr_auc,
    precision_at_k,
    roc_auc,
    suite,
)
from vispera.table import content_key

BY_SKLEARN = {
    "log_loss": lambda y, p, w: sk.log_loss(y, p, sample_weight=w, labels=[0, 1]),
    "pr_auc": lambda y, p, w: sk.average_precision_score(y, p, sample_weight=w),
    "roc_auc": lambda y, p, w: sk.roc_auc_score(y, p, sample_weight=w),
    "brier": lambda y, p, w: sk.brier_score_loss(y, p, sample_weight=w),
}


def drawn(rows: int = 900, seed: int = 5, decimals: int | None = None) -> Scored:
    frame = simulate(seed, windows=(("test", "2017-03-16", rows, 0.15),), nights=9)
    sample = Scored.from_frame(frame)
    return sample if decimals is None else _with_p(sample, sample.p.round(decimals))


def _with_p(sample: Scored, p) -> Scored:
    return Scored(sample.y, p, sample.raw, sample.night, sample.arrival, sample.unit)


def _by_night(sample: Scored, seed: int) -> np.ndarray:
    counts = np.random.default_rng(seed).integers(0, 4, 9)
    return counts[sample.night - sample.night.min()].astype(float)


@pytest.mark.parametrize("name", BY_SKLEARN)
@pytest.mark.parametrize("decimals", [None, 2, 1], ids=["distinct", "ties", "many ties"])
@pytest.mark.parametrize("weighted", [False, True])
def test_equals_scikit_learn(name, decimals, weighted):
    sample = drawn(decimals=decimals)
    weights = np.random.default_rng(8).integers(0, 4, len(sample)).astype(float) if weighted else None
    expected = BY_SKLEARN[name](sample.y, sample.p, weights)
    assert METRICS[name](sample, weights) == pytest.approx(expected, rel=0, abs=1e-12)


def test_log_loss_survives_sure_errors():
    sure = scored([1, 0, 1], [0.0, 1.0, 1.0])
    assert log_loss(sure) == pytest.approx(2 * 36.04365338911715 / 3)
    assert log_loss(sure) == pytest.approx(sk.log_loss(sure.y, sure.p), abs=1e-12)


@pytest.mark.parametrize("name", [name for name in METRICS if METRICS[name].cluster == "arrival"])
def test_a_weight_counts_a_row_so_often(name):
    sample = drawn(300, decimals=2)
    weights = np.random.default_rng(3).integers(0, 4, len(sample))
    repeated = sample.take(np.repeat(np.arange(len(sample)), weights))
    assert METRICS[name](sample, weights) == pytest.approx(METRICS[name](repeated), abs=1e-12)


@pytest.mark.parametrize("m", suite(k=3), ids=lambda m: m.name)
def test_row_order_changes_no_bit(m):
    sample = drawn(decimals=2)
    weights = _by_night(sample, 4)
    shuffled = np.random.default_rng(0).permutation(len(sample))
    again = sample.take(shuffled)
    assert m(again) == m(sample)
    assert m(again, weights[shuffled]) == m(sample, weights)


@pytest.mark.parametrize("decimals", [None, 2])
def test_ece_equals_a_loop_over_bins(decimals):
    sample = drawn(700, decimals=decimals)
    place: dict[float, list[int]] = {}
    for position, row in enumerate(np.argsort(sample.p)):
        place.setdefault(float(sample.p[row]), []).append(position)
    gaps = np.zeros(15)
    for p, positions in place.items():
        bin_ = int(15 * (min(positions) + len(positions) / 2) / len(sample))
        gaps[bin_] += (p - sample.y[sample.p == p]).sum()
    assert ece(sample) == pytest.approx(np.abs(gaps).sum() / len(sample), abs=1e-12)


def test_ece_of_one_constant_is_its_distance_from_the_rate():
    sample = drawn()
    constant = _with_p(sample, np.full(len(sample), 0.3))
    assert ece(constant) == pytest.approx(abs(0.3 - sample.y.mean()), abs=1e-12)


def test_ece_bins_hold_equal_mass():
    sample = drawn(900)
    assert np.bincount(mass_bins(sample, np.ones(900), 15)[: len(sample.ranked.starts)]).min() >= 1
    distinct = _with_p(sample, np.linspace(0, 1, 900))
    assert np.bincount(mass_bins(distinct, np.ones(900), 15)).tolist() == [60] * 15


@pytest.mark.parametrize("k", [1, 3, 10, 500])
@pytest.mark.parametrize("decimals", [None, 1])
def test_precision_at_k_equals_a_loop_over_nights(k, decimals):
    sample = drawn(decimals=decimals)
    weights = _by_night(sample, 6)
    hits = {}
    for night in set(sample.night):
        units = {}
        for i in np.flatnonzero(sample.night == night):
            p, hit = units.get(sample.unit[i], (0.0, False))
            units[sample.unit[i]] = (max(p, sample.p[i]), hit or sample.y[i] == 1)
        listed = sorted(units, key=lambda unit: (-units[unit][0], unit))[:k]
        hits[night] = sum(units[unit][1] for unit in listed)
    assert precision_at_k(sample, k=k) == pytest.approx(sum(hits.values()) / (k * len(hits)), abs=1e-12)
    of_night = {night: weights[sample.night == night][0] for night in hits}
    expected = sum(of_night[n] * hits[n] for n in hits) / (k * sum(of_night.values()))
    assert precision_at_k(sample, weights, k=k) == pytest.approx(expected, abs=1e-12)


def test_capacity_is_the_denominator_of_a_perfect_list():
    # Night 1 has two units to find, night 2 none: of 2 x 3 calls a perfect list fills 2.
    sample = scored([1, 1, 1, 0, 0], [0.5] * 5, night=[1, 1, 1, 1, 2], unit=[10, 10, 11, 12, 13])
    by_name = {m.name: m for m in suite(k=3)}
    assert by_name["precision_at_k"].perfect(sample) == pytest.approx(2 / 6)
    assert by_name["precision_at_k"].chance(sample) == pytest.approx(2 / 6)
    one = {m.name: m for m in suite(k=1)}["precision_at_k"]
    assert one.perfect(sample) == pytest.approx(1 / 2)
    assert one.chance(sample) == pytest.approx((2 / 3 + 0) / 2)


def test_ties_are_called_in_the_order_of_the_unit_hash():
    sample = scored([0, 1], [0.4, 0.4], unit=[2**63 + 5, 7])
    assert precision_at_k(sample, k=1) == 1.0


def test_precision_refuses_weights_that_tear_a_night():
    sample = drawn()
    weights = np.ones(len(sample))
    weights[0] = 2
    with pytest.raises(ValueError, match="same weight"):
        precision_at_k(sample, weights, k=10)
    with pytest.raises(ValueError, match="at least 1"):
        precision_at_k(sample, k=0)


@pytest.mark.parametrize("outcome", [0, 1])
def test_one_class_leaves_ranking_undefined(outcome):
    one = scored(np.full(4, outcome), [0.1, 0.2, 0.3, 0.4])
    assert np.isnan(roc_auc(one))
    assert np.isnan(pr_auc(one)) == (outcome == 0)
    assert np.isfinite([log_loss(one), brier(one), ece(one), precision_at_k(one)]).all()


def test_nothing_scored_is_defined_nowhere():
    nothing = scored([], [])
    assert all(np.isnan(m(nothing)) for m in suite())
    some = drawn(50)
    assert all(np.isnan(m(some, np.zeros(50))) for m in suite())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": [0.5, 1]}, "y must be 0 or 1"),
        ({"p": [0.5, 1.5]}, r"p must lie in \[0, 1\]"),
        ({"p": [0.5, float("nan")]}, r"p must lie in \[0, 1\]"),
        ({"unit": [1]}, "'unit' has shape"),
    ],
)
def test_impossible_rows_are_refused(change, message):
    plain = {"y": [0, 1], "p": [0.1, 0.2], "raw": [0, 0], "night": [1, 1], "arrival": [2, 2], "unit": [1, 2]}
    with pytest.raises(ValueError, match=message):
        Scored(**{**plain, **change})


def test_chance_and_perfect_frame_every_metric():
    sample = drawn(4000)
    for m in suite(k=10):
        ends = sorted([m.chance(sample), m.perfect(sample)])
        if m.name != "ece":  # knowing the rate alone is perfectly calibrated
            assert ends[0] < m(sample) < ends[1], m.name
    rate = sample.y.mean()
    by_name = {m.name: m.chance(sample) for m in suite()}
    assert by_name["pr_auc"] == pytest.approx(rate)
    assert by_name["brier"] == pytest.approx(rate * (1 - rate))
    assert by_name["roc_auc"] == 0.5


def test_a_further_metric_is_one_function(monkeypatch):
    monkeypatch.setattr("vispera.metric.METRICS", dict(METRICS))

    @metric(greater_is_better=False)
    def mean_gap(scored, weights=None, *, power: int = 1) -> float:
        return abs(float(scored.ranked.p.mean() - scored.ranked.y.mean())) ** power

    added = suite()[-1]
    assert added.name == "mean_gap"
    assert added.declared() == {"greater_is_better": False, "cluster": "arrival", "parameters": {"power": 1}}
    assert added(drawn(100)) == mean_gap(drawn(100))


@pytest.mark.real
def test_a_perfect_list_fills_7_6_of_the_10_on_the_real_test_window(real_place):
    # Straight from the columns, not through the as-of core: a second way to the protocol's figure.
    found = [Path(real_place)] if Path(real_place).is_file() else sorted(Path(real_place).glob("*.parquet"))
    if not found or found[0].suffix != ".parquet":
        pytest.skip("the real bookings are here in another form than Parquet")
    table = pd.read_parquet(found[0])
    arrival, booked = table["arrival_date"].astype("M8[s]"), table["booking_date"].astype("M8[s]")
    ended = table["reservation_status_date"].astype("M8[s]")
    ended = ended.where(table["reservation_status"] != "No-Show", arrival)
    night = booked.where(booked > arrival - pd.Timedelta(14, "D"), arrival - pd.Timedelta(14, "D"))
    lost = table["is_canceled"].astype(bool)
    scored_once = (night < arrival) & ~(lost & (ended <= night)) & (table["deposit_type"] != "Non Refund")
    inside = scored_once & night.between("2017-03-16", "2017-05-17")
    facts = [
        "hotel",
        "booking_date",
        "arrival_date",
        "stays_in_weekend_nights",
        "stays_in_week_nights",
        "adults",
    ]
    facts += ["children", "babies", "meal", "market_segment", "distribution_channel", "reserved_room_type"]
    facts += ["customer_type", "agent", "company", "deposit_type"]
    unit = content_key(pd.DataFrame(table[facts]).astype(str))
    frame = pd.DataFrame({"y": lost, "p": 0.1, "raw": 0.0, "night": night, "arrival": arrival, "unit": unit})
    sample = Scored.from_frame(frame).take(inside.to_numpy())
    assert (len(sample), sample.y.sum()) == (7282, 636)
    assert {m.name: m for m in suite(k=10)}["precision_at_k"].perfect(sample) == pytest.approx(
        0.763, abs=1e-3
    )
