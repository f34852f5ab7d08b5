"""A whole evaluation: its shape, its sameness, and what it does with very little."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from predictions import WINDOWS, simulate
from vispera.evaluate import COLUMNS, evaluate
from vispera.metric import METRICS, Scored, log_loss, suite


@pytest.fixture(scope="module")
def predictions() -> pd.DataFrame:
    return simulate(3, windows=tuple((name, start, 900, rate) for name, start, _, rate in WINDOWS))


def slicing(predictions: pd.DataFrame) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    names = rng.choice(["Direct", "Groups", "Rare"], len(predictions), p=[0.6, 0.395, 0.005])
    return pd.DataFrame(
        {
            "segment": pd.Categorical(names),
            "lead_time": rng.integers(0, 300, len(predictions)),
            "agent": pd.Series(names).mask(rng.random(len(predictions)) < 0.2),
        }
    )


def everything(evaluation) -> str:
    return json.dumps([evaluation.metrics, evaluation.curves, evaluation.slices], allow_nan=False)


def test_windows_come_in_time_and_the_pooled_one_after_its_parts(predictions):
    found = evaluate(predictions, suite(k=10), resamples=20, seed=1).metrics
    assert list(found["windows"]) == ["tuning-1", "tuning-2", "tuning-3", "tuning-4", "tuning", "test"]
    assert found["windows"]["tuning"]["rows"] == 3600
    assert found["windows"]["test"]["first_night"] == "2017-03-16"
    assert found["windows"]["test"]["last_night"] == "2017-05-17"
    assert found["metrics"]["precision_at_k"] == {
        "greater_is_better": True,
        "cluster": "night",
        "parameters": {"k": 10},
    }
    pooled = Scored.from_frame(predictions[predictions["window"] != "test"])
    assert found["windows"]["tuning"]["metrics"]["log_loss"]["value"] == log_loss(pooled)


def test_each_value_lies_in_its_interval_and_survives_json(predictions):
    evaluation = evaluate(predictions, suite(k=10), resamples=100, seed=1, by=slicing(predictions))
    for window in evaluation.metrics["windows"].values():
        assert list(window["metrics"]) == list(METRICS)
        for found in window["metrics"].values():
            assert found["low"] < found["value"] < found["high"]
    for written in (evaluation.metrics, evaluation.curves, evaluation.slices):
        assert json.loads(json.dumps(written, allow_nan=False)) == written
        assert written["schema"] == 1


def test_row_order_and_date_type_change_no_bit(predictions):
    by = slicing(predictions)
    first = everything(evaluate(predictions, suite(k=10), resamples=30, seed=1, by=by))
    order = np.random.default_rng(5).permutation(len(predictions))
    shuffled = predictions.iloc[order].astype({"window": "category", "night": "datetime64[ns]"})
    assert everything(evaluate(shuffled, suite(k=10), resamples=30, seed=1, by=by.iloc[order])) == first
    assert everything(evaluate(predictions, suite(k=10), resamples=30, seed=2, by=by)) != first


def test_a_further_window_changes_no_other(predictions):
    whole = evaluate(predictions, suite(k=10), resamples=30, seed=1).metrics["windows"]
    tuning = evaluate(predictions[predictions["window"] != "test"], suite(k=10), resamples=30, seed=1)
    assert tuning.metrics["windows"] == {name: whole[name] for name in whole if name != "test"}
    assert {entry["window"] for entry in tuning.headline} == {"tuning"}


def test_the_headline_fits_a_record_and_keeps_direction(predictions):
    headline = evaluate(predictions, suite(k=10), resamples=30, seed=1).headline
    assert [(entry["window"], entry["name"]) for entry in headline] == [
        (window, name) for window in ("tuning", "test") for name in METRICS
    ]
    assert len(json.dumps(headline)) < 1800  # record.json is at most 4 KB
    assert headline[0].keys() == {"name", "window", "value", "low", "high", "greater_is_better"}


def test_windows_of_other_names_are_all_headlines(predictions):
    renamed = predictions[predictions["window"] == "test"].assign(window="held out")
    assert {entry["window"] for entry in evaluate(renamed, suite(), resamples=5, seed=1).headline} == {
        "held out"
    }


@pytest.mark.parametrize("outcome", [0, 1])
def test_one_class_is_null_not_nan(predictions, outcome):
    evaluation = evaluate(
        predictions.assign(y=outcome), suite(), resamples=20, seed=1, by=slicing(predictions)
    )
    everything(evaluation)
    found = evaluation.metrics["windows"]["test"]["metrics"]
    assert found["roc_auc"] == {"value": None, "low": None, "high": None, "chance": None, "perfect": None}
    assert found["brier"]["value"] is not None
    assert evaluation.curves["windows"]["test"]["roc"] is None


@pytest.mark.parametrize("rows", [1, 2, 7])
def test_a_handful_of_rows_is_evaluated_without_a_word(rows):
    tiny = simulate(
        2, windows=(("tuning-1", "2016-07-07", rows, 0.3), ("test", "2017-03-16", rows, 0.3)), nights=3
    )
    everything(evaluate(tiny, suite(), resamples=20, seed=1, by={"x": np.arange(len(tiny))}))


def test_missing_columns_are_named(predictions):
    with pytest.raises(ValueError, match="lack unit, p; they need row_key"):
        evaluate(predictions.drop(columns=["unit", "p"]), suite(), resamples=5, seed=1)
    assert set(COLUMNS) == set(predictions)


def test_scikit_learn_and_scipy_stay_out():
    # They cost a second at the start of every run; in a process of its own, as tests import them.
    code = "import sys, vispera.evaluate; assert not {'sklearn', 'scipy', 'pandas'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
