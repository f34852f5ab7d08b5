"""DVC's name for data: read from its files, and only where it is still true."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import yaml

from vispera.dvc import md5_of, tracked


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


@pytest.fixture
def file(tmp_path) -> Path:
    """A file that DVC holds by a file of its own beside it."""
    path = tmp_path / "raw" / "bookings.csv"
    path.parent.mkdir()
    path.write_bytes(b"a,b\n1,2\n")
    out = {"md5": md5(b"a,b\n1,2\n"), "size": 8, "hash": "md5", "path": "bookings.csv"}
    (tmp_path / "raw" / "bookings.csv.dvc").write_text(yaml.safe_dump({"outs": [out]}))
    return path


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder that a stage of a pipeline has left."""
    place = tmp_path / "data" / "pipeline" / "table"
    (place / "deep").mkdir(parents=True)
    (place / "deep" / "b").write_bytes(b"2")
    (place / "a").write_bytes(b"1")
    out = {"path": "data/pipeline/table", "hash": "md5", "md5": md5_of(place), "nfiles": 2}
    lock = {"schema": "2.0", "stages": {"table": {"cmd": "x", "outs": [out]}}}
    (tmp_path / "dvc.lock").write_text(yaml.safe_dump(lock))
    return place


def test_a_file_has_the_name_that_its_own_dvc_file_tells(tmp_path, file):
    assert tracked([file], tmp_path) == {"path": "raw/bookings.csv", "md5": md5(b"a,b\n1,2\n")}


def test_what_lies_in_a_folder_of_the_pipeline_has_the_name_of_the_folder(tmp_path, folder):
    found = tracked([tmp_path / "elsewhere", folder / "deep"], tmp_path)
    assert found == {"path": "data/pipeline/table", "md5": md5_of(folder)}
    assert found is not None
    assert found["md5"].endswith(".dir")


def test_content_that_has_changed_since_has_no_name(tmp_path, file, folder):
    file.write_bytes(b"a,b\n1,3\n")
    (folder / "deep" / "b").write_bytes(b"3")
    assert tracked([file, folder], tmp_path) is None


def test_what_dvc_does_not_hold_has_no_name(tmp_path, file):
    (tmp_path / "other.csv").write_text("1")
    assert tracked([tmp_path / "other.csv", tmp_path, Path("/nowhere")], tmp_path) is None


@pytest.mark.parametrize("content", ["", "[1, 2]", "outs: 7", "{", "outs: [{path: bookings.csv}]"])
def test_a_file_that_is_none_of_dvcs_tells_nothing(tmp_path, file, content):
    (file.parent / "bookings.csv.dvc").write_text(content)
    assert tracked([file], tmp_path) is None
