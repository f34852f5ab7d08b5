from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from vispera import heartbeat
from vispera.errors import UsageError, VisperaError
from vispera.record import KINDS, RunRecord, comparison_key, decision_key, next_test_look, read, read_all

GOLDEN = Path(__file__).parent / "golden" / "record-v1"


@pytest.fixture
def runs(tmp_path) -> Path:
    shutil.copytree(GOLDEN, tmp_path / "experiments")
    return tmp_path / "experiments"


def put(runs: Path, name: str, **values) -> Path:
    folder = runs / name
    folder.mkdir(parents=True)
    record = {"schema": 1, "id": name, "state": "failed", **values}
    (folder / "record.json").write_text(json.dumps(record))
    return folder


def test_the_golden_record_of_version_1_is_read_for_ever():
    [record] = read_all(GOLDEN)
    assert record == RunRecord(
        id="20261123-101530-catboost-3f9a1c",
        state="finished",
        folder=GOLDEN / "20261123-101530-catboost-3f9a1c",
        schema=1,
        name="catboost",
        phase=None,
        started="2026-11-23T10:15:30.123Z",
        finished="2026-11-23T10:16:12.456Z",
        seconds=42.333,
        problem="simulated",
        model="catboost",
        parent="20261122-090000-rule-aaaaaa",
        sweep="catboost-7",
        trial=3,
        comparison_key="0123456789abcdef",
        decision_key="fedcba9876543210",
        test_looks=2,
        headline=[
            {
                "name": "log_loss",
                "window": "tuning",
                "value": 0.2712,
                "low": 0.2651,
                "high": 0.2775,
                "greater_is_better": False,
            },
            {
                "name": "roc_auc",
                "window": "test",
                "value": 0.714,
                "low": 0.689,
                "high": 0.738,
                "greater_is_better": True,
            },
        ],
        error=None,
        note="two words, día",
        tags=["baseline", "eve"],
        command=["model=catboost", "++db.password=<redacted>"],
        phases={"data": 1.5, "fit": 30.25},
        hashes={"data": "d" * 64, "dvc": "e" * 32},
        code={"commit": "c" * 40, "dirty": True, "patch_redacted": False, "left_out": 0, "reason": None},
        tracker={"name": "none", "state": "closed", "where": None},
        redacted=["db.password"],
        truncated=[],
        fault=None,
    )
    assert record.metric("roc_auc", "test") == record.headline[1]
    assert record.metric("roc_auc", "tuning") is None


def test_every_field_has_its_type_written_down():
    assert set(KINDS) | {"folder", "fault"} == {f.name for f in fields(RunRecord)}


def test_a_later_schema_is_refused_alone_and_marked_in_a_list(runs):
    folder = put(runs, "later", schema=2)
    with pytest.raises(UsageError, match="schema 2; this version reads up to 1: update vispera"):
        read(folder)
    marked = read_all(runs)[-1]
    assert (marked.id, marked.state) == ("later", "unreadable")
    assert "update vispera" in str(marked.fault)


def test_a_field_that_a_later_version_added_is_passed_over(runs):
    assert read(put(runs, "newer", mood="good")).state == "failed"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"7",
        b"[" * 100_000,
        b'{"schema": "1"}',
        b'{"schema": 1}',
        b'{"schema": 1, "id": "x", "state": "odd"}',
        b'{"schema": 1, "id": 3, "state": "failed"}',
        b'{"schema": 1, "id": "x", "state": "failed", "headline": [3]}',
        b'{"schema": 1, "id": "x", "state": "failed", "phases": []}',
        b'{"schema": 1, "id": "x", "state": "failed", "trial": 1.5}',
        b'{"schema": 1, "id": "x", "state": "failed", "note": "' + b"n" * 100_000,
        b'{"schema": 1, "id": "x", "state": "failed", "headline": [{"name": ["x"]}]}',
        b'{"schema": true, "id": "x", "state": "failed"}',
    ],
)
def test_a_damaged_record_is_one_marked_line(runs, content):
    folder = put(runs, "broken")
    (folder / "record.json").write_bytes(content)
    good, bad = read_all(runs)
    assert good.state == "finished"
    assert (bad.id, bad.state, bad.folder) == ("broken", "unreadable", folder)
    assert "run broken has a damaged record.json" in str(bad.fault)
    with pytest.raises(VisperaError, match="damaged"):
        read(folder)


