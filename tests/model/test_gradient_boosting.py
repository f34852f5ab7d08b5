from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from learnable import option, rows
from vispera.errors import UsageError


def test_first_fit_keeps_the_trees_up_to_the_best_one():
    made, weights = rows()
    fitted = option("gradient_boosting").fit(made, weights)
    assert 1 <= fitted.core.rounds < 300
    noise = replace(made, y=np.random.default_rng(0).permutation(made.y))
    assert option("gradient_boosting").fit(noise, weights).core.rounds < fitted.core.rounds


def test_more_levels_than_bins_share_the_last_one():
    made, weights = rows()
    many = replace(made, x=made.x.assign(agent=pd.Categorical([f"a{at // 4}" for at in range(len(made))])))
    fitted = option("gradient_boosting", iterations=5, max_bins=255).fit(many, weights)
    assert len(fitted.core.layout.kept["agent"]) == 254
    assert np.isfinite(fitted.predict(many.x).raw).all()


@pytest.mark.parametrize("changed", [{"max_bins": 256}, {"max_bins": 1}, {"iterations": 0}])
def test_wrong_settings_are_refused_before_any_work(changed):
    with pytest.raises(UsageError, match=next(iter(changed))):
        option("gradient_boosting", **changed)


def test_threads_do_not_change_the_trees():
    made, weights = rows()
    one, two = (option("gradient_boosting", threads=n, iterations=20).fit(made, weights) for n in (1, 2))
    assert np.array_equal(one.predict(made.x).raw, two.predict(made.x).raw)
