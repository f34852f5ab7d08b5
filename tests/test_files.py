from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vispera import files


def test_a_write_replaces_the_whole_file_and_leaves_no_other(tmp_path):
    path = tmp_path / "x.txt"
    files.write_text(path, "a longer first text\r\n")
    files.write_text(path, "día\n")
    assert path.read_bytes() == "día\n".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "x.bin"
    files.write_bytes(path, b"old")
    with pytest.raises(ZeroDivisionError), files.replacing(path) as temporary:  # noqa: PT012  half way
        temporary.write_bytes(b"ne")
        _ = 1 // 0
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_content_and_name_reach_the_disk_in_that_order(tmp_path, monkeypatch):
    done: list[str] = []
    sync, replace = files.sync, Path.replace

    def noted_sync(path):
        done.append("folder" if path.is_dir() else "content")
        sync(path)

    def noted_replace(self, target):
        done.append("name")
        return replace(self, target)

    monkeypatch.setattr(files, "sync", noted_sync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    files.write_json(tmp_path / "x.json", {})
    assert done == ["content", "name", "folder"]


def test_a_written_file_has_the_usual_permissions(tmp_path):
    (tmp_path / "usual").touch()
    files.write_bytes(tmp_path / "ours", b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_json_holds_what_numpy_and_dataclasses_hold(tmp_path):
    @dataclass
    class Window:
        name: str
        auc: np.floating

    class Known(Enum):
        BOOKING = "booking"

    value = {
        "window": Window("test", np.float32(0.5)),
        "counts": np.array([[1, 2]], dtype=np.int32),
        "known": Known.BOOKING,
        "paths": (Path("a/b"),),
        "day": pd.Timestamp("2017-03-16"),
        "empty": {np.int64(3): np.nan, "up": float("inf"), "flag": np.True_},
        "names": {"b", "a"},
    }
    files.write_json(tmp_path / "x.json", value)
    assert files.read_json(tmp_path / "x.json") == {
        "window": {"name": "test", "auc": 0.5},
        "counts": [[1, 2]],
        "known": "booking",
        "paths": ["a/b"],
        "day": "2017-03-16T00:00:00",
        "empty": {"3": None, "up": None, "flag": True},
        "names": ["a", "b"],
    }
    with pytest.raises(TypeError, match="a function cannot be written as JSON"):
        files.write_json(tmp_path / "x.json", {"f": lambda: None})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), JSON))
def test_canonical_json_does_not_depend_on_the_order_of_keys_and_says_everything(value):
    shuffled = dict(reversed(value.items()))
    assert files.canonical_json(value) == files.canonical_json(shuffled)
    assert json.loads(files.canonical_json(value)) == value


def test_hashes_tell_values_apart():
    assert files.json_hash({"a": 1}) != files.json_hash({"a": 2})
    assert files.json_hash({"a": float("nan")}) != files.json_hash({"a": None})
    assert files.json_hash((1, 2)) == files.json_hash([1, 2])


def test_equal_frames_give_equal_bytes_and_come_back(tmp_path):
    frame = pd.DataFrame(
        {
            "row_key": np.array([2**64 - 1, 3], dtype=np.uint64),
            "night": pd.to_datetime(["2017-03-16", "2017-03-17"]),
            "window": pd.Categorical(["test", "tuning-1"]),
            "p": [0.25, np.nan],
        },
        index=[7, 9],
    )
    files.write_frame(tmp_path / "a.parquet", frame)
    files.write_frame(tmp_path / "b.parquet", frame.copy())
    assert files.file_hash(tmp_path / "a.parquet") == files.file_hash(tmp_path / "b.parquet")
    back = pd.read_parquet(tmp_path / "a.parquet")
    pd.testing.assert_frame_equal(back, frame.reset_index(drop=True))
