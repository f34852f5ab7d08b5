"""Lists made again without a unit: it is nowhere any more, and no reader ever finds nothing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from dying import DIED
from forgetting import without
from handed import about, everything, handed, unit
from vispera.current import CURRENT
from vispera.errors import ContractBroken
from vispera.handoff import About, earlier, publish, read_current, rewrite

SCRIPT = Path(__file__).parents[1] / "forgetting.py"
NIGHT = "2017-03-16"


def lists(place: Path) -> Path:
    """A place with lists of three nights; unit 2 is on some of each."""
    handed(place, "2017-03-14", range(3), "fallback")
    handed(place, "2017-03-14", [5, 2, 7])
    handed(place, "2017-03-15", [2], "fallback")
    handed(place, "2017-03-15", [8, 9])
    handed(place, NIGHT, [1, 2, 3, 4])
    return place


def holds(place: Path, text: str) -> list[str]:
    return [name for name, content in everything(place).items() if text.encode() in content]


def test_a_unit_is_taken_out_of_every_list(tmp_path):
    place = lists(tmp_path)
    assert len(holds(place, unit(2))) == 8
    kept = everything(place / "2017-03-15-2")
    assert rewrite(place, without(unit(2))) == ("2017-03-14-1", "2017-03-14-2", "2017-03-15-1", f"{NIGHT}-1")
    assert holds(place, unit(2)) == []
    assert {path.name for path in place.iterdir()} == {"2017-03-14-3", "2017-03-15-2", f"{NIGHT}-2", CURRENT}
    assert everything(place / "2017-03-15-2") == kept
    current = read_current(place)
    assert current is not None
    assert [row["unit"] for row in current.rows] == [unit(1), unit(3), unit(4)]
    assert [len(one.rows) for one in earlier(place, NIGHT)] == [2, 2]
    assert current.told["control"] == 0, "the control row was that unit"


def test_again_it_finds_nothing(tmp_path):
    place = lists(tmp_path)
    rewrite(place, without(unit(2)))
    before = everything(place)
    assert rewrite(place, without(unit(2))) == ()
    assert everything(place) == before
    assert rewrite(tmp_path / "nowhere", without(unit(2))) == ()


def test_readers_are_sent_on_where_only_the_folder_that_they_are_sent_to_goes(tmp_path):
    handed(tmp_path, NIGHT, [1, 2])
    line = (tmp_path / CURRENT).read_bytes()
    handed(tmp_path, NIGHT, [3, 4])
    (tmp_path / CURRENT).write_bytes(line)  # as if its publisher had been killed before the last step
    assert rewrite(tmp_path, without(unit(2))) == (f"{NIGHT}-1",)
    current = read_current(tmp_path)
    assert current is not None
    assert current.folder.name == f"{NIGHT}-2"


def test_a_list_that_nobody_can_read_stops_it_before_anything_is_touched(tmp_path):
    place = lists(tmp_path)
    (place / "2017-03-15-1" / "list.jsonl").write_bytes(b"")
    before = everything(place)
    with pytest.raises(ContractBroken, match="2017-03-15-1 is damaged"):
        rewrite(place, without(unit(2)))
    (place / "2017-03-15-1" / "list.jsonl").unlink()
    del before["2017-03-15-1/list.jsonl"]
    with pytest.raises(ContractBroken, match="is missing; take its folder away: rm -r "):
        rewrite(place, without(unit(2)))
    assert everything(place) == before


def test_what_was_said_of_a_list_comes_back_from_its_manifest(tmp_path):
    place = lists(tmp_path)
    current = read_current(place)
    assert current is not None
    assert current.about == about(NIGHT)
    nobody = replace(about("2017-03-17", "fallback"), model=None, simulated=True, in_sample=True)
    publish(place, {"list.csv": current.files["list.csv"]}, nobody, 30)
    current = read_current(place)
    assert current is not None
    assert current.about == nobody
    assert isinstance(current.about, About)


def test_killed_at_any_write_readers_find_a_list_and_the_next_one_ends_it(tmp_path):
    start, whole = lists(tmp_path / "start"), tmp_path / "whole"
    shutil.copytree(start, whole)
    rewrite(whole, without(unit(2)))
    at = 1
    while True:
        place = tmp_path / f"killed-{at}"
        shutil.copytree(start, place)
        done = subprocess.run([sys.executable, str(SCRIPT), str(place), unit(2), str(at)])
        if done.returncode == 0:
            break
        assert done.returncode == DIED
        current = read_current(place)
        assert current is not None
        assert current.night == NIGHT
        assert [one.night for one in earlier(place, NIGHT)] == ["2017-03-14", "2017-03-15"]
        rewrite(place, without(unit(2)))
        assert everything(place) == everything(whole)
        at += 1
    assert at > 20
