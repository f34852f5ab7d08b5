"""Evenings that several tests look at."""

from __future__ import annotations

import pytest

from tonights import Evening, evening, recipe


@pytest.fixture(scope="session")
def tonight(tmp_path_factory, simulated_table) -> Evening:
    """An evening of a quick CatBoost model."""
    quick = recipe("catboost", "model.estimator.iterations=30")
    return evening(tmp_path_factory.mktemp("tonight"), simulated_table, quick)


@pytest.fixture(scope="session")
def lines(tmp_path_factory, simulated_table) -> Evening:
    """An evening of a logistic model."""
    return evening(tmp_path_factory.mktemp("lines"), simulated_table, recipe("logistic"))
