"""Kept material is what would be made, and nothing else is ever read."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import vispera
from conftest import problem
from learnable import option
from test_layers import imported, room
from vispera import warehouse
from vispera.asof import Ledger, as_of
from vispera.feature import FeatureSpec
from vispera.fitting import Material, Recipe, fit_final, prepare
from vispera.shelf import IN_USE
from vispera.table import Table
from vispera.warehouse import key, prepared

HORIZON = 14
PLENTY = 10**8
EVERYTHING = FeatureSpec(rates="all", recent="all", books="all", sources="all")
RECIPES = {
    "everything": Recipe(name="a", estimator=option("prior"), features=EVERYTHING, snapshots=(28, 14, 7, 3)),
    "three": Recipe(name="b", estimator=option("rule"), features=FeatureSpec(facts=("agent", "lead_time"))),
    "nothing": Recipe(
        name="c", estimator=option("prior"), features=FeatureSpec(facts="none"), snapshots=(7,)
    ),
}


@pytest.fixture(scope="module")
def bookings(cache) -> Table:
    return problem("simulated", "problem.settings.rows=3000", f"data.cache={cache}").load()


class Made:
    """Material by way of the warehouse, and whether it had to be made."""

    def __init__(self, folder: Path, table: Table, most_bytes: int = PLENTY):
        self.folder, self.table, self.most_bytes = folder, table, most_bytes
        self.told: list[str] = []

    def __call__(self, recipe: Recipe = RECIPES["everything"], horizon: int = HORIZON) -> Material:
        self.told = []
        ledger = Ledger(self.table, horizon)
        return prepared(self.table, recipe, ledger, horizon, self.folder, self.most_bytes, self.told.append)

    @property
    def entries(self) -> list[Path]:
        return sorted(self.folder.iterdir()) if self.folder.is_dir() else []


@pytest.fixture
def made(tmp_path, bookings) -> Made:
    return Made(tmp_path / "kept", bookings)


def arrays(material: Material) -> Iterator[tuple[str, np.ndarray]]:
    yield "position", material.at.position
    yield "at.night", material.at.night
    yield "teaches", material.teaches
    for name in ("y", "night", "arrival", "unit", "row_key"):
        yield name, getattr(material.rows, name)
    for name, values in material.rows.x.items():
        is_category = isinstance(values.dtype, pd.CategoricalDtype)
        yield f"x:{name}", values.cat.codes.to_numpy() if is_category else values.to_numpy()
    yield "weights", material.training(np.ones(len(material.at), dtype=bool))[1]


def assert_equal(one: Material, other: Material) -> None:
    """Every bit and kind of one material is that of the other."""
    assert one.distances == other.distances
    assert one.table is other.table
    for (name, mine), (same, theirs) in zip(arrays(one), arrays(other), strict=True):
        assert (name, mine.dtype, mine.shape) == (same, theirs.dtype, theirs.shape)
        assert mine.tobytes() == theirs.tobytes(), name
        assert type(mine) is type(theirs)
    x, y = one.rows.x, other.rows.x
    pd.testing.assert_index_equal(x.index, y.index, exact=True)
    pd.testing.assert_index_equal(x.columns, y.columns, exact=True)
    for name in x.select_dtypes("category"):
        mine, theirs = x[name].cat, y[name].cat
        pd.testing.assert_index_equal(mine.categories, theirs.categories, exact=True, check_order=True)
        assert (mine.ordered, mine.categories.dtype) == (theirs.ordered, theirs.categories.dtype)


@pytest.mark.parametrize("name", RECIPES)
def test_what_is_kept_and_read_back_is_what_is_made(made, bookings, name):
    fresh = prepare(bookings, RECIPES[name], Ledger(bookings, HORIZON), HORIZON)
    assert_equal(made(RECIPES[name]), fresh)
    assert_equal(made(RECIPES[name]), fresh)
    assert made.told == []


@pytest.mark.real
def test_the_real_bookings_too(tmp_path, hotel_table):
    made = Made(tmp_path, hotel_table, 10**9)
    fresh = prepare(hotel_table, RECIPES["everything"], Ledger(hotel_table, HORIZON), HORIZON)
    assert_equal(made(), fresh)
    assert_equal(made(), fresh)
    assert made.told == []


def test_a_model_learns_the_same_from_it(made, bookings):
    recipe = replace(RECIPES["everything"], estimator=option("logistic"))
    fresh = prepare(bookings, recipe, Ledger(bookings, HORIZON), HORIZON)
    made(recipe)
    expected, found = (fit_final(material, recipe) for material in (fresh, made(recipe)))
    assert np.array_equal(expected.predict(fresh.rows.x).p, found.predict(made(recipe).rows.x).p)


def test_arrays_are_mapped_and_cannot_be_written_to(made):
    for material in (made(), made()):
        assert not material.rows.y.flags.writeable
        assert not material.rows.x["rate_overall"].to_numpy().flags.owndata
        with pytest.raises(ValueError, match="read-only"):
            material.rows.y[0] = 7.0


def test_what_does_not_change_features_is_kept_once(made):
    made()
    made(replace(RECIPES["everything"], name="another", estimator=option("catboost")))
    assert made.told == []
    assert len(made.entries) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"features": replace(EVERYTHING, smoothing=21.0)},
        {"features": replace(EVERYTHING, form="count")},
        {"features": replace(EVERYTHING, facts=("agent", "hotel"))},
        {"features": replace(EVERYTHING, facts=("hotel", "agent"))},
        {"snapshots": (28, 14)},
        {"stale_days": 31},
        {"snapshots": (14, 28)},
    ],
    ids=str,
)
def test_another_recipe_has_a_key_of_its_own(bookings, changed):
    ledger = Ledger(bookings, HORIZON)
    other = replace(RECIPES["everything"], **changed)
    swapped = {"features": replace(EVERYTHING, facts=("lead_time", "hotel")), "snapshots": (7, 14)}
    keys = [key(bookings, recipe, ledger, HORIZON) for recipe in (RECIPES["everything"], other)]
    keys.append(key(bookings, replace(other, **swapped), ledger, HORIZON))
    assert len(set(keys)) == 3


def test_another_horizon_or_ledger_has_a_key_of_its_own(bookings):
    recipe = RECIPES["three"]
    pairs = [(14, 14), (14, 15), (15, 14)]
    assert len({key(bookings, recipe, Ledger(bookings, counted), horizon) for counted, horizon in pairs}) == 3


def test_the_rows_count_as_they_are_not_as_they_are_called(made, bookings):
    made()
    night = int(np.median(bookings.booked))
    known = as_of(bookings, night)
    cancelled = bookings.rows["cancelled"].to_numpy().copy()
    cancelled[7] = ~cancelled[7]
    poisoned = replace(bookings, rows=bookings.rows.assign(cancelled=cancelled))
    name = next(iter(bookings.sources))
    fewer = replace(bookings, sources={**bookings.sources, name: bookings.sources[name].iloc[1:]})
    for other in (known, poisoned, fewer):
        assert other.content_hash == bookings.content_hash
        made.table = other
        fresh = prepare(other, RECIPES["everything"], Ledger(other, HORIZON), HORIZON)
        assert_equal(made(), fresh)
        assert made.told[0] == "facts"


@pytest.mark.parametrize("declared", ["sources", "columns"])
def test_the_order_in_which_things_are_declared_counts(bookings, declared):
    """Features follow it, and so do the hashes by which rows are named."""
    schema = bookings.schema
    turned = {"sources": dict(reversed(schema.sources.items()))}
    if declared == "columns":
        kinds = {known: dict(reversed(kinds.items())) for known, kinds in schema.columns.items()}
        turned = {"columns": kinds}
    other = replace(bookings, schema=replace(schema, **turned))
    recipe = RECIPES["everything"] if declared == "sources" else RECIPES["three"]
    one, two = (prepare(table, recipe, Ledger(table, HORIZON), HORIZON) for table in (bookings, other))
    assert list(one.rows.x) != list(two.rows.x) or (one.rows.row_key != two.rows.row_key).any()
    assert len({key(table, recipe, Ledger(table, HORIZON), HORIZON) for table in (bookings, other)}) == 2


def test_a_ledger_of_another_table_is_a_bug(bookings, tmp_path):
    other = replace(bookings)
    with pytest.raises(ValueError, match="another table"):
        prepared(bookings, RECIPES["three"], Ledger(other, 14), 14, tmp_path, PLENTY)


def test_an_edit_of_the_code_makes_everything_anew(made, monkeypatch):
    made()
    monkeypatch.setattr(warehouse, "CODE", "another")
    made()
    assert made.told[0] == "facts"
    assert len(made.entries) == 2


def test_all_code_that_features_follow_from_is_in_the_key():
    source = Path(vispera.__file__).parent
    reached, waiting = set(), ["feature", "asof", "table"]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            files = [source / f"{name}.py", *(source / name).glob("*.py")]
            waiting += [room(at) for path in files if path.is_file() for _, at in imported(path)]
    assert reached <= set(warehouse.MAKERS)


def test_one_flipped_bit_anywhere_is_noticed_and_mended(made, bookings):
    fresh = made()
    (entry,) = made.entries
    files = sorted(entry.iterdir())
    assert len(files) >= 6
    for path in files:
        whole = path.read_bytes()
        for at in (1, len(whole) // 3, len(whole) - 2):
            changed = bytearray(whole)
            changed[at] ^= 1
            path.unlink()  # not in place: `fresh` has the pages mapped
            path.write_bytes(changed)
            assert_equal(made(), fresh)
            assert made.told, f"{path.name}, byte {at}"
            assert (entry / path.name).read_bytes() == whole
    assert made.entries == [entry]


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"null", b'{"seal": 1}', b"\xff"])
def test_contents_of_another_form_are_damage(made, content):
    fresh = made()
    (made.entries[0] / "contents.json").write_bytes(content)
    assert_equal(made(), fresh)
    assert made.told
    made()
    assert made.told == []


@pytest.mark.parametrize("name", ["float64.npy", "contents.json"])
def test_a_missing_or_cut_file_is_damage(made, name):
    fresh = made()
    path = made.entries[0] / name
    whole = path.read_bytes()
    for content in (None, b"", whole[: len(whole) // 2]):
        path.unlink()
        if content is not None:
            path.write_bytes(content)
        assert_equal(made(), fresh)
        assert made.told
        assert path.read_bytes() == whole


def test_what_is_too_large_is_made_but_not_kept(made, bookings):
    made.most_bytes = 10_000
    fresh = prepare(bookings, RECIPES["everything"], Ledger(bookings, HORIZON), HORIZON)
    assert_equal(made(), fresh)
    assert "not kept" in made.told[-1]
    assert "10,000 allowed" in made.told[-1]
    assert made.entries == []


def test_the_bound_holds_and_what_is_used_stays(made):
    first, second, third = (
        replace(RECIPES["everything"], features=replace(EVERYTHING, smoothing=s)) for s in (1.0, 2.0, 3.0)
    )
    made(first)
    size = sum(path.stat().st_size for path in made.entries[0].iterdir())
    made.most_bytes = int(2.5 * size)
    made(second)
    made(third)
    assert "not kept" in made.told[-1]
    for path in (path for entry in made.entries for path in (*entry.iterdir(), entry)):
        when = path.stat().st_mtime - 2 * IN_USE
        os.utime(path, (when, when))
    made(first)
    made(third)
    assert len(made.entries) == 2
    made(first)
    assert made.told == []


def test_a_taken_away_entry_serves_those_who_have_it(made, bookings):
    material = made()
    before = material.rows.x["rate_overall"].to_numpy().copy()
    for path in sorted(made.entries[0].iterdir()):
        path.unlink()
    assert material.rows.x["rate_overall"].to_numpy().tobytes() == before.tobytes()


def test_a_place_that_cannot_be_written_to_costs_no_run(made, tmp_path):
    (tmp_path / "kept").write_text("a file where the folder should be")
    material = made()
    assert len(material.rows) > 0
    assert "not kept" in made.told[-1]


def test_a_place_that_may_only_be_read_serves(made, monkeypatch):
    made()

    def refused(*_):
        raise PermissionError

    monkeypatch.setattr(warehouse.os, "utime", refused)
    made()
    assert made.told == []


WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import test_warehouse as t
table = t.problem("simulated", "problem.settings.rows=3000", f"data.cache={sys.argv[2]}").load()
made = t.Made(Path(sys.argv[3]), table)
for smoothing in range(12):
    recipe = replace(t.RECIPES["everything"], features=replace(t.EVERYTHING, smoothing=float(smoothing)))
    t.assert_equal(made(recipe), t.prepare(table, recipe, t.Ledger(table, 14), 14))
"""


def test_two_writers_at_once_both_end_well(bookings, cache, tmp_path):
    command = [sys.executable, "-c", WRITER, str(Path(__file__).parent), str(cache), str(tmp_path / "kept")]
    writers = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    assert [writer.communicate()[1] for writer in writers] == ["", ""]
    assert [writer.returncode for writer in writers] == [0, 0]
    left = sorted((tmp_path / "kept").iterdir())
    assert len(left) == 12
    assert not [path for path in left if path.name.startswith(".")]
