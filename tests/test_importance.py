"""What a model uses: exact where it explains, by permutation elsewhere."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from vispera.importance import MOST_ROWS, importance
from vispera.model.gradient_boosting import GradientBoosting
from vispera.model.logistic import Logistic
from vispera.table import Rows


def rows(n: int = 6000, seed: int = 0) -> Rows:
    """Rows whose outcome follows from ``signal`` alone."""
    rng = np.random.default_rng(seed)
    signal, noise = rng.normal(size=n), rng.normal(size=n)
    y = (rng.random(n) < 1 / (1 + np.exp(2 - 1.5 * signal))).astype(float)
    night = np.sort(rng.integers(17000, 17300, n)).astype(np.int32)
    keys = np.arange(n, dtype=np.uint64)
    return Rows(pd.DataFrame({"noise": noise, "signal": signal}), y, night, night + 5, keys, keys)


@pytest.mark.parametrize(
    ("model", "method"),
    [
        (Logistic(seed=0, threads=1), "contribution"),
        (GradientBoosting(seed=0, threads=1, iterations=30), "permutation"),
    ],
)
def test_the_feature_that_decides_comes_first(model, method):
    learned = rows()
    found = importance(model.fit(learned, np.ones(len(learned))), rows(seed=1), seed=0)
    assert found.method == method
    assert next(iter(found.values)) == "signal"
    assert found.values["signal"] > 5 * found.values["noise"] >= 0
    assert (found.reason is None) == (method == "contribution")


def test_the_same_seed_gives_the_same_numbers_from_a_sample_of_many_rows():
    learned = rows()
    fitted = Logistic(seed=0, threads=1).fit(learned, np.ones(len(learned)))
    many = rows(MOST_ROWS + 500, seed=2)
    assert importance(fitted, many, seed=3) == importance(fitted, many, seed=3)
    assert importance(fitted, many, seed=3) != importance(fitted, many, seed=4)
