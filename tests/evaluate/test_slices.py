"""Slices: levels that hold still, and silence where there is too little to say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from predictions import simulate
from vispera.evaluate import evaluate
from vispera.evaluate.slices import MISSING, MOST_LEVELS, OTHER, levels, too_small
from vispera.metric import Scored, roc_auc, suite


def test_small_slices_are_suppressed_with_the_reason():
    predictions = simulate(1, windows=(("test", "2017-03-16", 2000, 0.1),))
    rank = np.arange(2000)
    group = np.select([rank < 60, rank < 260, rank < 460], ["few rows", "few hits", "few stays"], "plenty")
    predictions["y"] = np.select([group == "few hits", group == "few stays"], [0, 1], predictions["y"])
    found = evaluate(predictions, suite(), resamples=20, seed=1, by={"group": group}).slices
    rows = {entry["level"]: entry for entry in found["columns"]["group"]["test"]}
    reasons = {level: entry.get("suppressed") for level, entry in rows.items()}
    assert reasons == {
        "few rows": "fewer than 100 rows",
        "few hits": "fewer than 10 positives",
        "few stays": "fewer than 10 negatives",
        "plenty": None,
    }
    assert rows["few rows"].keys() == {"level", "rows", "suppressed"}
    plenty = Scored.from_frame(predictions).take(group == "plenty")
    assert rows["plenty"]["metrics"]["roc_auc"]["value"] == roc_auc(plenty)
    assert rows["plenty"]["rate_low"] < rows["plenty"]["rate"] < rows["plenty"]["rate_high"]


def test_the_edges_of_suppression():
    assert too_small(99, 50) == "fewer than 100 rows"
    assert too_small(100, 9) == "fewer than 10 positives"
    assert too_small(100, 91) == "fewer than 10 negatives"
    assert too_small(100, 10) is too_small(100, 90) is None


@pytest.mark.parametrize(
    ("values", "labels", "codes"),
    [
        (pd.Series(["b", "a", "b"]), ["b", "a"], [0, 1, 0]),
        (pd.Series(["b", None, "b"]), ["b", MISSING], [0, 1, 0]),
        (pd.Categorical(["x", "y", "y"]), ["y", "x"], [1, 0, 0]),
        (np.array([2, 0, 2]), ["0", "2"], [1, 0, 1]),
        (np.array([True, False, False]), ["False", "True"], [1, 0, 0]),
        (pd.Series([1.5, np.nan, 1.5]), ["1.5", MISSING], [0, 1, 0]),
        (pd.Series([1, None, 3], dtype="Int64"), ["1", "3", MISSING], [0, 2, 1]),
    ],
)
def test_levels_of_few_values(values, labels, codes):
    found, of_row = levels(values)
    assert found == labels
    assert of_row.tolist() == codes


def test_numbers_are_cut_at_their_quartiles():
    labels, of_row = levels(np.r_[np.arange(100.0), np.nan])
    assert labels == ["0 to under 25", "25 to under 50", "50 to under 75", "75 to 99", MISSING]
    assert np.bincount(of_row).tolist() == [25, 25, 25, 25, 1]
    heaped = levels(np.r_[np.zeros(95), np.arange(1, 8)])
    assert heaped[0] == ["0 to 7"]


def test_rare_names_share_a_slice():
    names = np.repeat([f"agent {i:02d}" for i in range(30)], np.arange(30, 0, -1))
    labels, of_row = levels(names)
    assert labels == [f"agent {i:02d}" for i in range(MOST_LEVELS)] + [OTHER]
    assert (of_row == MOST_LEVELS).sum() == sum(range(1, 11))


def test_values_of_another_length_are_refused():
    predictions = simulate(1, windows=(("test", "2017-03-16", 200, 0.1),))
    with pytest.raises(ValueError, match="slice 'x' has 3 values for 200 rows"):
        evaluate(predictions, suite(), resamples=5, seed=1, by={"x": np.arange(3)})
