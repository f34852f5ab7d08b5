"""One evening that several tests look at."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from evening import (
    Evening,
    evening,
    learned,
)
from learnable import config
from vispera.feature import FeatureSpec
from vispera.model import Explanation


@pytest.fixture(scope="module")
def tonight(simulated_table) -> Evening:
    return evening(simulated_table)


@pytest.fixture(scope="module")
def explained(simulated_table):
    """By model: the evening with its features, the fit, and the explanation."""

    @cache
    def fit(name: str) -> tuple[Evening, Any, Explanation]:
        held = config(name)
        spec = FeatureSpec(**held["features"])
        fitted = learned(name, simulated_table, spec, tuple(held["snapshots"]))
        this = evening(simulated_table, spec)
        return this, fitted, fitted.explain(this.rows.x)

    return fit
