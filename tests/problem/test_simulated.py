"""The simulated problem: its table, what lies beside it, and schemas that follow the settings."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from conftest import problem
from vispera.problem.simulator import LEAKS, SOURCES
from vispera.problem.simulator_truth import Truth


def small(cache, *overrides: str):
    return problem("simulated", f"data.cache={cache}", "problem.settings.rows=4000", *overrides)


def test_the_truth_lies_beside_the_table_and_in_no_column(cache, simulated_table):
    truth = Truth.read(simulated_table.folder)
    assert len(truth.booked) == len(simulated_table)
    assert not {"hazard", "truth", "p", "booking_id"} & set(simulated_table.rows)


def test_what_is_left_out_is_not_declared(cache):
    made = small(cache, "problem.settings.sources=[social_trend]")
    assert set(made.schema.sources) == {"social_trend"}
    assert set(made.load().sources) == {"social_trend"}
    assert set(problem("simulated").schema.sources) == set(SOURCES)


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_is_declared_and_in_the_table(cache, leak):
    made = small(cache, f"problem.settings.leak={leak}")
    table = made.load()
    for name, (known, kind) in LEAKS[leak].planted.items():
        declared = table.schema.column(name)
        assert (declared.known, declared.kind) == (known, kind)
        assert name in table.schema.permitted
        assert table.rows[name].nunique() > 1


def test_the_same_settings_give_the_same_content_and_others_do_not(cache, tmp_path):
    one = small(cache).load()
    assert small(tmp_path).load().content_hash == one.content_hash
    assert small(cache, "problem.settings.seed=1").load().content_hash != one.content_hash


def test_a_damaged_table_in_the_cache_is_made_anew(tmp_path):
    table = small(tmp_path).load()
    path = table.folder / "table.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    again = small(tmp_path).load()
    assert again.content_hash == table.content_hash
    assert not [entry for entry in table.folder.parent.iterdir() if entry.name.startswith(".")]


def test_two_that_make_the_same_table_at_once_both_have_it(tmp_path):
    words = [sys.executable, "-m", "vispera", "data", f"data.cache={tmp_path}", "problem.settings.rows=3000"]
    begun = [
        subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    told = [process.communicate() for process in begun]
    assert [process.returncode for process in begun] == [0, 0, 0], told
    assert len({out for out, _ in told}) == 1
    assert "content sha256" in told[0][0]
    assert len(list((tmp_path / "simulated").iterdir())) == 1


def test_units_and_keys_follow_from_content_alone(simulated_table):
    table = simulated_table
    assert len(np.unique(table.row_key)) == len(table)
    twins = table.rows.duplicated(list(table.schema.unit), keep=False)
    assert 0.15 < twins.mean() < 0.4
