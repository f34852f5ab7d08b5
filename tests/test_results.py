"""What a run says of the data that it learned from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from booked import SMALL, bookings, table_of
from vispera.results import described


def test_missing_values_are_counted_by_column_in_the_order_of_declaration():
    table = bookings(3)
    rows = table.rows.copy()
    rows.loc[[0, 5, 7], "adr"] = float("nan")
    rows.loc[[2], "outcome_date"] = None
    told = described(SMALL, replace(table, rows=rows[[*rows.columns[::-1]]]))
    empty = int(np.isnan(rows["adr"].to_numpy()).sum())
    assert list(told["missing"].items()) == [("adr", empty), ("outcome_date", 1)]
    assert empty >= 3


def test_a_category_in_which_nothing_stood_has_a_level_of_its_own_and_is_not_missing():
    rows = bookings(3).rows
    rows = rows.assign(view=rows["view"].astype("str").mask(rows.index < 4, "none"))
    told = described(SMALL, table_of(rows))
    assert "view" not in told["missing"]
    assert told["none"]["view"] == 4
    assert list(told["none"]) == ["view", "deposit"]


def test_a_table_without_gaps_has_none_to_tell():
    rows = bookings(3).rows.fillna({"adr": 80.0}).assign(deposit="kept")
    told = described(SMALL, table_of(rows))
    assert told["missing"] == told["none"] == {}
