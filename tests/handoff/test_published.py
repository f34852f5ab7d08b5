"""What is read back: only what was written, whole, and who has been listed before."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handed import COLUMNS, content, everything, handed, reseal, unit
from vispera.errors import ContractBroken
from vispera.handoff import as_jsonl, earlier, read_current, read_rows, write_rows

GOLDEN = Path(__file__).parents[1] / "golden" / "handoff-v1"
NIGHT = "2017-03-16"
FILES = ("list.csv", "list.jsonl", "manifest.json", "manifest.properties")


def test_nothing_published_is_no_fault(tmp_path):
    assert read_current(tmp_path) is None
    assert read_current(tmp_path / "nowhere") is None
    assert earlier(tmp_path / "nowhere", NIGHT) == ()


def test_the_current_list_comes_back_as_text_by_column(tmp_path):
    handed(tmp_path, NIGHT)
    current = read_current(tmp_path)
    assert current is not None
    assert (current.night, current.number, current.kind) == (NIGHT, 1, "list")
    assert current.columns == COLUMNS
    assert current.told["model"]["version"] == 3
    assert [row["unit"] for row in current.rows] == [unit(0), unit(1), unit(2)]
    assert current.rows[0]["price"] == ""
    assert write_rows(list(current.columns), current.rows) == content(NIGHT)


def test_earlier_lists_tell_who_was_listed_on_which_night_and_in_which_kind(tmp_path):
    handed(tmp_path, "2017-03-13", range(3), "fallback")
    handed(tmp_path, "2017-03-14", range(3, 6), "fallback")
    handed(tmp_path, "2017-03-14", range(6, 8))
    handed(tmp_path, "2017-03-15", range(8, 9))
    handed(tmp_path, NIGHT, range(9, 12))
    found = [(one.night, one.kind, [row["unit"] for row in one.rows]) for one in earlier(tmp_path, NIGHT)]
    assert found == [
        ("2017-03-13", "fallback", [unit(0), unit(1), unit(2)]),
        ("2017-03-14", "list", [unit(6), unit(7)]),
        ("2017-03-15", "list", [unit(8)]),
    ]


def test_ten_comes_after_nine(tmp_path):
    for number in range(1, 12):
        handed(tmp_path, NIGHT, [number])
    (last,) = earlier(tmp_path, "2017-03-17")
    assert (last.number, last.rows[0]["unit"]) == (11, unit(11))


def test_what_the_first_version_wrote_is_read_and_still_written_so(tmp_path):
    current = read_current(GOLDEN)
    assert current is not None
    assert (current.night, current.number, current.kind, current.told["rows"]) == (NIGHT, 2, "list", 3)
    assert [one.kind for one in earlier(GOLDEN, NIGHT)] == ["fallback"]
    golden(tmp_path)
    assert everything(tmp_path) == everything(GOLDEN)


def golden(place) -> None:
    """What lies in tests/golden/handoff-v1."""
    handed(place, "2017-03-15", range(2), "fallback")
    handed(place, NIGHT, [7], "fallback")
    handed(place, NIGHT)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("change", ["a byte", "cut", "longer", "gone"])
def test_whatever_is_changed_is_refused(tmp_path, name, change):
    path = handed(tmp_path, NIGHT).folder / name
    written = path.read_bytes()
    if change == "gone":
        path.unlink()
    elif change == "a byte":
        path.write_bytes(written[:40] + bytes([written[40] ^ 1]) + written[41:])
    else:
        path.write_bytes(written[:-1] if change == "cut" else written + b"\n")
    for asked in (read_current, lambda place: earlier(place, "2017-03-17")):
        with pytest.raises(ContractBroken, match=r"damaged: .*put the folder back from a copy") as refused:
            asked(tmp_path)
        assert len(refused.value.faults) == 1


@settings(deadline=None)
@given(st.data())
def test_any_flipped_bit_is_refused(tmp_path_factory, data):
    place = tmp_path_factory.mktemp("place")
    handed(place, NIGHT)
    files = everything(place)
    name = data.draw(st.sampled_from(sorted(files)))
    at = data.draw(st.integers(0, len(files[name]) - 1))
    changed = bytearray(files[name])
    changed[at] ^= 1 << data.draw(st.integers(0, 7))
    (place / name).write_bytes(changed)
    with pytest.raises(ContractBroken):
        read_current(place)


def test_a_folder_in_the_place_of_another_is_refused(tmp_path):
    handed(tmp_path, "2017-03-15")
    handed(tmp_path, NIGHT)
    shutil.rmtree(tmp_path / f"{NIGHT}-1")
    shutil.copytree(tmp_path / "2017-03-15-1", tmp_path / f"{NIGHT}-1")
    with pytest.raises(ContractBroken, match="is not the one that CURRENT seals"):
        read_current(tmp_path)
    with pytest.raises(ContractBroken, match="its manifest is that of 2017-03-15-1"):
        earlier(tmp_path, "2017-03-17")


def test_a_current_that_names_nothing_is_refused(tmp_path):
    shutil.rmtree(handed(tmp_path, NIGHT).folder)
    with pytest.raises(ContractBroken, match="is missing"):
        read_current(tmp_path)


@pytest.mark.parametrize("schema", [0, 2, "1", None])
def test_another_schema_is_refused_even_where_it_is_sealed(tmp_path, schema):
    folder = handed(tmp_path, NIGHT).folder
    told = json.loads((folder / "manifest.json").read_bytes()) | {"schema": schema}
    reseal(folder, told)
    with pytest.raises(ContractBroken, match=f"it has schema {schema}, and schema 1 is known here"):
        read_current(tmp_path)


def test_further_keys_are_passed_over(tmp_path):
    folder = handed(tmp_path, NIGHT).folder
    told = json.loads((folder / "manifest.json").read_bytes()) | {
        "season": {"name": "vísperas", "days": [1, 2]}
    }
    reseal(folder, told)
    assert b"season.name=v\\u00edsperas\nseason.days=2\nseason.day.1=1\n" in (folder / FILES[3]).read_bytes()
    current = read_current(tmp_path)
    assert current is not None
    assert current.told["season"]["days"] == [1, 2]


TEXT = st.text(st.characters(codec="utf-8"))


@settings(deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=4, unique=True), st.data())
def test_any_text_comes_back_from_both_forms(names, data):
    cells = data.draw(
        st.lists(st.lists(TEXT, min_size=len(names), max_size=len(names)), min_size=1, max_size=4)
    )
    rows = tuple(dict(zip(names, row, strict=True)) for row in cells)
    assert read_rows(write_rows(names, rows)) == (tuple(names), rows)
    lines = as_jsonl(dict.fromkeys(names, "text"), rows).decode().split("\n")
    assert [json.loads(line) for line in lines[:-1]] == [
        {name: value or None for name, value in row.items()} for row in rows
    ]


def test_rows_are_written_as_pandas_writes_them():
    import pandas as pd

    rows = [{"a": 'x,"y"', "b": "\n"}, {"a": "", "b": "ñ"}, {"a": "\r", "b": " 1"}]
    frame = pd.DataFrame(rows)
    assert write_rows(["a", "b"], rows) == frame.to_csv(index=False, lineterminator="\r\n").encode()
