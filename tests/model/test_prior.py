import numpy as np
import pytest

from learnable import rows
from vispera.model.prior import Prior


def test_everybody_gets_the_weighted_rate():
    made, _ = rows()
    weights = np.random.default_rng(0).random(len(made))
    fitted = Prior().fit(made, weights)
    assert fitted.predict(made.x).p == pytest.approx(np.average(made.y, weights=weights))
    assert fitted.explain(made.x).contributions.shape == (len(made), 0)
