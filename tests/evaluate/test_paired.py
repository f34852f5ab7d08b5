"""Paired differences: sharper than two intervals side by side, and never of different rows."""

from __future__ import annotations

import json

import numpy as np
import pytest

from predictions import simulate
from vispera.errors import Declined
from vispera.evaluate import evaluate, paired_difference
from vispera.metric import suite

TWO = (("tuning-1", "2017-01-12", 3000, 0.1), ("test", "2017-03-16", 3000, 0.09))


def difference(a, b, **changed):
    return paired_difference(a, b, suite(k=10), **{"resamples": 100, "seed": 1, **changed})


def test_a_noisier_model_is_worse_and_the_pairing_shows_it():
    clear, blurred = simulate(5, windows=TWO), simulate(5, windows=TWO, noise=0.5)
    found = difference(clear, blurred)
    assert list(found["windows"]) == ["tuning-1", "tuning", "test"]
    test = found["windows"]["test"]
    assert {name: test[name]["verdict"] for name in ("log_loss", "roc_auc", "brier")} == {
        "log_loss": "better",
        "roc_auc": "better",
        "brier": "better",
    }
    other_way = difference(blurred, clear)["windows"]["test"]
    assert other_way["log_loss"]["verdict"] == "worse"
    assert other_way["log_loss"]["value"] == -test["log_loss"]["value"]
    alone = evaluate(clear, suite(k=10), resamples=100, seed=1).metrics["windows"]["test"]["metrics"]
    for name in ("log_loss", "brier"):
        paired = test[name]["high"] - test[name]["low"]
        # Two independent intervals of this width would make a difference 1.4 times as wide.
        assert paired < 0.5 * 1.4 * (alone[name]["high"] - alone[name]["low"])
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_a_model_against_itself_is_within_noise_of_zero():
    a = simulate(5, windows=TWO)
    shuffled = a.sample(frac=1, random_state=3)
    for window in difference(a, shuffled)["windows"].values():
        for found in window.values():
            assert found == {"value": 0.0, "low": 0.0, "high": 0.0, "verdict": "within noise"}


def test_equally_noisy_models_are_seldom_told_apart():
    verdicts = []
    for seed in range(12):
        a = simulate(seed, windows=TWO[1:], noise=0.3)
        flipped = a.assign(
            raw=2 * simulate(seed, windows=TWO[1:])["raw"] - a["raw"]
        )  # the same noise, mirrored
        flipped["p"] = 1 / (1 + np.exp(-flipped["raw"]))
        verdicts.append(difference(a, flipped)["windows"]["test"]["roc_auc"]["verdict"])
    assert verdicts.count("within noise") >= 9


def test_row_order_changes_no_bit():
    a, b = simulate(5, windows=TWO), simulate(5, windows=TWO, noise=0.5)
    shuffled = b.sample(frac=1, random_state=1)
    assert difference(a, b) == difference(a.sample(frac=1, random_state=2), shuffled)


def test_an_undefined_metric_has_no_verdict():
    a = simulate(5, windows=TWO).assign(y=0)
    assert difference(a, a)["windows"]["test"]["roc_auc"] == {
        "value": None,
        "low": None,
        "high": None,
        "verdict": "not defined",
    }


def test_other_rows_are_refused():
    a = simulate(5, windows=TWO)
    with pytest.raises(Declined, match="1 rows are only in the first, 0 only in the second"):
        difference(a, a.iloc[1:])
    with pytest.raises(Declined, match="same comparison key"):
        difference(a, a.assign(row_key=a["row_key"] + np.uint64(1)))
    with pytest.raises(Declined, match="differ in 'y' in 1 rows"):
        difference(a, a.assign(y=np.r_[1 - a["y"].iloc[0], a["y"].iloc[1:]]))
    with pytest.raises(Declined, match="differ in 'window'"):
        difference(a, a.assign(window=np.where(a.index == 0, "test", a["window"])))
