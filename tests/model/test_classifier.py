from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import AdaBoostClassifier, GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.svm import LinearSVC

from learnable import option, rows
from vispera.errors import Declined
from vispera.model.artefact import read, write
from vispera.model.classifier import Classifier

SERVED = [
    (AdaBoostClassifier(n_estimators=5), "onehot"),
    (GaussianNB(), "onehot"),
    (GradientBoostingClassifier(n_estimators=5), "onehot"),
    (LinearSVC(), "onehot"),
    (LogisticRegression(max_iter=1000), "onehot"),
    (MLPClassifier((4,), early_stopping=True, random_state=5), "onehot"),
    (RandomForestClassifier(5, n_jobs=2, min_samples_leaf=20), "ordinal"),
    (SGDClassifier(loss="log_loss"), "onehot"),
]


@pytest.mark.parametrize(("estimator", "encoding"), SERVED, ids=lambda value: type(value).__name__)
def test_scikit_learn_classifiers_come_in_and_go_out(estimator, encoding, tmp_path):
    made, weights = rows(600)
    before = str(estimator.get_params())
    fitted = Classifier(seed=0, threads=2, estimator=estimator, encoding=encoding).fit(made, weights)
    assert str(estimator.get_params()) == before
    assert not hasattr(estimator, "classes_")
    predicted = fitted.predict(made.x)
    assert np.mean(predicted.raw[made.y == 1]) > np.mean(predicted.raw[made.y == 0])
    write(tmp_path / "model", fitted, problem="p", run="r", trained_until="2017-01-01")
    assert np.array_equal(read(tmp_path / "model").fitted.predict(made.x).p, predicted.p)


def test_a_seed_of_its_own_stays_and_none_becomes_the_runs():
    made, weights = rows(300)
    for given, expected in ((None, 7), (3, 3)):
        estimator = RandomForestClassifier(2, random_state=given)
        fitted: Any = Classifier(seed=7, threads=1, estimator=estimator, encoding="ordinal").fit(
            made, weights
        )
        assert fitted.core.estimator.random_state == expected


class Foreign(ClassifierMixin, BaseEstimator):
    """A classifier that could only be saved with pickle."""

    def fit(self, x, y, sample_weight=None):
        return self


@pytest.mark.parametrize(
    ("estimator", "reason"),
    [
        (KNeighborsClassifier(), "takes no sample weights"),
        (LinearRegression(), "is no classifier"),
        (Foreign(), "is no classifier of scikit-learn"),
    ],
    ids=["weights", "regression", "foreign"],
)
def test_what_cannot_serve_is_declined_before_any_work(estimator, reason):
    with pytest.raises(Declined, match=reason):
        Classifier(seed=0, threads=1, estimator=estimator)


def test_what_the_classifier_itself_refuses_is_declined_with_its_words():
    made, weights = rows(300)
    with pytest.raises(Declined, match=r"GaussianNB cannot learn from these rows: .*NaN"):
        Classifier(seed=0, threads=1, estimator=GaussianNB(), encoding="ordinal").fit(made, weights)


def test_the_example_needs_no_code():
    assert isinstance(option("extra_trees"), Classifier)
