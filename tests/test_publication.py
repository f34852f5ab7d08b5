"""What is published for a pipeline: whole, replaced, and nothing of anybody else's taken away."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from typed import train, workspace_in
from vispera.errors import UsageError
from vispera.publication import publish_json, replaced
from vispera.record import read_all

SMALL = ("model=rule", "problem.settings.rows=6000", "evaluation.resamples=20", "threads=1", "tracker=none")


def listed(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir() if not path.name.startswith("."))


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> tuple[Path, Path]:
    """Folder of a run, and what it has published."""
    home = workspace_in(tmp_path_factory.mktemp("publishing"))
    done = train(home, *SMALL, "publish=data/pipeline/train")
    assert done.returncode == 0, done.stderr
    (record,) = read_all(home / "experiments")
    return record.folder, home / "data" / "pipeline" / "train"


def test_a_run_publishes_its_numbers_as_its_record_has_them(published):
    run, place = published
    assert listed(place) == ["calibration.csv", "metrics.json", "model", "precision_recall.csv", "roc.csv"]
    told = json.loads((place / "metrics.json").read_text())
    held = json.loads((run / "metrics.json").read_text())
    assert set(told) == set(held["windows"])
    for window, found in held["windows"].items():
        for name, one in found["metrics"].items():
            assert told[window][name] == one["value"]
        against = held["against"]["windows"][window]["log_loss"]["value"]
        assert told[window]["log_loss_against_rule"] == against


def test_a_run_publishes_its_curves_and_its_model(published):
    run, place = published
    held = json.loads((run / "curves.json").read_text())["windows"]
    with (place / "roc.csv").open() as file:
        points = [row for row in csv.DictReader(file) if row["window"] == "test"]
    assert [float(p["true_positive_rate"]) for p in points] == held["test"]["roc"]["true_positive_rate"]
    with (place / "calibration.csv").open() as file:
        bins = [row for row in csv.DictReader(file) if row["window"] == "tuning"]
    rows = [one["rows"] for one in held["tuning"]["calibration"]["bins"]]
    assert [int(one["rows"]) for one in bins] == rows
    kept = {path.name: path.read_bytes() for path in (run / "model").iterdir() if path.is_file()}
    assert {p.name: p.read_bytes() for p in (place / "model").iterdir() if p.is_file()} == kept


def test_what_was_published_before_is_replaced_whole(tmp_path):
    place = tmp_path / "audit"
    publish_json({"findings": [1]}, place)
    (place / "left.txt").write_text("of an earlier one")
    publish_json({"findings": []}, place)
    assert listed(place) == ["audit.json"]
    assert json.loads((place / "audit.json").read_text()) == {"findings": []}


def test_a_folder_of_somebody_elses_is_not_replaced(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="holds what was not published by vispera"):
        publish_json({}, tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_what_ends_half_way_leaves_what_was_there(tmp_path):
    place = tmp_path / "audit"
    publish_json({"findings": [1]}, place)

    def half() -> None:
        with replaced(place) as fresh:
            (fresh / "audit.json").write_text("{")
            raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        half()
    assert json.loads((place / "audit.json").read_text()) == {"findings": [1]}
    assert [path.name for path in tmp_path.iterdir()] == ["audit"]
