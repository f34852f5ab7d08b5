"""The shelf: numbers that are given once, folders that come whole and are never written over."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dying import DIED
from reported import bytes_below, told_of
from vispera.errors import UsageError
from vispera.files import read_json, write_json
from vispera.report.feasibility import shelf
from vispera.report.feasibility.told import Told

KILLED = """
import sys
from pathlib import Path
from dying import dies
from vispera.report.feasibility import shelf
from vispera.report.feasibility.told import Told
place, rendered = map(Path, sys.argv[1:3])
dies(str(place), int(sys.argv[3]))
shelf.publish(place, Told.read(rendered / "report.json"), sys.argv[4], rendered)
"""


@pytest.fixture(scope="module")
def told(recorded) -> Told:
    return told_of(recorded)


def as_rendered(told: Told, folder: Path, spoken: str) -> Path:
    """What a render leaves, in short."""
    (folder / "figures").mkdir(parents=True)
    write_json(folder / "report.json", told.content)
    (folder / f"feasibility-001-{spoken}.html").write_text(f"<p>{spoken}</p>")
    (folder / "figures" / "season.svg").write_text("<svg/>")
    return folder


def numbered(told: Told, number: int) -> Told:
    return Told({**told.content, "number": number})


def test_both_languages_stand_under_one_number(told, tmp_path):
    place = tmp_path / "shelf"
    for spoken in ("es", "en"):
        there = shelf.publish(place, told, spoken, as_rendered(told, tmp_path / spoken, spoken))
        assert there == place / told.name / spoken
    assert sorted(bytes_below(place / told.name)) == [
        "en/feasibility-001-en.html", "en/figures/season.svg",
        "es/feasibility-001-es.html", "es/figures/season.svg", "report.json"]  # fmt: skip
    assert shelf.languages(place / told.name) == ["en", "es"]
    assert shelf.folders(place) == [place / told.name]


def test_a_report_that_is_there_is_never_written_over(told, tmp_path):
    place = tmp_path / "shelf"
    shelf.publish(place, told, "es", as_rendered(told, tmp_path / "one", "es"))
    before = bytes_below(place)
    other = as_rendered(told, tmp_path / "two", "es")
    (other / "feasibility-001-es.html").write_text("other")
    with pytest.raises(FileExistsError, match="never written over"):
        shelf.publish(place, told, "es", other)
    assert bytes_below(place) == before


def test_a_number_is_not_given_again_while_a_later_one_is_there(told, tmp_path):
    assert shelf.next_number(tmp_path) == 1
    for number in (1, 2, 12):
        shelf.publish(
            tmp_path,
            numbered(told, number),
            "es",
            as_rendered(numbered(told, number), tmp_path / f"r{number}", "es"),
        )
    assert shelf.next_number(tmp_path) == 13
    shutil.rmtree(shelf.of_number(tmp_path, 2))
    assert shelf.next_number(tmp_path) == 13
    assert [shelf.number_of(folder) for folder in shelf.folders(tmp_path)] == [1, 12]
    (shelf.of_number(tmp_path, 12) / "report.json").unlink()
    assert shelf.next_number(tmp_path) == 13, "one whose record is lost stays taken"
    with pytest.raises(UsageError, match=r"there is no report 12 in .*; 1$"):
        shelf.of_number(tmp_path, 12)


def test_more_than_a_thousand_reports_stand_in_order(told, tmp_path):
    for number in (999, 1000):
        shelf.publish(
            tmp_path,
            numbered(told, number),
            "es",
            as_rendered(numbered(told, number), tmp_path / f"r{number}", "es"),
        )
    assert [shelf.number_of(folder) for folder in shelf.folders(tmp_path)] == [999, 1000]
    assert shelf.next_number(tmp_path) == 1001


def test_what_is_no_report_is_passed_over(told, tmp_path):
    for name in ("001-2026", "notes", ".001-2026-11-26.abcd.tmp", "FAILED-001-2026-11-26-es", "0001"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "report.json").write_text("{}")
    assert shelf.folders(tmp_path) == []
    assert shelf.next_number(tmp_path) == 1


def test_the_same_is_looked_for_in_the_newest_of_the_problem_alone(told, tmp_path):
    hotel = Told({**told.content, "problem": "hotel", "number": 2})
    for one in (told, hotel):
        shelf.publish(tmp_path, one, "es", as_rendered(one, tmp_path / f"r{one.number}", "es"))
    found = shelf.same(tmp_path, dict(told.content))
    assert found is not None
    assert found.name == told.name
    assert shelf.same(tmp_path, {**told.content, "basis": "other"}) is None
    assert [folder.name for folder in shelf.of_problem(tmp_path, "hotel")] == [hotel.name]


def test_a_report_that_failed_stands_apart_until_it_goes_well(told, tmp_path):
    place = tmp_path / "shelf"
    shelf.publish(place, told, "es", as_rendered(told, tmp_path / "es", "es"))
    good = bytes_below(place)
    for why in ("cell 3", "cell 4"):
        kept = shelf.keep_failed(place, told, "en", as_rendered(told, tmp_path / why, "en"), why)
        assert kept.name == f"FAILED-{told.name}-en"
        assert (kept / "FAILED").read_text() == f"{why}\n"
        assert read_json(kept / "report.json") == told.content
    assert {
        name: content for name, content in bytes_below(place).items() if not name.startswith("FAILED")
    } == good
    assert shelf.next_number(place) == 2
    assert shelf.languages(place / told.name) == ["es"]
    shelf.publish(place, told, "en", as_rendered(told, tmp_path / "en", "en"))
    assert sorted(path.name for path in place.iterdir()) == [told.name]


@pytest.mark.parametrize("spoken", ["es", "en"])
def test_a_process_that_ends_at_any_of_its_writes_leaves_a_report_whole_or_none(told, tmp_path, spoken):
    """The second language comes to a folder that is there; either language may be cut off."""
    es, en = (as_rendered(told, tmp_path / code, code) for code in ("es", "en"))
    rendered, whole = {"es": es, "en": en}[spoken], None
    at = 0
    while whole is None:
        at += 1
        place = tmp_path / f"shelf-{at}"
        place.mkdir()
        if spoken == "en":
            shelf.publish(place, told, "es", es)
        words = [sys.executable, "-c", KILLED, str(place), str(rendered), str(at), spoken]
        done = subprocess.run(
            words, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False
        )
        assert done.returncode in (0, DIED), done.stderr
        seen = {name for name in bytes_below(place) if not name.startswith(".") and "/." not in name}
        assert {
            f"{told.name}/report.json" in seen,
            spoken == "en" or f"{told.name}/{spoken}/figures/season.svg" in seen,
        } <= {True} or not seen
        halves = [name for name in seen if f"/{spoken}/" in name]
        assert len(halves) in (0, 2), "half a language"
        if len(halves) == 0:
            shelf.publish(place, told, spoken, rendered)  # the next command
        assert f"{told.name}/{spoken}/feasibility-001-{spoken}.html" in bytes_below(place)
        whole = at if done.returncode == 0 else None
    assert at > 5, "no write was cut off"
