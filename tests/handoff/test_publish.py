"""What publishing leaves: which folder, which file names it, and what never happens."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace

import pytest

from handed import COLUMNS, KEEP, about, content, everything, handed, unit
from vispera.current import CURRENT, pointed
from vispera.handoff import LEAST_DAYS, publish, read_current

NIGHT = "2017-03-16"
FILES = {"list.csv", "list.jsonl", "manifest.json", "manifest.properties"}


def folders(place) -> set[str]:
    return {path.name for path in place.iterdir() if path.name != CURRENT}


def test_a_list_lies_in_its_folder_with_what_it_says_of_itself(tmp_path):
    place = tmp_path / "handoff" / "hotel"
    done = publish(place, {"list.csv": content(NIGHT), "call/notes.txt": b"x"}, about(NIGHT), KEEP)
    assert done.new
    assert done.folder == place / f"{NIGHT}-1"
    found = everything(done.folder)
    assert set(found) == {*FILES, "call/notes.txt"}
    assert found["list.csv"] == content(NIGHT)
    told = json.loads(found["manifest.json"])
    assert told == {
        **{"schema": 1, "number": 1, "problem": "hotel", "night": NIGHT, "kind": "list", "reason": None},
        "model": {"name": "catboost", "content": "ab" * 32, "version": 3, "trained_until": "2017-02-28"},
        **{"simulated": False, "in_sample": False, "order": "value", "capacity": 10, "control": 1},
        **{"quarantined": 2, "rows": 3},
        "columns": [{"name": name, "type": kind} for name, kind in COLUMNS.items()],
        "sha256": {
            name: hashlib.sha256(found[name]).hexdigest()
            for name in ("call/notes.txt", "list.csv", "list.jsonl")
        },
    }
    seal = hashlib.sha256(found["manifest.properties"]).hexdigest()
    assert (place / CURRENT).read_bytes() == f"{NIGHT}-1 {seal}\n".encode()


def test_json_lines_say_what_the_list_says(tmp_path):
    lines = (handed(tmp_path, NIGHT).folder / "list.jsonl").read_text().splitlines()
    assert lines[0] == (
        f'{{"night":"{NIGHT}","rank":1,"unit":"{unit(0)}","arm":"call","risk":0.5000,"price":null,'
        '"why_es":"más riesgo, 35 €:\\n\\"hoy\\"","agent":"007","arrival_date":"2017-03-20","repeated":true}'
    )
    assert [json.loads(line)["price"] for line in lines] == [None, 161.0, 241.5]


def test_the_same_list_again_adds_nothing(tmp_path):
    handed(tmp_path, NIGHT)
    before = {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in tmp_path.rglob("*")}
    done = handed(tmp_path, NIGHT)
    assert (done.outcome, done.folder.name) == ("unchanged", f"{NIGHT}-1")
    assert "nothing new" in done.sentence
    assert {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in tmp_path.rglob("*")} == before


def test_equal_lists_are_equal_bytes_wherever_they_are_published(tmp_path):
    for name in ("a", "b"):
        handed(tmp_path / name, NIGHT)
    assert everything(tmp_path / "a") == everything(tmp_path / "b")


def test_a_list_supersedes_a_fallback_and_another_list(tmp_path):
    assert handed(tmp_path, NIGHT, kind="fallback").folder.name == f"{NIGHT}-1"
    assert handed(tmp_path, NIGHT).folder.name == f"{NIGHT}-2"
    assert handed(tmp_path, NIGHT, range(5)).folder.name == f"{NIGHT}-3"
    assert folders(tmp_path) == {f"{NIGHT}-1", f"{NIGHT}-2", f"{NIGHT}-3"}
    current = read_current(tmp_path)
    assert current is not None
    assert (current.number, len(current.rows)) == (3, 5)


def test_a_fallback_never_supersedes_a_list_of_its_night(tmp_path):
    handed(tmp_path, NIGHT)
    before = everything(tmp_path)
    done = handed(tmp_path, NIGHT, range(2), "fallback")
    assert (done.outcome, done.folder.name) == ("list_stands", f"{NIGHT}-1")
    assert "a fallback never supersedes a list" in done.sentence
    assert everything(tmp_path) == before
    assert handed(tmp_path, "2017-03-17", range(2), "fallback").new, "another night's is another matter"


def test_a_fallback_stands_in_for_a_list_that_nobody_can_read(tmp_path):
    folder = handed(tmp_path, NIGHT).folder
    (folder / "list.csv").write_bytes(b"night,")
    assert handed(tmp_path, NIGHT, kind="fallback").folder.name == f"{NIGHT}-2"


def test_current_never_goes_back_to_an_earlier_night(tmp_path):
    handed(tmp_path, "2017-03-17")
    before = everything(tmp_path)
    done = handed(tmp_path, NIGHT)
    assert (done.outcome, done.folder.name) == ("later_stands", "2017-03-17-1")
    assert "never goes back" in done.sentence
    assert everything(tmp_path) == before


@pytest.mark.parametrize("left", [None, b"", b"2017-03-16-1\n", b"../../etc 0\n"])
def test_current_is_put_right_by_the_list_that_is_there(tmp_path, left):
    handed(tmp_path, "2017-03-15")
    handed(tmp_path, NIGHT)
    before = everything(tmp_path)
    if left is None:
        (tmp_path / CURRENT).unlink()
    else:
        (tmp_path / CURRENT).write_bytes(left)
    assert handed(tmp_path, "2017-03-15").outcome == "later_stands", "though CURRENT cannot tell"
    assert handed(tmp_path, NIGHT).outcome == "unchanged"
    assert everything(tmp_path) == before


def test_a_damaged_folder_is_superseded_by_what_it_should_be(tmp_path):
    folder = handed(tmp_path, NIGHT).folder
    (folder / "list.csv").write_bytes(b"night,")
    assert handed(tmp_path, NIGHT).folder.name == f"{NIGHT}-2"
    assert read_current(tmp_path) is not None


def test_a_number_that_readers_have_seen_is_never_used_again(tmp_path):
    shutil.rmtree(handed(tmp_path, NIGHT).folder)
    assert handed(tmp_path, NIGHT, range(4)).folder.name == f"{NIGHT}-2"


@pytest.mark.parametrize(("asked", "kept"), [(0, LEAST_DAYS), (LEAST_DAYS, LEAST_DAYS), (20, 20)])
def test_old_nights_are_taken_away_but_not_those_whose_units_may_still_come(tmp_path, asked, kept):
    nights = [f"2017-03-{number:02d}" for number in range(1, 32)]
    for night in nights:
        handed(tmp_path, night, kind="fallback", keep=100)
        handed(tmp_path, night, keep=100)
    assert len(folders(tmp_path)) == 62
    done = handed(tmp_path, nights[-1], keep=asked)
    assert done.outcome == "unchanged"
    assert {name[:10] for name in folders(tmp_path)} == set(nights[-1 - kept :])
    assert pointed(tmp_path) is not None
    assert read_current(tmp_path) is not None


def test_what_a_killed_process_had_begun_is_taken_away(tmp_path):
    (tmp_path / f".{NIGHT}-1.0123abcd.tmp").mkdir()
    (tmp_path / f".{NIGHT}-1.0123abcd.tmp" / "list.csv").write_bytes(b"half")
    (tmp_path / ".CURRENT.0123abcd.tmp").write_bytes(b"2017")
    (tmp_path / "readme.txt").write_bytes(b"not ours")
    handed(tmp_path, NIGHT)
    assert {path.name for path in tmp_path.iterdir()} == {CURRENT, f"{NIGHT}-1", "readme.txt"}


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"list.csv": b"night,unit\r\n"}, "has the columns"),
        ({"list.csv": content(NIGHT, [1, 1])}, "a unit twice"),
        ({"list.csv": content(NIGHT).replace(unit(1).encode(), b"x")}, "16 hexadecimal"),
        ({"list.csv": content(NIGHT).replace(b"0.5000", b"0,5")}, "values, wanted 10"),
        ({"list.csv": content(NIGHT).replace(b"0.5000", b"nan")}, "'nan' is no number"),
        ({"list.csv": content(NIGHT).replace(b"2017-03-20", b"20/3/2017")}, "is no date"),
        ({"list.csv": content(NIGHT).replace(b"True", b"yes")}, "is no flag"),
        ({"list.csv": content(NIGHT).replace(b",1,", b",1.5,")}, "no integer"),
        ({"list.csv": "año".encode("latin-1")}, "no CSV in UTF-8"),
        ({"list.csv": b""}, "no header"),
        ({"list.csv": content(NIGHT), "list.jsonl": b""}, "made when a list is published"),
    ],
)
def test_what_is_no_list_is_not_published(tmp_path, files, told):
    with pytest.raises(ValueError, match=told):
        publish(tmp_path / "place", files, about(NIGHT), KEEP)
    assert not (tmp_path / "place").exists()


def test_a_fallback_says_why_and_a_list_does_not():
    with pytest.raises(ValueError, match="a fallback has a reason"):
        replace(about(NIGHT), kind="fallback")
    with pytest.raises(ValueError, match="a list none"):
        replace(about(NIGHT), reason="late")
    with pytest.raises(ValueError, match="no type of a column: float"):
        replace(about(NIGHT), columns={"rank": "float"})  # type: ignore
