"""Intervals: do they cover, and do they follow from seed and dates alone?"""

from __future__ import annotations

import numpy as np
import pytest

from vispera.evaluate.bootstrap import draws, estimate, interval, rate_intervals, resample
from vispera.interval import Interval
from vispera.metric import METRICS, Scored


def days_that_go_wrong_together(rng, dates: int = 60, a_date: int = 40, shift: float = 0.3) -> Scored:
    """Rows of which those of one arrival date share a fate, predicted too low by ``shift``."""
    date = np.repeat(np.arange(dates), a_date)
    raw = rng.normal(-2.0, 0.8, len(date))
    risk = 1 / (1 + np.exp(-(raw + shift + rng.normal(0.0, 0.6, dates)[date])))
    unit = rng.integers(0, 2**63, len(date), dtype=np.uint64)
    return Scored(rng.random(len(date)) < risk, 1 / (1 + np.exp(-raw)), raw, date, date, unit)


def ends(found: Interval) -> tuple[float, float, float]:
    """Low end, value and high end of an interval that is there."""
    assert found.low is not None
    assert found.value is not None
    assert found.high is not None
    return found.low, found.value, found.high


@pytest.mark.parametrize("name", ["log_loss", "roc_auc", "ece", "precision_at_k"])
def test_intervals_cover_what_repeating_the_study_would_show(name):
    m = METRICS[name]
    rng = np.random.default_rng(11)
    truth = np.mean([m(days_that_go_wrong_together(rng)) for _ in range(300)])
    covered = 0
    for seed in range(100):
        sample = days_that_go_wrong_together(rng)
        drawn = resample(sample, m.cluster, resamples=200, seed=seed, window="test")
        low, _, high = ends(estimate(m, sample, drawn))
        covered += low <= truth <= high
    assert 86 <= covered <= 100


def test_drawing_rows_instead_of_dates_would_claim_too_much():
    rng = np.random.default_rng(2)
    sample = days_that_go_wrong_together(rng)
    each_row = Scored(sample.y, sample.p, sample.raw, sample.night, np.arange(len(sample)), sample.unit)
    widths = []
    for rows in (sample, each_row):
        drawn = resample(rows, "arrival", resamples=300, seed=1, window="test")
        low, _, high = ends(estimate(METRICS["log_loss"], rows, drawn))
        widths.append(high - low)
    assert widths[0] > 1.2 * widths[1]


def test_resamples_follow_from_seed_window_and_dates():
    sample = days_that_go_wrong_together(np.random.default_rng(0))

    def counts(sample: Scored = sample, seed: int = 4, window: str = "test") -> np.ndarray:
        return resample(sample, "arrival", resamples=20, seed=seed, window=window).counts

    assert (counts() == counts()).all()
    assert (counts().sum(axis=1) == 60).all()
    assert (counts() != counts(seed=5)).any()
    assert (counts() != counts(window="tuning-1")).any()
    assert (counts() == counts(sample.take(sample.y == 0))).all()


def test_a_value_defined_on_too_few_resamples_has_no_interval():
    rare = Scored(np.r_[1.0, np.zeros(29)], np.linspace(0.1, 0.9, 30), np.zeros(30), *[np.arange(30)] * 3)
    drawn = resample(rare, "arrival", resamples=200, seed=0, window="test")
    values = draws(METRICS["roc_auc"], rare, drawn)
    assert 0.2 < np.isnan(values).mean() < 0.5  # the one positive is missed in 36 % of resamples
    assert interval(METRICS["roc_auc"](rare), values) == estimate(METRICS["roc_auc"], rare, drawn)
    assert estimate(METRICS["roc_auc"], rare, drawn).as_dict() == {"value": 0.0, "low": None, "high": None}
    assert interval(float("nan"), values).as_dict() == {"value": None, "low": None, "high": None}


def test_a_floored_metric_is_moved_back_and_never_negative():
    rng = np.random.default_rng(9)
    for shift in (0.0, 0.3):
        sample = days_that_go_wrong_together(rng, dates=12, shift=shift)
        drawn = resample(sample, "arrival", resamples=200, seed=0, window="test")
        low, value, high = ends(estimate(METRICS["ece"], sample, drawn))
        assert 0.0 <= low <= value <= high
        assert high < np.percentile(draws(METRICS["ece"], sample, drawn), 97.5)


def test_the_rate_of_no_positives_still_has_an_upper_end():
    rng = np.random.default_rng(1)
    sample = days_that_go_wrong_together(rng)
    drawn = resample(sample, "arrival", resamples=200, seed=0, window="test")
    group = np.where(sample.p > np.median(sample.p), 1, 0)
    y = np.where(group == 0, 0.0, sample.y)
    (low0, high0), (low1, high1), empty = rate_intervals(y, group, 3, drawn)
    assert low0 == 0.0
    assert 0.0005 < high0 < 0.01  # Wilson's upper end of 0 out of 1,200 is 0.3 %
    rate = y[group == 1].mean()
    naive = 1.96 * np.sqrt(rate * (1 - rate) / (group == 1).sum())
    assert low1 < rate < high1
    assert high1 - low1 > 2.4 * naive  # dates share a fate, so rows are worth less than they number
    assert np.isnan(empty).all()
