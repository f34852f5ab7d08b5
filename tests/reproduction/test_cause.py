"""What is recorded otherwise on two sides stands under its cause, and nothing else does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vispera.record import RunRecord
from vispera.reproduction.cause import ABSENT, differences, stat
from vispera.reproduction.side import Side

CONFIG = {
    "problem": {"name": "simulated", "path": "/here", "cache": "data", "settings": {"rows": 6000}},
    "model": {"estimator": {"depth": 6, "threads": 2, "columns": ["a", "b"]}},
    "threads": 2,
    "seed": 0,
    "note": "first",
    "tracker": {"mode": "offline"},
}
ENVIRONMENT = {
    "python": "3.11.2",
    "cpu": "One",
    "threads": 2,
    "thread_variables": {"OMP_NUM_THREADS": None},
    "hash_seed": None,
    "lock": "a",
    "packages": {"numpy": "2.4.0", "attrs": "25"},
}
PATCH = b"""diff --git a/src/a.py b/src/a.py
index 1..2 100644
--- a/src/a.py
+++ b/src/a.py
@@ -1,2 +1,3 @@
 one
-two
+TWO
+three
"""


def side(**given: Any) -> Side:
    record = RunRecord(
        id="x", state="finished", folder=Path("x"), code=given.pop("code", {"commit": "c" * 40})
    )
    known = {"config": CONFIG, "environment": ENVIRONMENT, "data": {"content_hash": "d", "rows": 9}}
    return Side(record=record, **{**known, **given})


def told(**given: Any) -> dict[tuple[str, str], tuple[Any, Any]]:
    return {(d.cause, d.what): (d.recorded, d.here) for d in differences(side(), side(**given))}


def test_equal_sides_have_no_differences():
    assert told() == {}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {"data": {"content_hash": "e", "rows": 8}},
            {("data", "content_hash"): ("d", "e"), ("data", "rows"): (9, 8)},
        ),
        ({"code": {"commit": "b" * 40}}, {("code", "commit"): ("c" * 40, "b" * 40)}),
        ({"patch": PATCH}, {("code", "patch"): (ABSENT, "src/a.py +2 -1")}),
        (
            {"environment": {**ENVIRONMENT, "packages": {"numpy": "2.4.1", "zstd": "1"}}},
            {
                ("packages", "numpy"): ("2.4.0", "2.4.1"),
                ("packages", "attrs"): ("25", ABSENT),
                ("packages", "zstd"): (ABSENT, "1"),
            },
        ),
        (
            {"environment": {**ENVIRONMENT, "python": "3.12.1"}},
            {("packages", "python"): ("3.11.2", "3.12.1")},
        ),
        ({"environment": {**ENVIRONMENT, "threads": 1}}, {("threads", "threads"): (2, 1)}),
        (
            {"environment": {**ENVIRONMENT, "thread_variables": {"OMP_NUM_THREADS": "1"}}},
            {("threads", "OMP_NUM_THREADS"): (None, "1")},
        ),
        ({"environment": {**ENVIRONMENT, "cpu": "Two"}}, {("machine", "cpu"): ("One", "Two")}),
        (
            {"environment": {**ENVIRONMENT, "hash_seed": "0"}},
            {("configuration", "PYTHONHASHSEED"): (None, "0")},
        ),
    ],
)
def test_each_cause_is_told_alone(given, expected):
    assert told(**given) == expected


def test_configuration_is_told_key_by_key():
    other = {
        **CONFIG,
        "model": {"estimator": {"depth": 8, "threads": 2, "columns": ["a"], "rsm": 0.3}},
        "seed": False,
    }
    assert told(config=other) == {
        ("configuration", "model.estimator.depth"): (6, 8),
        ("configuration", "model.estimator.columns"): (["a", "b"], ["a"]),
        ("configuration", "model.estimator.rsm"): (ABSENT, 0.3),
        ("configuration", "seed"): (0, False),
    }


def test_places_trackers_and_notes_are_no_cause():
    problem = {**CONFIG["problem"], "path": "/there", "cache": "/elsewhere"}
    assert told(config={**CONFIG, "problem": problem, "note": "second", "tracker": {"mode": "online"}}) == {}
    assert told(environment={**ENVIRONMENT, "lock": "b"}) == {}, "packages are told by what is installed"


def test_threads_that_one_part_of_the_configuration_has_alone_are_told():
    model = {"estimator": {**CONFIG["model"]["estimator"], "threads": 4}}
    assert told(config={**CONFIG, "model": model}) == {("threads", "model.estimator.threads"): (2, 4)}


def test_a_side_that_says_nothing_differs_in_nothing():
    assert told(config={}, environment={}, data={}, code={}) == {}


def test_a_patch_in_few_words():
    assert stat(b"") == ABSENT
    many = b"".join(b"diff --git a/f%d b/f%d\n+x\n" % (number, number) for number in range(9))
    assert stat(many).endswith("f5 +1 -0 and 3 more files")
