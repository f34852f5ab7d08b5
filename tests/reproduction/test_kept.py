"""Verdicts on file count for the run that they are on, as it is now."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from vispera.record import RunRecord, read
from vispera.reproduction.kept import kept_in, verdicts
from vispera.run import start_run

HASHES = {"data": "d" * 64, "predictions": "p" * 64, "model": "m" * 64}


@pytest.fixture
def record(tmp_path) -> RunRecord:
    return finished(tmp_path / "experiments", HASHES)


def finished(experiments: Path, hashes: dict[str, str]) -> RunRecord:
    with start_run(experiments, name="rule", command=[], config={}) as live:
        live.set(hashes=hashes)
    return read(live.folder)


def keep(place: Path, record: RunRecord, number: int, hashes: dict[str, str] = HASHES, **told) -> Path:
    """A verdict on a run, with the run that was made for it."""
    folder = place / f"{record.id}-{number}"
    made = finished(folder / "1-again" / "experiments", hashes)
    part = {"name": "predictions", "same": False, "told": "3 of 9 differ"}
    attempt = {"run": made.id, "folder": "1-again", "parts": [part]}
    content = {"run": record.id, "verdict": "identical", "code": "recorded", "tolerance": 0.0, "faults": []}
    (folder / "reproduction.json").write_text(json.dumps({**content, "attempts": [attempt], **told}))
    os.utime(folder / "reproduction.json", (number, number))
    return folder


def test_the_newest_comes_first_whatever_its_number(record, tmp_path):
    place = tmp_path / "reproduced"
    keep(place, record, 1, verdict="different")
    keep(place, record, 2)
    os.utime(place / f"{record.id}-1" / "reproduction.json", (9, 9))
    assert [(one.folder.name[-1], one.verdict) for one in verdicts(place, record)] == [
        ("1", "different"),
        ("2", "identical"),
    ]
    assert verdicts(place, record)[0].faults == ("predictions differs: 3 of 9 differ",)


@pytest.mark.parametrize("name", sorted(HASHES))
def test_identical_holds_only_for_equal_hashes(record, tmp_path, name):
    place = tmp_path / "reproduced"
    keep(place, record, 1)
    assert len(verdicts(place, record)) == 1
    assert verdicts(place, replace(record, hashes={**HASHES, name: "0" * 64})) == []
    keep(place, record, 2, hashes={**HASHES, name: "0" * 64})
    assert [one.folder.name[-1] for one in verdicts(place, record)] == ["1"]


def test_a_verdict_on_another_run_and_one_without_its_run_do_not_count(record, tmp_path):
    place = tmp_path / "reproduced"
    keep(place, record, 1, run="20261124-101530-rule-ffffff")
    keep(place, record, 2, attempts=[])
    assert verdicts(place, record) == []
    assert verdicts(tmp_path / "nowhere", record) == []


@pytest.mark.parametrize("content", ["", "{", "[]", '{"verdict": "identical"}'])
def test_a_damaged_verdict_is_none(record, tmp_path, content):
    folder = keep(tmp_path / "reproduced", record, 1)
    (folder / "reproduction.json").write_text(content)
    assert kept_in(folder) is None
    assert verdicts(tmp_path / "reproduced", record) == []
