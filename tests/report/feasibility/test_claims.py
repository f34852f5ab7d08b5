"""Each claim is what the records say: read again here by other means, and held against record and page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from report.feasibility.reading import read
from reported import basis_of, change, copied, declared, folder_of, of_verb, page_of, told_of
from vispera.report.feasibility.claim import Claims
from vispera.report.feasibility.gather import gather
from vispera.report.feasibility.source import Records
from vispera.text import LANGUAGES

MADE = {
    "value": lambda values: values[0],
    "ratio": lambda values: values[0] / values[1],
    "product": lambda values: values[0] * values[1],
    "least": lambda values: sorted(values)[0],
    "greatest": lambda values: sorted(values)[-1],
    "size": lambda values: len(values[0]),
    "sizes": lambda values: len([one for inside in values for one in inside]),
    "total": lambda values: sum(values[0][key] for key in values[0]),
    "smallest": lambda values: sorted(values[0])[0],
    "largest": lambda values: sorted(values[0])[-1],
    "below_zero": lambda values: len([one for one in values[0] if one < 0]),
}
"""The words of report.json, as a reader would understand them."""


def loaded(path: Path) -> Any:
    return json.loads(path.read_text("utf-8")) if path.suffix == ".json" else yaml.safe_load(path.read_text())


def found(files: dict[str, Any], place: str) -> Any:
    """Value at a place, by RFC 6901; None where a run recorded none."""
    file, _, pointer = place.partition("#/")
    value = files[file]
    for token in pointer.split("/"):
        key = token.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else (value or {}).get(key)
    return value


def checked(home: Path, content: dict[str, Any], own: Path) -> dict[str, tuple[Any, Any]]:
    """Claims that the files do not bear out, with what they say instead."""
    names = {place.partition("#")[0] for one in content["claims"].values() for place in one["from"]}
    files = {name: loaded(own if name == "report.json" else home / name) for name in names}
    wrong = {}
    for name, claim in content["claims"].items():
        values = [found(files, place) for place in claim["from"]]
        value = None if None in values else MADE[claim["how"]](values)
        if value != claim["value"]:
            wrong[name] = claim["value"], value
    return wrong


def test_every_claim_of_a_report_is_in_the_files_that_it_names(reported):
    own = folder_of(reported) / "report.json"
    content = loaded(own)
    assert len(content["claims"]) > 400
    assert {one["how"] for one in content["claims"].values()} > {"value", "ratio", "size", "below_zero"}
    assert all(one["from"] for one in content["claims"].values())
    assert checked(reported, content, own) == {}


def test_a_claim_that_its_file_does_not_bear_out_is_found(own_report):
    own = folder_of(own_report) / "report.json"
    replay = of_verb(own_report, "replay").folder / "replay.json"
    change(replay, "contenders", 6, "realised", "value", to=99.5)
    assert checked(own_report, loaded(own), own)["list_value"][1] == 99.5


def test_places_are_of_the_runs_that_the_report_names_with_hashes_of_their_files(reported):
    from hashlib import sha256

    content = loaded(folder_of(reported) / "report.json")
    for run, files in content["runs"].items():
        assert files, f"nothing was read of {run}"
        for name, digest in files.items():
            assert sha256((reported / run / name).read_bytes()).hexdigest() == digest
    named = {f"{run}/{name}" for run, files in content["runs"].items() for name in files}
    places = {place.partition("#")[0] for one in content["claims"].values() for place in one["from"]}
    assert places - {"report.json"} <= named


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_number_on_a_page_is_the_value_of_the_claim_that_it_names(reported, code):
    claims = loaded(folder_of(reported) / "report.json")["claims"]
    shown = read(page_of(reported, code)).claims
    assert {one.name for one in shown} <= set(claims)
    for one in shown:
        value = str(claims[one.name]["value"])
        if one.element == "code" and re.fullmatch("[0-9a-f]{12}", one.value):
            assert value.startswith(one.value)  # a hash is shown in short
        else:
            assert one.value == value, one.name


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_appendix_lists_every_claim_with_a_place(reported, code):
    claims = loaded(folder_of(reported) / "report.json")["claims"]
    known = {name for name, one in claims.items() if one["value"] is not None}
    assert {one.name for one in read(page_of(reported, code)).of("appendix")} == known
    page = page_of(reported, code)
    for name, one in claims.items():
        assert f"<code>{name}</code>" in page
        assert f"<code>{one['from'][0]}</code>" in page


def test_two_claims_of_one_name_that_say_different_things_are_a_fault(recorded):
    basis = basis_of(recorded)
    claims = Claims(Records(basis.sources, {}))
    claims.add("nights", "count", basis.replay.place("replay.json", "nights", "count"))
    claims.add("nights", "count", basis.replay.place("replay.json", "nights", "count"))
    with pytest.raises(ValueError, match="'nights'"):
        claims.add("nights", "count", basis.replay.place("replay.json", "capacity"))


def test_a_place_in_no_run_of_the_report_is_a_fault(recorded):
    with pytest.raises(KeyError):
        Claims(Records(basis_of(recorded).sources, {})).add("x", "count", "experiments/other/replay.json#/a")


def test_gathering_twice_gives_the_same_and_another_record_another_basis(recorded, tmp_path):
    first, second = told_of(recorded), told_of(recorded)
    assert first.content == second.content
    home = copied(recorded, tmp_path / "home")
    change(of_verb(home, "replay").folder / "replay.json", "book", "units", to=1)
    other = told_of(home)
    assert other.content["basis"] != first.content["basis"]
    assert [n for n in first.claims if first.claims[n] != other.claims[n]] == ["units"]


def test_parameters_are_part_of_what_a_report_rests_on(recorded):
    own, basis = declared(), basis_of(recorded)
    bare, other = (gather(basis, own.decision, own.schema, given) for given in ({}, {"depth": 3}))
    assert bare["basis"] != other["basis"]
    assert other["parameters"] == {"depth": 3}
