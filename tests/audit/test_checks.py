"""The checks of the gate on small cases made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score, roc_auc_score

import leaks
from vispera.audit import before_fit, from_position, out_of_order, twins_across_split
from vispera.audit.alone_decides import decides, deciding_level
from vispera.audit.label_in_name import label_in
from vispera.audit.neighbour import area_by_neighbours
from vispera.audit.strength import spread_of_area, strength
from vispera.audit.twins_across_split import agreement
from vispera.feature import FeatureSpec
from vispera.interval import wilson
from vispera.problem.contract import CANCELLED_AFTER_ARRIVAL
from vispera.problem.simulator import Settings, simulate
from vispera.problem.store import source_row

RNG = np.random.default_rng(7)


def units(n: int) -> np.ndarray:
    return np.random.default_rng(1).permutation(n).astype(np.uint64)


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """Evidence of a small clean table."""
    cache = tmp_path_factory.mktemp("small")
    return leaks.of("simulated", "problem.settings.rows=6000", f"data.cache={cache}")


def test_strength_is_the_ranking_by_rates_of_the_other_half():
    y = (RNG.random(4000) < 0.2).astype(float)
    level = np.where(RNG.random(4000) < 0.7, y * 2, RNG.integers(0, 3, 4000))
    unit = units(4000)
    found = strength(pd.Series(level), y, unit)
    told = np.empty(4000)
    for half in (0, 1):
        mine = unit % 2 == half
        for value in range(3):
            inside = (level == value) & ~mine
            told[mine & (level == value)] = (y[inside].sum() + 20 * y.mean()) / (inside.sum() + 20)
    assert found.auc == pytest.approx(roc_auc_score(y, told), abs=1e-12)
    assert found.low < found.auc
    assert found.rate == pytest.approx(y.mean())


@pytest.mark.parametrize("sign", [1, -1])
def test_a_number_is_as_strong_downwards_as_upwards(sign):
    y = (RNG.random(3000) < 0.1).astype(float)
    values = pd.Series(sign * (RNG.normal(size=3000) + 3 * y))
    assert decides(strength(values, y, units(3000)), 0.8)


def test_many_levels_of_noise_are_not_strong():
    y = (RNG.random(3000) < 0.1).astype(float)
    noise = pd.Series(pd.Categorical(RNG.integers(0, 1000, 3000).astype(str)))
    found = strength(noise, y, units(3000))
    assert 0.4 < found.auc < 0.6
    assert not decides(found, 0.8)


def test_missing_values_can_decide_too():
    y = (RNG.random(3000) < 0.2).astype(float)
    values = pd.Series(np.where((y == 0) & (RNG.random(3000) < 0.4), np.nan, RNG.normal(size=3000)))
    level = deciding_level(strength(values, y, units(3000)))
    assert level is not None
    assert level.label == "missing"


def test_a_group_of_many_rooms_counts_as_one_unit():
    y = np.r_[np.ones(500), np.zeros(500)]
    unit = np.r_[np.zeros(500), np.arange(1, 501)].astype(np.uint64)
    found = strength(pd.Series(y), y, unit)
    assert found.rate == pytest.approx(1 / 501)
    assert [level.label for level in found.levels] == ["0"]


def test_intervals_agree_with_published_ones():
    assert wilson(0.1, 100, 1.96) == pytest.approx((0.0552, 0.1744), abs=1e-4)
    assert spread_of_area(0.5, 100, 100) == pytest.approx(np.sqrt(201 / (12 * 100 * 100)), rel=0.02)
    assert spread_of_area(0.9, 0, 100) == float("inf")
    one, other = RNG.random(400) < 0.2, RNG.random(400) < 0.5
    assert agreement(one, one | other)[0] == pytest.approx(cohen_kappa_score(one, one | other))
    assert agreement(one[:0], one[:0]) == (0.0, 0.0)
    assert agreement(np.ones(5, bool), np.ones(5, bool)) == (0.0, 0.0)


def test_neighbours_tell_in_a_sorted_file_and_not_in_a_shuffled_one():
    y = np.r_[np.zeros(500), np.ones(500)]
    assert area_by_neighbours(y) > 0.99
    assert area_by_neighbours(RNG.permutation(y)) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    "name",
    ["cancelled", "is_canceled", "canceledFlag", "no_show", "NoShow", "outcome_score", "target", "churn"],
)
def test_names_of_the_label_are_seen(name):
    assert label_in(name)


@pytest.mark.parametrize(
    "name",
    [
        "previous_cancellations",
        "previous_bookings_not_canceled",
        "past_cancellations",
        "free_cancellation",
        "cancellation_policy",
        "lead_time",
        "market_segment",
    ],
)
def test_names_of_other_outcomes_and_of_conditions_are_not(name):
    assert label_in(name) is None


def test_a_column_called_after_the_problems_own_outcome_is_seen():
    assert label_in("final_state_code", declared=("final_state",)) == "final_state"


def test_a_number_that_restarts_with_each_hotel_still_counts_rows(seen):
    order = np.argsort(source_row(seen.table))
    counted = np.empty(len(order))
    counted[order] = np.arange(len(order)) % 2500
    assert _from_position(seen, counted)
    rising = np.empty(len(order))
    rising[order] = np.cumsum(RNG.integers(1, 9, len(order)))
    assert "runs with the rows" in _from_position(seen, rising)[0].evidence


def test_a_row_number_is_seen_after_the_file_was_shuffled(seen, tmp_path):
    row = source_row(seen.table).astype(float)
    moved = replace(seen.table, folder=tmp_path)
    shuffled = pd.DataFrame({"source_row": RNG.permutation(len(row))})
    shuffled.to_parquet(tmp_path / "source_row.parquet")
    asked = replace(seen, table=moved)
    assert "order told the outcome" in _from_position(asked, row)[0].evidence
    assert _from_position(asked, RNG.permutation(row)) == []


def _from_position(asked, values) -> list:
    table = replace(asked.table, rows=asked.table.rows.assign(lead_time=values))
    return list(from_position.find(replace(asked, table=table, spec=FeatureSpec(facts=("lead_time",)))))


def test_a_unit_without_its_dates_straddles_the_split(tmp_path):
    words = ("problem.settings.rows=6000", f"data.cache={tmp_path}", "problem.schema.unit=[guest_id]")
    found = list(twins_across_split.find(leaks.of("simulated", *words)))
    assert {finding.check for finding in found} == {"twins_across_split"}
    assert "window 'test'" in found[-1].evidence


def test_a_few_wrong_dates_are_slips_and_many_are_refused(seen):
    for wrong, refused in ((0, 0), (3, 0), (200, 1)):
        table = replace(seen.table, quarantined={CANCELLED_AFTER_ARRIVAL: wrong})
        assert len(list(out_of_order.find(replace(seen, table=table)))) == refused


def test_outcomes_from_after_a_window_are_refused(seen):
    late = seen.table.rows["outcome_date"] + pd.Timedelta(days=400)
    found = list(out_of_order.find(leaks.with_rows(seen, outcome_date=late)))
    assert any("became known after its first night" in finding.evidence for finding in found)


def test_nothing_is_read_from_the_rows_that_the_test_window_scores(seen):
    tested = seen.at.position[seen.windows[-1].scores(seen.table, seen.at)]
    outcome = seen.table.cancelled.copy()
    outcome[tested] = ~outcome[tested]
    poisoned = leaks.with_rows(seen, cancelled=outcome)
    told = [finding for finding in before_fit(seen) if finding.check != "order_predicts"]
    assert [finding for finding in before_fit(poisoned) if finding.check != "order_predicts"] == told
    assert poisoned.strengths == seen.strengths


def test_where_a_row_stood_lies_beside_the_table_and_in_none_of_its_columns(seen):
    row = source_row(seen.table)
    assert sorted(row) == list(range(len(row)))
    assert "source_row" not in seen.table.rows
    raw = simulate(Settings(rows=6000)).bookings
    assert (seen.table.rows["lead_time"].to_numpy() == raw["lead_time"].to_numpy()[row]).all()
    assert (seen.table.rows["arrival_date"].to_numpy() == raw["arrival_date"].to_numpy()[row]).all()
