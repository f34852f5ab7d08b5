import numpy as np
import pytest

from learnable import DAYS, START, option, rows
from vispera.clock import iso
from vispera.model.calibrated import Sample, later_slice
from vispera.model.calibration import LEAST_P, LEAST_SLOPE, MOST_SLOPE, Platt, platt
from vispera.model.encode import Features


def drawn(n: int, slope: float, intercept: float, seed: int = 0):
    rng = np.random.default_rng(seed)
    raw = rng.normal(-2, 1.5, n)
    return raw, (rng.random(n) < 1 / (1 + np.exp(-(slope * raw + intercept)))).astype(float)


def sample_of(made, weights) -> Sample:
    return Sample(Features.of(made.x).columns(made.x), made.y, weights)


def test_finds_the_slope_and_intercept_behind_the_outcomes():
    raw, y = drawn(200_000, slope=0.6, intercept=0.3)
    assert platt(raw, y, np.ones(len(y))) == pytest.approx((0.6, 0.3), abs=0.03)


def test_weights_count_like_repeated_rows():
    raw, y = drawn(3000, slope=1.4, intercept=-0.2)
    times = np.random.default_rng(1).integers(0, 4, len(y))
    repeated = platt(np.repeat(raw, times), np.repeat(y, times), np.ones(times.sum()))
    assert platt(raw, y, times.astype(float)) == pytest.approx(repeated, abs=1e-5)


def test_few_outcomes_hardly_move_it():
    slope, intercept = platt(np.array([-2.0, -1.0, -3.0]), np.array([0.0, 0.0, 1.0]), np.ones(3))
    assert abs(slope - 1) < 0.5
    assert abs(intercept) < 1.0


@pytest.mark.parametrize("outcome", [0.0, 1.0])
def test_one_class_stays_finite(outcome):
    raw, y = drawn(5000, 1, 0)
    slope, intercept = platt(raw, np.full_like(y, outcome), np.ones(len(y)))
    assert LEAST_SLOPE <= slope <= MOST_SLOPE
    assert np.isfinite(intercept)


@pytest.mark.parametrize("scale", [0.05, 1e3])
def test_slope_is_bounded(scale):
    raw, y = drawn(20_000, 1, 0)
    slope, _ = platt(raw * scale, y, np.ones(len(y)))
    assert slope == (MOST_SLOPE if scale < 1 else LEAST_SLOPE)


def test_no_probability_is_certain():
    assert Platt()(np.array([-1e9, 1e9])).tolist() == [LEAST_P, 1 - LEAST_P]


def test_description_comes_back():
    for described in (
        Platt(0.9, -0.1, 100.0, 9.0, "2016-01-01", "2016-03-01"),
        Platt(reason="too few dates"),
    ):
        assert Platt.from_manifest(described.manifest()) == described


def test_the_first_fit_knows_no_outcome_that_the_slice_did_not():
    made, weights = rows()
    dates = np.unique(made.arrival)
    start = dates[len(dates) - len(dates) // 5]
    early, later, described = later_slice(made, sample_of(made, weights), 0.2)
    assert described.from_night == iso(start)
    assert described.to_arrival == iso(dates[-1])
    in_early, in_later = made.arrival < start, made.night >= start
    assert early.y.tolist() == made.y[in_early].tolist()
    assert later.y.tolist() == made.y[in_later].tolist()
    assert not set(made.unit[in_early]) & set(made.unit[in_later])
    assert made.arrival[in_early].max() < made.night[in_later].min()
    assert described.positives == pytest.approx(np.dot(weights[in_later], made.y[in_later]))


@pytest.mark.parametrize(("share", "reason"), [(0.0, "asked"), (0.001, "dates"), (0.02, "outcome")])
def test_without_a_slice_the_reason_is_kept_and_p_is_the_sigmoid(share, reason):
    made, weights = rows()
    fitted = option("logistic", later_share=share).fit(made, weights)
    assert reason in fitted.platt.reason
    predicted = fitted.predict(made.x)
    assert predicted.p == pytest.approx(1 / (1 + np.exp(-predicted.raw)))


def test_calibration_mends_a_shift_of_the_rate():
    """Cancellations double in the last fifth of the time: the slice's level is what p says."""
    made, weights = rows(6000)
    recent = made.arrival >= START + 0.8 * DAYS
    weights = np.where(recent & (made.y == 1), 3 * weights, weights)
    p = option("logistic").fit(made, weights).predict(made.x).p
    uncalibrated = option("logistic", later_share=0.0).fit(made, weights).predict(made.x).p
    now = np.average(made.y[recent], weights=weights[recent])
    assert abs(np.average(p[recent], weights=weights[recent]) - now) < abs(uncalibrated.mean() - now) / 2
