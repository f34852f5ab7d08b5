"""The contract that is handed to other developers says what the code does."""

from __future__ import annotations

import re
import subprocess

import numpy as np
import pandas as pd
import pytest

from booked import ground_of, risks
from handed import about, everything, handed
from vispera import workspace
from vispera.handoff import LEAST_DAYS, SCHEMA, read_current, types_of
from vispera.handoff.manifest import manifest
from vispera.handoff.rows import TYPES
from vispera.money.reason import declined
from vispera.money.sheet import Scores, on_lists, sheet

ROOT = workspace.source()
PAGE = (ROOT / "docs" / "handoff.md").read_text()
READER = (ROOT / "tests" / "java" / "ListReader.java").read_text()


def table(header: str) -> dict[str, list[str]]:
    """Cells of the table with that header, by the word in the first."""
    _, _, below = PAGE.partition(f"\n{header}\n")
    rows = below.partition("\n\n")[0].splitlines()[1:]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return {cell[0].strip("`"): cell[1:] for cell in cells}


def test_the_columns_are_those_of_the_sheet():
    ground = ground_of(0)
    p = risks(ground)
    scores = Scores.of(ground.book, ground.book.greatest(p), ground.expected(p))
    places, _ = ground.by_value(p)
    count = len(on_lists(ground.book, places))
    said, guests = declined("rule", count), ["8fcfb33ca862313f"] * count
    made = sheet(ground.book, ground.prospect, ground.costs, scores, places, ground.control, said, guests)
    made = made.iloc[:, : -len(ground.book.table.schema.unit)]
    told = {name: cells[0] for name, cells in table("| column | type | meaning |").items()}
    assert told == types_of(made)
    assert list(told) == [*made], "and in this order"


def test_the_types_are_told():
    assert tuple(table("| type | spelled | in `list.jsonl` |")) == TYPES
    told = {"date": np.array(["2017-03-16"], "M8[s]"), "integer": [1], "number": [0.5], "flag": [True]}
    frame = {**told, "text": ["a"]}
    assert types_of(pd.DataFrame(frame)) == {name: name for name in TYPES}


def test_every_key_of_the_manifest_is_told():
    keys = []
    for name, value in manifest(about("2017-03-16"), 1, 3, {}).items():
        keys += [f"{name}.{inner}" for inner in value] if name == "model" else [name]
    assert list(table("| key | meaning |")) == keys
    assert f"Schema {SCHEMA}." in PAGE
    assert f"at least {LEAST_DAYS})" in PAGE


def test_the_exit_codes_are_those_of_the_reader():
    refusals = {int(code) for code in re.findall(r"^ {8}[A-Z_]+\((\d)\)[,;]$", READER, re.MULTILINE)}
    assert {*map(int, table("| exit | meaning |"))} == {0, 6} | refusals


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\b(?:docs|tests)/[\w./-]*\w", PAGE))))
def test_what_it_points_to_is_there(path):
    assert (ROOT / path).exists()


def test_lists_are_carried_away_as_it_says(tmp_path):
    there = tmp_path / "lists" / "hotel"
    there.mkdir(parents=True)
    (script,) = re.findall(r"```sh\n(set -e\n.*?)```", PAGE, re.DOTALL)
    script = script.replace("/mnt/lists/hotel", str(there))
    for night, units in (("2017-03-16", 3), ("2017-03-16", 2), ("2017-03-17", 4)):
        handed(tmp_path / "handoff" / "hotel", night, range(units))
        for _ in range(2):  # again it changes nothing
            subprocess.run(["sh", "-c", script], cwd=tmp_path, check=True)
            assert read_current(there).rows == read_current(tmp_path / "handoff" / "hotel").rows  # type: ignore
    assert everything(there) == everything(tmp_path / "handoff" / "hotel")
