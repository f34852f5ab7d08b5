from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vispera.errors import UsageError, VisperaError
from vispera.noting import annotate, tags_of
from vispera.record import LIMIT, read
from vispera.run import start_run

GOLDEN = Path(__file__).parent / "golden" / "record-v1" / "20261123-101530-catboost-3f9a1c"


@pytest.fixture
def golden(tmp_path) -> Path:
    return Path(shutil.copytree(GOLDEN, tmp_path / "experiments" / GOLDEN.name))


def content(folder: Path) -> bytes:
    return (folder / "record.json").read_bytes()


def lines(folder: Path) -> list[bytes]:
    return content(folder).split(b"\n")


def finished(place: Path, **values) -> Path:
    with start_run(place, name="rule", command=values.pop("command", []), config={}, **values) as live:
        live.set(problem="simulated")
    return live.folder


def test_only_the_line_of_what_was_set_changes(golden):
    before = lines(golden)
    annotate(read(golden), {"note": 'two\n"lines", día'})
    assert [b for a, b in zip(before, lines(golden), strict=True) if a != b] == [
        '"note": "two\\n\\"lines\\", día",'.encode()
    ]
    annotate(read(golden), {"note": "two words, día"})
    assert lines(golden) == before


def test_what_a_later_version_wrote_keeps_its_bytes(golden):
    later = b'"mood": {"good":1.50,"why":"\\u00e9 ' + b"x" * 200 + b'"},\n"note": '
    (golden / "record.json").write_bytes(content(golden).replace(b'"note": ', later))
    before = lines(golden)
    annotate(read(golden), {"note": None, "tags": []})
    changed = [b for a, b in zip(before, lines(golden), strict=True) if a != b]
    assert changed == [b'"note": null,', b'"tags": [],']


def test_a_record_that_lacks_the_field_gains_it(golden):
    (golden / "record.json").write_text('{"schema": 1, "id": "x", "state": "failed",\n "trial": 1}')
    annotate(read(golden), {"tags": ["a"]})
    found = json.loads(content(golden))
    assert found == {"schema": 1, "id": "x", "state": "failed", "trial": 1, "tags": ["a"], "truncated": []}


def test_a_note_that_does_not_fit_stands_whole_beside_the_record(tmp_path):
    folder = finished(tmp_path, note="short", command=["model=rule"])
    annotate(read(folder), {"note": "long " * 2000})
    assert len(content(folder)) <= LIMIT
    record = read(folder)
    assert record.truncated == ["note"]
    assert str(record.note).endswith("…")
    assert json.loads((folder / "long.json").read_bytes()) == {"note": "long " * 2000}
    annotate(record, {"note": "short"})
    assert read(folder).truncated == []
    assert read(folder).note == "short"
    assert not (folder / "long.json").exists()


def test_what_was_cut_before_stays_whole_where_it_stood(tmp_path):
    command = [f"model.space.key{i}={i}" for i in range(400)]
    folder = finished(tmp_path, command=command)
    cut = read(folder)
    assert cut.truncated == ["command"]
    annotate(cut, {"note": "kept"})
    assert (read(folder).command, read(folder).truncated) == (cut.command, ["command"])
    assert json.loads((folder / "long.json").read_bytes()) == {"command": command}
    annotate(read(folder), {"note": "n" * 5000, "tags": ["t" * 50] * 100})
    whole = json.loads((folder / "long.json").read_bytes())
    assert (whole["command"], whole["note"], whole["tags"]) == (command, "n" * 5000, ["t" * 50] * 100)
    assert tags_of(read(folder)) == ["t" * 50] * 100
    assert len(content(folder)) <= LIMIT


def test_a_record_whose_rest_cannot_be_read_is_left_alone(tmp_path):
    folder = finished(tmp_path, command=[f"model.space.key{i}={i}" for i in range(400)])
    (folder / "long.json").write_text("{")
    before = content(folder)
    with pytest.raises(VisperaError, match=r"long\.json, which holds the rest, cannot be read"):
        annotate(read(folder), {"note": "x"})
    assert content(folder) == before


def test_a_running_run_is_left_alone(tmp_path):
    with start_run(tmp_path, name="rule", command=[], config={}) as live:
        with pytest.raises(UsageError, match="is running, and writes its record itself"):
            annotate(read(live.folder), {"note": "x"})
        assert read(live.folder).note is None


def test_a_secret_in_a_note_is_not_written(golden, monkeypatch):
    monkeypatch.setenv("HOTEL_PASSWORD", "hunter22")
    annotate(read(golden), {"note": "with hunter22", "tags": ["hunter22"]})
    assert b"hunter22" not in content(golden)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(), st.lists(st.text(), max_size=30))
def test_whatever_is_noted_the_record_is_read_and_the_rest_is_as_it_was(golden, note, tags):
    before = json.loads(content(golden))
    annotate(read(golden), {"note": note, "tags": tags})
    after = json.loads(content(golden))
    assert read(golden).state == "finished"
    assert (after["note"], after["tags"]) == (note, tags)
    assert {**after, "note": 0, "tags": 0} == {**before, "note": 0, "tags": 0}
    assert not list(golden.glob(".*"))
