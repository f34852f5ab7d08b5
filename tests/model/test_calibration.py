import numpy as np
import pytest
from scipy.special import expit

from learnable import DAYS, START, option, rows
from vispera.clock import iso
from vispera.model.calibrated import Sample, later_slice
from vispera.model.calibration import LEAST_P, LEAST_SLOPE, MOST_SLOPE, Platt, intercept_of, slope_of
from vispera.model.classifier import Classifier
from vispera.model.encode import Features


def drawn(n: int, slope: float, intercept: float, seed: int = 0):
    rng = np.random.default_rng(seed)
    raw = rng.normal(-2, 1.5, n)
    return raw, (rng.random(n) < 1 / (1 + np.exp(-(slope * raw + intercept)))).astype(float)


def sample_of(made, weights) -> Sample:
    return Sample(Features.of(made.x).columns(made.x), made.y, weights)


def test_finds_the_slope_behind_the_outcomes_whatever_their_level():
    for level in (-1.0, 0.0, 0.5):
        raw, y = drawn(200_000, slope=0.6, intercept=level)
        assert slope_of(raw, y, np.ones(len(y))) == pytest.approx(0.6, abs=0.03)


def test_weights_count_like_repeated_rows():
    raw, y = drawn(3000, slope=1.4, intercept=-0.2)
    times = np.random.default_rng(1).integers(0, 4, len(y))
    repeated = slope_of(np.repeat(raw, times), np.repeat(y, times), np.ones(times.sum()))
    assert slope_of(raw, y, times.astype(float)) == pytest.approx(repeated, abs=1e-5)


def test_few_outcomes_hardly_move_the_slope():
    slope = slope_of(np.array([-2.0, -1.0, -3.0]), np.array([0.0, 0.0, 1.0]), np.ones(3))
    assert abs(slope - 1) < 0.5


@pytest.mark.parametrize("outcome", [0.0, 1.0])
def test_slope_of_one_class_is_bounded(outcome):
    raw, y = drawn(5000, 1, 0)
    assert LEAST_SLOPE <= slope_of(raw, np.full_like(y, outcome), np.ones(len(y))) <= MOST_SLOPE


@pytest.mark.parametrize("scale", [0.05, 1e3])
def test_slope_of_a_score_on_another_scale_is_bounded(scale):
    raw, y = drawn(20_000, 1, 0)
    assert slope_of(raw * scale, y, np.ones(len(y))) == (MOST_SLOPE if scale < 1 else LEAST_SLOPE)


@pytest.mark.parametrize("rate", [1e-5, 0.1, 0.999])
@pytest.mark.parametrize("spread", [0.0, 1.0, 300.0])
def test_intercept_gives_the_rate(rate, spread):
    rng = np.random.default_rng(0)
    raw, weights = rng.normal(3, 1, 500) * spread, rng.random(500)
    score = 0.7 * raw + intercept_of(raw, 0.7, rate, weights)
    assert np.average(expit(score), weights=weights) == pytest.approx(rate)


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


def test_a_model_that_is_too_sure_is_flattened():
    made, weights = rows()
    fitted = option("logistic", strength=1e4, least_level=0).fit(made, weights)
    assert fitted.platt.slope < 0.95
    other = rows(seed=1)[0]
    predicted = fitted.predict(other.x)
    raw = 1 / (1 + np.exp(-predicted.raw))
    assert log_loss(other.y, predicted.p) < log_loss(other.y, raw)


def test_level_is_that_of_the_whole_training_time():
    """The outcomes of the last fifth are thinned out: a season like any other, not the new normal."""
    made, weights = rows(4000)
    weights = np.where((made.arrival >= START + 0.8 * DAYS) & (made.y == 1), weights / 3, weights)
    p = option("logistic").fit(made, weights).predict(made.x).p
    assert np.average(p, weights=weights) == pytest.approx(np.average(made.y, weights=weights), abs=1e-9)


def test_a_classifier_that_was_told_of_balanced_classes_gets_its_level_back():
    from sklearn.linear_model import LogisticRegression

    made, weights = rows()
    balanced = LogisticRegression(class_weight="balanced", max_iter=1000)
    predicted = Classifier(seed=0, threads=1, estimator=balanced).fit(made, weights).predict(made.x)
    rate = np.average(made.y, weights=weights)
    assert (1 / (1 + np.exp(-predicted.raw))).mean() > rate + 0.1
    assert np.average(predicted.p, weights=weights) == pytest.approx(rate)


def test_level_of_many_rows_is_found_on_an_even_part_of_them():
    made, weights = rows(500)
    sample = sample_of(made, weights)
    assert sample.spread(len(made)) is sample
    part = sample.spread(700)
    assert len(part.y) == 700
    assert part.rate == pytest.approx(sample.rate, abs=0.05)


def log_loss(y: np.ndarray, p: np.ndarray) -> float:
    return float(-np.mean(np.where(y == 1, np.log(p), np.log1p(-p))))
