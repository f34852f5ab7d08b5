"""Publishers that are killed, that come together, and readers meanwhile: always the old list or the new."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dying import DIED
from handed import content, everything, handed
from vispera.handoff import read_current

SCRIPT = Path(__file__).with_name("publishing.py")
BEFORE, NIGHT = "2017-03-15", "2017-03-16"


def command(place, night=NIGHT, units=4, kind="list", keep=30, at=()) -> list[str]:
    return [sys.executable, *map(str, (SCRIPT, place, night, units, kind, keep, *at))]


def died(place, at, **more) -> bool:
    """Whether a publisher got as far as that write and was ended there."""
    done = subprocess.run(command(place, at=(at,), **more), capture_output=True, text=True)
    assert done.returncode in (0, DIED), done.stderr
    return done.returncode == DIED


@pytest.mark.parametrize(
    ("more", "retires"),
    [({}, False), ({"kind": "fallback"}, False), ({"night": "2017-04-02", "keep": 14}, True)],
)
def test_killed_at_any_write_it_is_as_before_or_as_after_and_the_next_one_ends_it(tmp_path, more, retires):
    start, whole = tmp_path / "start", tmp_path / "whole"
    handed(start, BEFORE)
    handed(start, NIGHT, kind="fallback")
    shutil.copytree(start, whole)
    subprocess.run(command(whole, **more), check=True)
    old, new = read_current(start), read_current(whole)
    assert old is not None
    assert new is not None
    at, seen = 1, set()
    while True:
        place = tmp_path / f"killed-{at}"
        shutil.copytree(start, place)
        if not died(place, at, **more):
            break
        current = read_current(place)
        assert current is not None
        assert (current.told, current.files) in ((old.told, old.files), (new.told, new.files)), at
        seen.add(current.folder.name)
        subprocess.run(command(place, **more), check=True)
        assert everything(place) == everything(whole), f"killed at write {at}, and published again"
        at += 1
    assert at > 7, "a folder, four files, two renames at least"
    assert seen == ({old.folder.name, new.folder.name} if retires else {old.folder.name})


def test_the_first_publisher_of_all_may_be_killed_too(tmp_path):
    subprocess.run(command(tmp_path / "whole"), check=True)
    at = 1
    while died(tmp_path / f"killed-{at}", at):
        place = tmp_path / f"killed-{at}"
        assert read_current(place) is None
        subprocess.run(command(place), check=True)
        assert everything(place) == everything(tmp_path / "whole")
        at += 1
    assert at > 7


def test_two_at_once_both_end_and_each_list_has_its_folder(tmp_path):
    for night in ("2017-03-16", "2017-03-17", "2017-03-18"):
        commands = [command(tmp_path, night, units) for units in (2, 3, 3, 4)]
        begun = [subprocess.Popen(each, stdout=subprocess.PIPE, text=True) for each in commands]
        told = [one.communicate()[0].split() for one in begun]
        assert [one.returncode for one in begun] == [0] * 4
        published = [folder for outcome, folder in told if outcome == "published"]
        assert len(set(published)) == len(published)
        current = read_current(tmp_path)
        assert current is not None
        assert current.night == night
        assert current.number == len(published)
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_thousand_reads_while_publishing_are_all_whole(tmp_path):
    handed(tmp_path, "2017-03-01", [1])
    script = SCRIPT.with_name("without_pause.py")
    publisher = subprocess.Popen([sys.executable, str(script), str(tmp_path)])
    seen = set()
    try:
        reads = 0
        while reads < 1000 or len(seen) < 20:
            current = read_current(tmp_path)
            assert current is not None
            assert len(current.rows) in (1, 2, 3, 4)
            units = range(len(current.rows)) if current.night > "2017-03-01" else [1]
            assert current.files["list.csv"] == content(current.night, units)
            seen.add(current.folder.name)
            reads += 1
            assert publisher.poll() is None
    finally:
        publisher.kill()
        publisher.wait()
