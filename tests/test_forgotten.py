"""The note of what a file has lost: what leads from one hash to another, and what does not."""

from __future__ import annotations

import pytest

from vispera.errors import ContractBroken
from vispera.forgotten import FILE, Forgotten, added, descent, lost, note_of, read_forgotten


def entry(was: str, now: str, rows: int = 1, file: str = "predictions.parquet") -> Forgotten:
    return Forgotten(at="2026-11-26T03:00:00Z", file=file, rows=rows, was=was, now=now)


def test_what_is_noted_is_read_back(tmp_path):
    assert read_forgotten(tmp_path) == ()
    entries = (entry("a", "b", 2), entry("b", "c", 3), entry("a", "z", 7, "lists.csv"))
    (tmp_path / FILE).write_bytes(note_of(entries))
    assert read_forgotten(tmp_path) == entries
    assert descent(entries, "predictions.parquet", "a") == {"a": 0, "b": 2, "c": 5}
    assert descent(entries, "predictions.parquet", "x") == {"x": 0}
    assert [lost(tmp_path, "predictions.parquet", now) for now in "abcz"] == [0, 2, 5, 0]


def test_what_was_noted_and_never_done_gives_way():
    noted = (entry("a", "b", 2), entry("b", "never", 3))
    assert added(noted, entry("b", "c", 4)) == (entry("a", "b", 2), entry("b", "c", 4))
    other = entry("b", "never", 3, "lists.csv")
    assert added((other,), entry("b", "c", 4)) == (other, entry("b", "c", 4)), "that is another file's"


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"schema": 1}', b'{"schema": 1, "entries": [{}]}'])
def test_a_damaged_note_is_told(tmp_path, damage):
    (tmp_path / FILE).write_bytes(damage)
    with pytest.raises(ContractBroken, match="is damaged"):
        read_forgotten(tmp_path)


def test_a_note_of_a_later_version_is_told(tmp_path):
    (tmp_path / FILE).write_bytes(b'{"schema": 2, "entries": []}')
    with pytest.raises(ContractBroken, match="has schema 2; this version reads 1"):
        read_forgotten(tmp_path)