@pytest.mark.parametrize("size", [8_191, 8_192, 8_193, 16_384, 100_000])
def test_a_record_is_read_to_its_end_whatever_its_size(runs, size):
    folder = put(runs, "large")
    content = b'{"schema": 1, "id": "large", "state": "failed", "note": "'
    (folder / "record.json").write_bytes(content + b"n" * (size - len(content) - 2) + b'"}')
    assert (folder / "record.json").stat().st_size == size
    assert len(str(read(folder).note)) == size - len(content) - 2


def test_the_collector_of_garbage_is_left_as_it_was(runs):
    assert gc.isenabled()
    read_all(runs)
    assert gc.isenabled()
    gc.disable()
    try:
        read_all(runs)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_folder_without_a_record_is_one_marked_line(runs):
    (runs / "empty").mkdir()
    (runs / "README.md").write_text("no run")
    (runs / ".20261123-101530-x-aaaaaa.starting").mkdir()
    states = {record.id: record.state for record in read_all(runs)}
    assert states == {"20261123-101530-catboost-3f9a1c": "finished", "empty": "unreadable"}


def test_no_experiments_are_no_runs_and_no_run_is_an_error(tmp_path):
    assert read_all(tmp_path / "experiments") == []
    with pytest.raises(UsageError, match="there is no run 'x'"):
        read(tmp_path / "x")


def test_what_runs_without_a_heartbeat_has_crashed(runs):
    folder = put(runs, "gone", state="running", phase="fit")
    assert read(folder).state == "crashed"
    heartbeat.beat(folder)
    assert read(folder).state == "running"
    assert read(folder).phase == "fit"


def test_finished_counts_only_with_the_marker(runs):
    folder = runs / "20261123-101530-catboost-3f9a1c"
    (folder / "DONE").unlink()
    assert read(folder).state == "crashed"
    heartbeat.beat(folder)
    assert read(folder).state == "running"


def test_looks_at_the_test_window_are_counted_by_comparison_key(runs):
    assert next_test_look(runs, "unseen") == 1
    assert next_test_look(runs, "0123456789abcdef") == 3  # the golden one says that it was the second
    put(runs, "a", comparison_key="k", test_looks=1)
    put(runs, "b", comparison_key="k")
    put(runs, "c", comparison_key="other", test_looks=9)
    assert next_test_look(runs, "k") == 2
    put(runs, "d", comparison_key="k", test_looks=1)  # two at once both took themselves for the first
    assert next_test_look(runs, "k") == 3


@dataclass(frozen=True)
class Split:
    windows: int = 4


def test_keys_depend_on_every_part_and_on_nothing_else():
    parts = {"rows": "ab", "target": "cancelled", "population": {}, "split": Split(), "metrics": ("auc",)}
    key = comparison_key(**parts)
    assert len(key) == 16
    assert comparison_key(**dict(reversed(parts.items()))) == key
    for part in parts:
        assert comparison_key(**{**parts, part: "changed"}) != key
    assert comparison_key(**{**parts, "split": Split(5)}) != key
    costs = decision_key(costs={"call": 3.0}, capacity=10, texts={"es": "día"})
    assert costs != decision_key(costs={"call": 4.0}, capacity=10, texts={"es": "día"})


def test_reading_and_writing_records_imports_nothing_heavy():
    code = (
        "import sys, vispera.record, vispera.run, vispera.tracker.none, vispera.workspace\n"
        "heavy = {'numpy', 'pandas', 'pyarrow', 'pydantic', 'yaml', 'hydra', 'matplotlib', 'sklearn'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert ended.stdout.strip() == "[]", ended.stderr
