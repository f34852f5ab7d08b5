import os
from pathlib import Path

import pytest

from vispera.shelf import ABANDONED, IN_USE, make_room

LONG_AGO = IN_USE + 60


def place(folder: Path, name: str, size: int, idle: float) -> Path:
    """An entry of so many bytes whose last file was touched so many seconds ago."""
    made = folder / name
    made.mkdir(parents=True)
    (made / "a").write_bytes(b"x" * (size - 1))
    (made / "b").write_bytes(b"x")
    for path in (made / "a", made / "b", made):
        when = path.stat().st_mtime - idle
        os.utime(path, (when, when))
    return made


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_those_not_used_for_longest_go_until_the_rest_fits(tmp_path):
    for at in range(4):
        place(tmp_path, f"{at:032x}", 100, LONG_AGO + 10 * at)
    assert make_room(tmp_path, 250) == 200
    assert names(tmp_path) == {f"{0:032x}", f"{1:032x}"}


def test_one_use_of_any_file_counts(tmp_path):
    older = place(tmp_path, "a" * 32, 100, LONG_AGO + 100)
    place(tmp_path, "b" * 32, 100, LONG_AGO)
    when = (older / "b").stat().st_mtime + 200
    os.utime(older / "b", (when, when))
    assert make_room(tmp_path, 100) == 100
    assert names(tmp_path) == {"a" * 32}


def test_what_was_used_lately_stays_even_if_it_is_too_much(tmp_path):
    place(tmp_path, "a" * 32, 100, IN_USE - 60)
    place(tmp_path, "b" * 32, 100, LONG_AGO)
    assert make_room(tmp_path, 0) == 100
    assert names(tmp_path) == {"a" * 32}


def test_what_is_being_written_counts_and_stays_until_it_is_abandoned(tmp_path):
    place(tmp_path, f".{'a' * 32}.k3j2", 100, LONG_AGO)
    assert make_room(tmp_path, 0) == 100
    place(tmp_path, f".{'b' * 32}.k3j2.damaged", 100, ABANDONED + 60)
    assert make_room(tmp_path, 10_000) == 100
    assert names(tmp_path) == {f".{'a' * 32}.k3j2"}


@pytest.mark.parametrize(
    "name", ["simulated", "0123", "." * 32, "g" * 32, f"{'a' * 32}-mine", "table.parquet"]
)
def test_what_is_no_entry_is_never_touched(tmp_path, name):
    place(tmp_path, name, 100, 10 * ABANDONED)
    (tmp_path / ("c" * 32)).touch()
    assert make_room(tmp_path, 0) == 0
    assert names(tmp_path) == {name, "c" * 32}


def test_a_folder_that_is_not_there_is_empty(tmp_path):
    assert make_room(tmp_path / "none", 100) == 0
