"""Curves: the right points, few enough of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from predictions import simulate
from vispera.evaluate.bootstrap import resample
from vispera.evaluate.curve import POINTS, calibration, precision_by_night, precision_recall, roc
from vispera.metric import Scored, ece, pr_auc, precision_at_k, roc_auc


@pytest.fixture(scope="module")
def sample() -> Scored:
    return Scored.from_frame(simulate(4, windows=(("test", "2017-03-16", 7282, 0.087),)))


def calibrated(sample: Scored, **changed):
    drawn = resample(sample, "arrival", resamples=200, seed=0, window="test")
    return calibration(sample, drawn, **{"bins": 15, "seed": 0, **changed})


def test_the_roc_curve_keeps_its_area(sample):
    curve = roc(sample)
    assert curve is not None
    x, y = curve["false_positive_rate"], curve["true_positive_rate"]
    assert len(x) <= POINTS
    assert (x[0], y[0], x[-1], y[-1]) == (0, 0, 1, 1)
    assert np.trapezoid(y, x) == pytest.approx(roc_auc(sample), abs=2e-3)


def test_the_precision_recall_curve_keeps_its_area(sample):
    curve = precision_recall(sample)
    assert curve is not None
    recall, precision = np.array(curve["recall"]), np.array(curve["precision"])
    assert len(recall) <= POINTS
    assert recall[-1] == 1.0
    assert precision[-1] == pytest.approx(sample.y.mean(), abs=1e-6)
    assert (np.diff(recall, prepend=0.0) * precision).sum() == pytest.approx(pr_auc(sample), abs=0.02)


def test_calibration_bins_are_those_of_scikit_learn(sample):
    found = calibrated(sample)
    # Distinct p only: torn ties are where equal-mass bins may rightly differ.
    _, first = np.unique(sample.p, return_index=True)
    distinct = sample.take(first)
    rate, mean_p = calibration_curve(distinct.y, distinct.p, n_bins=15, strategy="quantile")
    bins = calibrated(distinct)["bins"]
    assert [b["mean_p"] for b in bins] == pytest.approx(mean_p.tolist(), abs=2e-3)
    assert [b["rate"] for b in bins] == pytest.approx(rate.tolist(), abs=5e-3)
    assert sum(b["rows"] for b in found["bins"]) == len(sample)
    gaps = sum(b["rows"] * abs(b["mean_p"] - b["rate"]) for b in found["bins"]) / len(sample)
    assert gaps == pytest.approx(ece(sample), abs=1e-5)
    assert all(b["low"] <= b["rate"] <= b["high"] for b in found["bins"])
    assert sum(found["histogram"]["rows"]) == len(sample)


def test_the_floor_of_ece_is_what_a_perfect_forecast_shows(sample):
    floor = calibrated(sample)["ece_of_perfect"]
    rng = np.random.default_rng(6)
    drawn = [ece(replace(sample, y=rng.random(len(sample)) < sample.p)) for _ in range(100)]
    assert floor["mean"] == pytest.approx(np.mean(drawn), rel=0.1)
    assert floor["mean"] < floor["high"] < 3 * floor["mean"]


def test_a_constant_forecast_is_one_bin(sample):
    constant = replace(sample, p=np.full(len(sample), 0.2))
    (only,) = calibrated(constant)["bins"]
    assert (only["rows"], only["mean_p"]) == (len(sample), 0.2)
    assert roc(constant) == {"false_positive_rate": [0.0, 1.0], "true_positive_rate": [0.0, 1.0]}


def test_nights_average_to_the_metric(sample):
    by_night = precision_by_night(sample, k=10)
    assert len(by_night["night"]) == 63
    assert by_night["nights_a_point"] == 1
    assert np.mean(by_night["hits"]) / 10 == pytest.approx(precision_at_k(sample, k=10), abs=1e-12)
    assert all(h <= p <= 10 for h, p in zip(by_night["hits"], by_night["perfect"], strict=True))


def test_many_nights_are_averaged_to_a_drawable_number():
    long = Scored.from_frame(simulate(4, windows=(("test", "2016-01-01", 3000, 0.2),), nights=500))
    by_night = precision_by_night(long, k=3)
    nights = len(np.unique(long.night))
    assert by_night["nights_a_point"] == 3
    assert len(by_night["night"]) == -(-nights // 3) <= POINTS
    widths = np.full(len(by_night["night"]), 3)
    widths[-1] = nights - 3 * (len(widths) - 1)
    mean = np.average(by_night["hits"], weights=widths) / 3
    assert mean == pytest.approx(precision_at_k(long, k=3), abs=1e-5)
