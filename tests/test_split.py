"""Windows of scoring nights, and the protocol's counts on the real bookings."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from vispera.asof import snapshots
from vispera.clock import day
from vispera.errors import UsageError
from vispera.feature import training_weights
from vispera.schema import SplitSettings
from vispera.split import Window, folds, windows

GOLDEN = {  # /shared/protocol.md: rows and positives by window
    "tuning-1": ("2016-07-07", 7000, 584),
    "tuning-2": ("2016-09-08", 7289, 767),
    "tuning-3": ("2016-11-10", 4906, 583),
    "tuning-4": ("2017-01-12", 6482, 641),
    "test": ("2017-03-16", 7282, 636),
}


@pytest.mark.real
def test_the_golden_counts_of_the_protocol(hotel_table):
    at = snapshots(hotel_table, [14])
    found = {}
    for fold in folds(SplitSettings(), hotel_table):
        scored = at.position[fold.scores(hotel_table, at)]
        found[fold.name] = (fold.describe()["first"], len(scored), int(hotel_table.cancelled[scored].sum()))
    assert found == GOLDEN


@pytest.mark.real
def test_the_golden_counts_of_the_reference_split(hotel_table):
    at = snapshots(hotel_table, [14])
    *tuning, test = folds(SplitSettings(test_first=date(2017, 3, 1)), hotel_table)
    scored = at.position[test.scores(hotel_table, at)]
    assert (len(scored), int(hotel_table.cancelled[scored].sum())) == (8922, 776)
    assert tuning[0].describe()["first"] == "2016-06-22"
    assert tuning[-1].describe()["last"] == "2017-02-28"


@pytest.mark.real
@pytest.mark.parametrize(("cutoff", "rows"), [("2017-03-15", 58208), ("2017-02-28", 56523)])
def test_the_golden_counts_of_training_rows(hotel_table, cutoff, rows):
    at = snapshots(hotel_table, [14])
    window = Window("test", day(cutoff) + 1, day(cutoff) + 63, 14)
    assert window.trains(hotel_table, at).sum() == rows


@pytest.mark.parametrize("kind", ["rolling", "random"])
def test_every_booking_is_scored_at_most_once_and_never_learned_from(table, kind):
    at = snapshots(table, [28, 14, 7, 3])
    times_scored = np.zeros(len(table), dtype=int)
    for fold in folds(SplitSettings(kind=kind), table):
        trains, scores = fold.trains(table, at), fold.scores(table, at)
        np.add.at(times_scored, at.position[scores], 1)
        assert not np.intersect1d(table.unit[at.position[trains]], table.unit[at.position[scores]]).size
        assert trains.any()
        assert scores.any()
    assert times_scored.max() == 1


def test_windows_stand_back_to_back_and_learn_from_the_past(table):
    found = windows(SplitSettings(), table)
    assert all(later.first == earlier.last + 1 for earlier, later in pairwise(found))
    assert found[-1].last == table.arrival.max() - 14
    at = snapshots(table, [14])
    for window in found:
        assert table.arrival[at.position[window.trains(table, at)]].max() <= window.cutoff
        assert at.night[window.scores(table, at)].min() > window.cutoff


def test_weights_count_a_unit_and_a_booking_once_whatever_became_of_it(table):
    distances = [28, 14, 7, 3]
    at = snapshots(table, distances)
    weights = training_weights(table, at, distances)
    lead = (table.arrival - table.booked)[at.position]
    planned = 1 + sum((lead > distance).astype(int) for distance in distances)
    planned = np.minimum(planned, len(distances))
    units, sizes = np.unique(table.unit, return_counts=True)
    size_of = sizes[np.searchsorted(units, table.unit[at.position])]
    assert weights == pytest.approx(1 / (size_of * planned))


def test_a_table_too_short_for_its_windows_is_refused(table):
    with pytest.raises(UsageError, match=r"type fewer problem\.split\.tuning"):
        folds(SplitSettings(tuning=20), table)
    with pytest.raises(UsageError, match="before it begins"):
        folds(SplitSettings(test_first=date(2017, 3, 1), test_last=date(2017, 2, 1)), table)
