import json

import numpy as np
import pytest

from learnable import option, rows
from vispera.model.calibrated import Sample
from vispera.model.design import matrix, parts
from vispera.model.encode import Features


@pytest.mark.parametrize("bins", [0, 10])
def test_the_card_scores_what_scikit_learn_fitted(bins):
    from sklearn.linear_model import LogisticRegression

    made, weights = rows()
    model = option("logistic", bins=bins, later_share=0.0)
    order = np.lexsort((made.row_key, made.night))
    x = made.x.iloc[order]
    columns = Features.of(x).columns(x)
    layout = parts(Sample(columns, made.y[order], weights[order]), model.least_level, bins)
    design = matrix(layout, columns)
    reference = LogisticRegression(C=model.strength, tol=model.tolerance, max_iter=model.max_iter)
    reference.fit(design, made.y[order], sample_weight=weights[order])
    raw = model.fit(made, weights).predict(x).raw
    assert raw == pytest.approx(reference.decision_function(design), abs=1e-9)


def test_points_are_zero_on_average_and_the_base_is_the_average_score():
    made, weights = rows()
    fitted = option("logistic").fit(made, weights)
    explained = fitted.explain(made.x)
    assert np.average(explained.contributions, axis=0, weights=weights) == pytest.approx(0, abs=1e-9)
    assert explained.base[0] == pytest.approx(np.average(fitted.predict(made.x).raw, weights=weights))


def test_points_follow_what_made_the_outcomes():
    made, weights = rows(6000)
    card = json.loads(option("logistic", strength=0.1).fit(made, weights).core.files()["model.json"])
    terms = {term["name"]: term for term in card["terms"]}
    segment = dict(zip(terms["market_segment"]["levels"], terms["market_segment"]["points"], strict=True))
    assert max(segment, key=lambda level: segment[level]) == "Groups"
    assert terms["lead_time"]["points"][-1] > terms["lead_time"]["points"][0] + 1


def test_rare_and_unknown_levels_share_their_points():
    made, weights = rows()
    fitted = option("logistic", least_level=1e9).fit(made, weights)
    x = made.x.iloc[:50]
    assert np.array_equal(fitted.predict(x).raw, fitted.predict(x.assign(agent="never seen")).raw)
