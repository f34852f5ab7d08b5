import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from learnable import option, rows
from vispera.errors import Declined, UsageError

FOLLOW = {"iterations", "use_best_model"}
"""Options in which two fits of the test below are meant to differ."""


def chosen_by_catboost(made, weights, iterations: int, validated: bool) -> dict:
    from catboost import CatBoost as Engine
    from catboost import Pool

    categories = list(made.x.select_dtypes("category"))
    x = made.x.assign(**{name: made.x[name].astype(object).fillna("none") for name in categories})
    pool = Pool(x, made.y, weight=weights, cat_features=categories)
    model = Engine(option("catboost")._options(iterations))
    model.fit(pool, **({"eval_set": pool, "use_best_model": True} if validated else {}))
    return {key: value for key, value in model.get_all_params().items() if key not in FOLLOW}


def test_no_option_changes_with_rows_iterations_or_a_validation_set():
    small = chosen_by_catboost(*rows(20), iterations=2, validated=False)
    assert small == chosen_by_catboost(*rows(20), iterations=500, validated=True)
    assert small == chosen_by_catboost(*rows(15_000), iterations=2, validated=False)


def test_later_slice_stops_the_first_fit_and_all_rows_teach_the_last():
    made, weights = rows()
    noise = np.random.default_rng(0).permutation(made.y)
    stopped = option("catboost", iterations=300).fit(replace(made, y=noise), weights)
    assert stopped.core.rounds < 100
    assert option("catboost", later_share=0.0, iterations=30).fit(made, weights).core.rounds == 30


def test_file_holds_no_time_no_name_and_no_option_of_the_machine():
    made, weights = rows(200)
    files = option("catboost", iterations=5).fit(made, weights).core.files()
    for word in (b"finish_time", b"guid", b"train_dir", b"thread_count"):
        assert word not in files["model.cbm"]


def test_nothing_is_left_on_disk(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made, weights = rows(200)
    option("catboost", iterations=5).fit(made, weights).core.files()
    assert list(Path(tmp_path).iterdir()) == []


@pytest.mark.parametrize("iterations", [0, 501])
def test_iterations_are_bounded(iterations):
    with pytest.raises(UsageError, match="allowed: 1 to 500"):
        option("catboost", iterations=iterations)


def test_features_that_do_not_vary_are_declined():
    made, weights = rows(200)
    still = made.x.assign(**{name: made.x[name].iloc[0] for name in made.x})
    with pytest.raises(Declined, match="no feature that varies"):
        option("catboost").fit(replace(made, x=still), weights)


def test_settings_are_kept_with_the_fit():
    made, weights = rows(200)
    settings = option("catboost", iterations=5, threads=1).fit(made, weights).settings
    assert json.loads(json.dumps(settings))["threads"] == 1
