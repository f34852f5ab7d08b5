"""A recipe that has learned to score with old knowledge."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from night import EVERYTHING, HORIZON, assert_same_bits
from vispera.asof import Ledger
from vispera.clock import day
from vispera.errors import UsageError
from vispera.feature import build
from vispera.fitting import Recipe, prepare
from vispera.model.prior import Prior

FRESH = Recipe(name="any", estimator=Prior(), features=EVERYTHING, snapshots=(14, 3))


def test_knowledge_is_of_each_night_or_of_one_of_the_days_before_it():
    night = np.arange(day("2017-03-01"), day("2017-05-02"), dtype=np.int32)
    assert (FRESH.known(night) == night).all()
    for stale in (1, 7, 31):
        age = night - replace(FRESH, stale_days=stale).known(night)
        assert set(age) == set(range(1, stale + 1))


def test_rows_to_learn_from_know_as_little_as_the_recipe_says(simulated_table):
    ledger = Ledger(simulated_table, HORIZON)
    stale = replace(FRESH, stale_days=31)
    made = prepare(simulated_table, stale, ledger, HORIZON)
    older = build(simulated_table, made.at, EVERYTHING, ledger.stopped(stale.known))
    assert_same_bits(made.rows.x.select_dtypes("number"), older.x.select_dtypes("number"))
    fresh = prepare(simulated_table, FRESH, ledger, HORIZON).rows.x
    old = made.rows.x
    np.testing.assert_array_equal(old["days_left"], fresh["days_left"])
    gaps = [float(np.isnan(x["off_books_hotel"].to_numpy()).mean()) for x in (old, fresh)]
    assert gaps[0] > gaps[1] + 0.2
    rates, today = (x["rate_overall"].to_numpy() for x in (old, fresh))
    assert (rates != today)[~np.isnan(rates)].mean() > 0.9


def test_less_than_no_days_is_refused():
    with pytest.raises(UsageError, match="stale_days=-1: wanted 0 days or more"):
        replace(FRESH, stale_days=-1)
