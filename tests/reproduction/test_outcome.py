"""Predictions, metrics and models of two runs: equal by bytes, by value, or how far apart."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from vispera.errors import VisperaError
from vispera.files import file_hash
from vispera.forgotten import FILE as NOTE
from vispera.forgotten import Forgotten, note_of
from vispera.record import RunRecord
from vispera.reproduction.maker import DIFFERENT, IDENTICAL, WITHIN, verdict_of
from vispera.reproduction.outcome import Part, comparable, compare

MODEL = Path(__file__).parents[1] / "golden" / "model-v1" / "rule"


def run_in(folder: Path, frame: pd.DataFrame | None = None, **files) -> RunRecord:
    folder.mkdir()
    if frame is not None:
        frame.to_parquet(folder / "predictions.parquet")
    for name, value in files.items():
        (folder / f"{name}.json").write_text(json.dumps(value))
    return RunRecord(id=folder.name, state="finished", folder=folder)


def predictions(rows: int = 50) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "row_key": rng.integers(0, 2**63, rows).astype(np.uint64) * np.uint64(2),
            "night": pd.Timestamp("2017-03-16").as_unit("s"),
            "window": "test",
            "y": (rng.random(rows) < 0.2).astype(np.int8),
            "raw": rng.normal(size=rows),
            "p": rng.random(rows),
        }
    )


def held(tmp_path: Path, other: pd.DataFrame) -> Part:
    one, here = run_in(tmp_path / "one", predictions()), run_in(tmp_path / "other", other)
    [part] = compare(one, here)
    return part


def test_equal_bytes_and_equal_values_are_the_same(tmp_path):
    assert held(tmp_path, predictions()).same


def test_other_bytes_with_equal_values_are_the_same_and_it_is_told(tmp_path):
    part = held(tmp_path, predictions().iloc[::-1])
    assert part.same
    assert "other bytes" in part.told


def forgotten(tmp_path: Path, lost: int, other: pd.DataFrame) -> Part:
    """The recorded run has lost its last two rows since, and a note says that it lost so many."""
    one = run_in(tmp_path / "one", predictions().iloc[:-2])
    now = file_hash(one.folder / "predictions.parquet")
    entry = Forgotten(at="2026-11-26T03:00:00Z", file="predictions.parquet", rows=lost, was="0" * 64, now=now)
    (one.folder / NOTE).write_bytes(note_of([entry]))
    [part] = compare(one, run_in(tmp_path / "other", other))
    return part


def test_rows_that_the_record_has_lost_since_are_no_difference(tmp_path):
    part = forgotten(tmp_path, 2, predictions())
    assert part.same
    assert "but for 2 rows that the record has lost since" in part.told


@pytest.mark.parametrize(
    ("lost", "other"),
    [
        (1, predictions()),
        (3, predictions()),
        (2, predictions().iloc[1:]),
        (2, predictions().assign(p=0.5)),
    ],
)
def test_a_note_excuses_no_more_than_it_says(tmp_path, lost, other):
    assert not forgotten(tmp_path, lost, other).same


def test_the_largest_difference_is_told(tmp_path):
    other = predictions()
    other.loc[[3, 7], "p"] += [0.25, -0.5]
    part = held(tmp_path, other)
    assert not part.same
    assert part.largest == pytest.approx(0.5)
    assert part.told == "2 of 50 rows have other values, the largest difference 0.5"


def test_the_last_bit_of_a_number_counts(tmp_path):
    other = predictions()
    other.loc[3, "raw"] = np.nextafter(other.loc[3, "raw"], 9.0)
    part = held(tmp_path, other)
    assert not part.same
    assert 0 < (part.largest or 0) < 1e-14


def test_rows_that_one_side_lacks_are_within_no_tolerance(tmp_path):
    part = held(tmp_path, predictions().iloc[2:])
    assert (part.same, part.largest) == (False, None)
    assert "2 rows of the record are not here, 0 only here" in part.told
    assert not part.within(1.0)


def test_outcomes_and_missing_numbers_are_within_no_tolerance(tmp_path):
    other = predictions()
    other.loc[0, "y"] = 1 - other.loc[0, "y"]
    other.loc[1, "p"] = np.nan
    part = held(tmp_path, other)
    assert part.largest is None
    assert "1 outcomes are others" in part.told


METRICS = {
    "schema": 1,
    "windows": {"test": {"rows": 5, "metrics": {"log_loss": {"value": 0.3, "low": None}}}},
}


def test_metrics_are_told_with_their_values(tmp_path):
    other = json.loads(json.dumps(METRICS))
    other["windows"]["test"]["metrics"]["log_loss"]["value"] = 0.4
    [part] = compare(run_in(tmp_path / "a", metrics=METRICS), run_in(tmp_path / "b", metrics=other))
    assert part.largest == pytest.approx(0.1)
    assert part.told == "1 of 4 values differ: log_loss in test 0.3 -> 0.4"
    assert part.values == {"windows.test.metrics.log_loss.value": (0.3, 0.4)}


def test_a_metric_that_is_defined_on_one_side_alone_is_within_no_tolerance(tmp_path):
    other = json.loads(json.dumps(METRICS))
    other["windows"]["test"]["metrics"]["log_loss"]["low"] = 0.2
    [part] = compare(run_in(tmp_path / "a", metrics=METRICS), run_in(tmp_path / "b", metrics=other))
    assert part.largest is None


def test_a_model_is_compared_by_its_files_and_not_by_who_made_it(tmp_path):
    runs = [run_in(tmp_path / name) for name in ("a", "b")]
    for record in runs:
        shutil.copytree(MODEL, record.folder / "model")
    manifest = runs[1].folder / "model" / "manifest.json"
    told = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**told, "run": "another", "content": "x", "seal": "y"}))
    assert compare(*runs)[0].same
    manifest.write_text(json.dumps({**told, "settings": {**told["settings"], "threads": 64}}))
    assert compare(*runs)[0].same, "how many threads it was given is no part of it"
    manifest.write_text(json.dumps({**told, "settings": {**told["settings"], "smoothing": -1}}))
    assert compare(*runs)[0].told == "others: manifest.settings.smoothing"
    manifest.write_text(json.dumps({**told, "files": {**told["files"], "model.json": "0" * 64}}))
    [part] = compare(*runs)
    assert (part.same, part.told) == (False, "others: files.model.json")


def test_what_the_other_run_did_not_leave_is_different(tmp_path):
    one, other = run_in(tmp_path / "a", predictions()), run_in(tmp_path / "b")
    [part] = compare(one, other)
    assert (part.same, part.largest) == (False, None)
    assert "ended finished and left none" in part.told
    assert comparable(other) == []


def test_a_damaged_file_is_one_line(tmp_path):
    runs = [run_in(tmp_path / name, metrics=METRICS) for name in ("a", "b")]
    (runs[1].folder / "metrics.json").write_text("{")
    with pytest.raises(VisperaError, match="the metrics of a or b cannot be read"):
        compare(*runs)


def part(name: str, same: bool = False, largest: float | None = 0.0) -> Part:
    return Part(name=name, same=same, largest=largest)


@pytest.mark.parametrize(
    ("parts", "tolerance", "verdict"),
    [
        ((part("predictions", True), part("model", True)), 0.0, IDENTICAL),
        ((part("predictions", largest=1e-9), part("model", largest=None)), 0.0, DIFFERENT),
        ((part("predictions", largest=1e-9), part("model", largest=None)), 1e-6, WITHIN),
        ((part("predictions", largest=1e-3), part("metrics", True)), 1e-6, DIFFERENT),
        ((part("predictions", True), part("findings", largest=None)), 0.9, DIFFERENT),
        ((part("model", largest=None),), 0.9, DIFFERENT),
    ],
)
def test_what_parts_come_to(parts, tolerance, verdict):
    assert verdict_of(parts, tolerance) == verdict
