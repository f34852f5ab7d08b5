"""The configuration that a record is made again from: all of it, but for places, trackers and threads."""

from __future__ import annotations

from pathlib import Path

import pytest

from vispera.reproduction.cause import ABSENT
from vispera.reproduction.making import HOTEL, NO_TRACKER, located, placed, with_threads, with_values


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("VISPERA_HOME", str(tmp_path))
    monkeypatch.delenv("VISPERA_DATA", raising=False)
    (tmp_path / "data").mkdir()
    return tmp_path


def test_only_places_tracker_and_copies_are_replaced():
    config = {
        "problem": {
            "_target_": HOTEL,
            "path": None,
            "cache": "/far/away",
            "addresses": ["https://a"],
            "download": {},
        },
        "model": {"estimator": {"depth": 6}},
        "tracker": {"_target_": "vispera.tracker.wandb.WandbTracker"},
        "data": {"path": "/far", "cache": "/far/away"},
        "publish": "data/pipeline/train",
    }
    made = placed(config, None)
    assert made == {
        "problem": {"_target_": HOTEL, "path": None, "cache": "data"},
        "model": {"estimator": {"depth": 6}},
        "tracker": NO_TRACKER,
        "data": {"path": None, "cache": "data"},
        "publish": None,
    }
    assert config["problem"]["cache"] == "/far/away", "the record's own stays as it is"


def test_a_source_is_looked_for_where_it_was_and_where_it_may_be_now(home, monkeypatch):
    old, new = home / "old.csv", home / "new.csv"
    old.write_text("a\n1\n")
    assert located(str(old), None) == str(old)
    assert located(str(old), str(new)) == str(new), (
        "what is typed is taken, that it is not there is told later"
    )
    old.rename(home / "data" / "old.csv")
    assert located(str(old), None) == str(home / "data" / "old.csv")
    new.write_text("a\n1\n")
    monkeypatch.setenv("VISPERA_DATA", str(new))
    assert located(str(old), None) == str(new)


def test_bookings_that_were_fetched_are_found_in_data(home):
    assert located(None, None, HOTEL) is None
    assert located("/gone", None, HOTEL) == "/gone"
    (home / "data" / "hotels.csv").write_text("a\n1\n")
    assert located("/gone", None, HOTEL) == located(None, None, HOTEL) == str(home / "data")
    assert located("/gone", None, "vispera.problem.table.TableFile") == "/gone"


def test_threads_are_changed_wherever_the_runs_own_stood():
    config = {
        "threads": 2,
        "model": {"estimator": {"threads": 2, "n_jobs": 4, "depth": 2}},
        "baseline": {"estimator": {"n_jobs": 2}},
    }
    assert with_threads(config, 1) == {
        "threads": 1,
        "model": {"estimator": {"threads": 1, "n_jobs": 4, "depth": 2}},
        "baseline": {"estimator": {"n_jobs": 1}},
    }


def test_values_are_put_back_by_path():
    config = {"model": {"depth": 6, "new": 1}}
    put = {("model", "depth"): 8, ("model", "new"): ABSENT, ("evaluation", "test"): True}
    assert with_values(config, put) == {"model": {"depth": 8}, "evaluation": {"test": True}}
    assert config == {"model": {"depth": 6, "new": 1}}
