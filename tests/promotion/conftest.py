"""Small runs that all tests of promotion look at; whoever changes one copies it."""

from __future__ import annotations

import pytest

from promoted import trained
from vispera.record import RunRecord


@pytest.fixture(scope="session")
def runs(tmp_path_factory) -> dict[str, RunRecord]:
    return trained(tmp_path_factory.mktemp("promotion") / "home", "rule", "logistic")
