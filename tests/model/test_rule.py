from typing import Any

import numpy as np
import pandas as pd
import pytest

from learnable import option, rows
from vispera.errors import Declined, UsageError
from vispera.model.rule import Rule


def fit(**settings) -> Any:
    made, weights = rows()
    rule = Rule(**{"columns": ["hotel", "market_segment"], "later_share": 0.0, "smoothing": 10.0} | settings)
    return rule.fit(made, weights), made, weights


def test_rate_of_a_group_is_smoothed_towards_the_coarser_one():
    fitted, made, weights = fit()
    city = (made.x["hotel"] == "City Hotel").to_numpy()
    both = city & (made.x["market_segment"] == "Groups").to_numpy()
    rate = np.average(made.y, weights=weights)
    for group in (city, both):
        rate = (np.dot(made.y[group], weights[group]) + 10 * rate) / (weights[group].sum() + 10)
    assert fitted.predict(made.x[both]).p == pytest.approx(rate)


def test_unknown_level_takes_the_coarser_group_and_missing_is_a_group():
    fitted, made, _ = fit(columns=["hotel", "customer_type"])
    x = made.x.iloc[:1].assign(hotel="City Hotel", customer_type=pd.Categorical(["never seen"]))
    coarse = fit(columns=["hotel"])[0].predict(x).raw
    assert fitted.predict(x).raw == pytest.approx(coarse)
    absent = fitted.predict(x.assign(customer_type=None)).raw
    assert absent != pytest.approx(coarse)
    nobody = fitted.predict(x.assign(hotel="never seen")).raw
    assert nobody == pytest.approx(fitted.core.base)


def test_reasons_are_what_each_column_moved():
    fitted, made, _ = fit()
    explained = fitted.explain(made.x)
    coarse = fit(columns=["hotel"])[0].predict(made.x).raw
    assert explained.contributions["hotel"].to_numpy() + explained.base == pytest.approx(coarse)


def test_numbers_need_edges_and_edges_are_inclusive():
    with pytest.raises(Declined, match="'lead_time' and has no edges"):
        fit(columns=["lead_time"])
    fitted, made, _ = fit(columns=["lead_time"], edges={"lead_time": [30, 90]})
    x = made.x.iloc[:4].assign(lead_time=[30.0, 30.5, 90.0, 91.0])
    first, second, third, fourth = fitted.predict(x).raw
    assert first != second == third != fourth


def test_a_problem_without_the_columns_is_declined_with_the_nearest():
    with pytest.raises(
        Declined, match="'market_segmnt', which is not among the features; closest: 'market_segment'"
    ):
        fit(columns=["hotel", "market_segmnt"])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"columns": []}, "at least one column"),
        ({"smoothing": 0.0}, "smoothing"),
        ({"edges": {"hotl": [1]}}, "closest: 'hotel'"),
        ({"edges": {"hotel": [2, 1]}}, "rising"),
    ],
)
def test_wrong_settings_are_refused_before_any_work(settings, message):
    with pytest.raises(UsageError, match=message):
        option("rule", **{"columns": ["hotel"], "edges": {}} | settings)
