"""One run without a guest: its record follows what is noted, and nothing that is not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from guests import GUEST, MINE, OTHER, frame
from vispera.errors import VisperaError
from vispera.files import file_hash
from vispera.forgetting import archived
from vispera.forgetting.folder import Task, clean, look
from vispera.forgetting.picture import Picture
from vispera.forgotten import read_forgotten
from vispera.record import RunRecord, read, read_archived
from vispera.run import start_run
from vispera.shelving import archive, restore

TASK = Task(GUEST, "2026-11-26T03:00:00Z", lambda told, spoken: Picture(b"", "", ""))
SECOND = replace(TASK, guest=replace(GUEST, keys=np.array([OTHER], dtype=np.uint64)))


@pytest.fixture
def record(tmp_path) -> RunRecord:
    """A run with predictions of three bookings, one of them the guest's, and a long list of hashes."""
    with start_run(tmp_path, name="rule", command=["model=rule"], config={}) as live:
        live.put_frame("predictions.parquet", frame(OTHER, MINE, OTHER + 1))
        digest = file_hash(live.folder / "predictions.parquet")
        live.set(problem="simulated", hashes={"data": "d" * 64, "predictions": digest})
    return read(tmp_path / live.id)


def keys(folder: Path) -> list[int]:
    return pd.read_parquet(folder / "predictions.parquet")["row_key"].tolist()


def test_two_guests_one_after_the_other(record):
    first = record.hashes["predictions"]
    for task, left in ((TASK, [OTHER, OTHER + 1]), (SECOND, [OTHER + 1])):
        clean(record.folder, task)
        assert keys(record.folder) == left
        assert read(record.folder).hashes["predictions"] == file_hash(record.folder / "predictions.parquet")
    one, two = read_forgotten(record.folder)
    assert (one.was, one.now, two.now) == (first, two.was, read(record.folder).hashes["predictions"])
    assert read(record.folder).hashes["data"] == "d" * 64
    assert read(record.folder).state == "finished"


def test_what_somebody_else_changed_stays_as_seen_as_it_was(record):
    frame(MINE, OTHER).to_parquet(record.folder / "predictions.parquet")
    clean(record.folder, TASK)
    assert keys(record.folder) == [OTHER]
    assert read(record.folder).hashes == record.hashes, "the record still says that it is another file"


def test_killed_before_the_record_the_same_again_ends_it(record):
    written = (record.folder / "record.json").read_bytes()
    clean(record.folder, TASK)
    (record.folder / "record.json").write_bytes(written)
    (record.folder / ".predictions.parquet.0a1b2c3d.tmp").write_bytes(b"half")
    assert look(record.folder, GUEST).rows == 0
    assert look(record.folder, GUEST).pending
    clean(record.folder, TASK)
    assert not look(record.folder, GUEST).pending
    assert read(record.folder).hashes["predictions"] == file_hash(record.folder / "predictions.parquet")
    assert not [*record.folder.glob(".*.tmp")]


def test_a_damaged_file_is_told_after_the_others_are_done(record):
    (record.folder / "lists.csv").write_bytes(b"no list")
    assert look(record.folder, GUEST).faults == ("lists.csv cannot be read: it has no column 'unit'",)
    with pytest.raises(VisperaError, match=r"lists\.csv"):
        clean(record.folder, TASK)
    assert keys(record.folder) == [OTHER, OTHER + 1]


def test_an_archived_run_and_its_label(record, tmp_path):
    archive(record, tmp_path)
    assert archived.look(tmp_path, record.id, GUEST).rows == 1
    archived.clean(tmp_path, record.id, TASK, None)
    assert archived.look(tmp_path, record.id, GUEST) == replace(
        archived.look(tmp_path, record.id, GUEST), rows=0, pending=False
    )
    [shelved] = read_archived(tmp_path)
    assert shelved.hashes["predictions"] != record.hashes["predictions"]
    restore(shelved, tmp_path)
    assert read(tmp_path / record.id).hashes == shelved.hashes
    assert keys(tmp_path / record.id) == [OTHER, OTHER + 1]


def test_half_tars_of_archived_runs_are_swept_and_no_others(record, tmp_path):
    archive(record, tmp_path)
    place = tmp_path / ".archive"
    half, other = place / f".{record.id}.tar.gz.0a1b2c3d.tmp", place / ".another.tar.gz.0a1b2c3d.tmp"
    for path in (half, other):
        path.write_bytes(b"half")
    staged = place / ".forgetting.0a1b2c3d.tmp"
    staged.mkdir()
    assert {*archived.abandoned(tmp_path)} == {half, staged}
    archived.sweep(tmp_path)
    assert {*place.glob(".*")} == {other}
    restore(read_archived(tmp_path)[0], tmp_path)
    half.write_bytes(b"half")
    assert archived.abandoned(tmp_path) == [], "a run that is back may be on its way into the archive"


def test_killed_before_the_label_the_same_again_ends_it(record, tmp_path):
    archive(record, tmp_path)
    [label] = (tmp_path / ".archive").glob("*.json")
    written = label.read_bytes()
    archived.clean(tmp_path, record.id, TASK, None)
    made = json.loads(label.read_bytes())
    label.write_bytes(written)
    assert archived.look(tmp_path, record.id, GUEST).pending
    archived.clean(tmp_path, record.id, TASK, None)
    assert json.loads(label.read_bytes()) == made
    assert not archived.look(tmp_path, record.id, GUEST).pending
