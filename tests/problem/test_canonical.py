"""Canonical form: declared kinds, faults at once, impossible rows apart, an order from content alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vispera.errors import ContractBroken, UsageError
from vispera.problem.canonical import NONE, canonicalise, content_hash
from vispera.problem.reading import cast
from vispera.schema import Schema

SCHEMA = Schema(
    columns={
        "booking": {
            "date": ("booking_date", "arrival_date"),
            "category": ("agent",),
            "integer": ("nights",),
            "flag": ("returning",),
        },
        "outcome": {"date": ("outcome_date",), "flag": ("cancelled",)},
        "mutable": {"number": ("price",)},
    },
    unit=("booking_date", "arrival_date"),
    nullable=("agent", "price"),
    limits={"nights": (0, 30)},
)


def bookings(**changes) -> pd.DataFrame:
    rows = {
        "booking_date": ["2016-01-01", "2016-01-02", "2016-01-03"],
        "arrival_date": ["2016-02-01", "2016-02-02", "2016-02-03"],
        "outcome_date": ["2016-02-01", "2016-01-20", "2016-02-03"],
        "agent": [6.0, np.nan, 240.0],
        "nights": [1, 2, 3],
        "returning": [0, 1, 0],
        "cancelled": [0, 1, 1],
        "price": [10.5, np.nan, 99.0],
    }
    return pd.DataFrame({**rows, **changes})


def test_a_missing_agent_is_a_level_and_numbers_lose_their_decimal_point():
    rows = canonicalise(bookings(), SCHEMA, "test").rows
    assert rows["agent"].astype(str).tolist() == ["6", NONE, "240"]
    assert rows["agent"].cat.categories.tolist() == ["240", "6", NONE]
    assert rows["nights"].dtype == np.int64
    assert rows["cancelled"].dtype == bool
    assert rows["booking_date"].dtype == "datetime64[s]"


def test_all_structural_faults_are_told_at_once():
    broken = bookings(nights=["one", "2", "3"], booking_date=["2016-01-01", "yesterday", "x"])
    with pytest.raises(ContractBroken) as refusal:
        canonicalise(broken.drop(columns="agent"), SCHEMA, "test")
    told = "\n".join(refusal.value.faults)
    assert "column 'agent' is missing" in told
    assert "column 'nights' is not integer: 'one' in 1 of 3 rows" in told
    assert "column 'booking_date' is not date: 'yesterday' in 2 of 3 rows" in told
    assert len(refusal.value.faults) == 3


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"arrival_date": ["2015-12-31", "2016-02-02", "2016-02-03"]}, "arrival before booking"),
        ({"outcome_date": ["2015-12-01", "2016-01-20", "2016-02-03"]}, "outcome before booking"),
        ({"outcome_date": ["2016-02-01", "2016-03-20", "2016-02-03"]}, "cancelled after arrival"),
        ({"outcome_date": [None, "2016-01-20", "2016-02-03"]}, "outcome without its date"),
        ({"nights": [-1, 2, 3]}, "nights below 0"),
        ({"nights": [1, 2, 31]}, "nights above 30"),
        ({"returning": [0, None, 0]}, "returning missing"),
    ],
)
def test_an_impossible_row_is_set_aside_with_its_reason(changes, reason):
    made = canonicalise(bookings(**changes), SCHEMA, "test")
    assert len(made.rows) == 2
    assert reason in made.quarantined
    assert made.quarantined[reason] == 1
    assert reason in made.quarantine["reason"].iloc[0]


def test_a_nightly_extract_has_a_contract_of_its_own():
    extract = bookings().drop(columns=["outcome_date", "cancelled"])
    made = canonicalise(extract, SCHEMA, "extract", contract="open_book")
    assert list(made.rows) == ["booking_date", "arrival_date", "agent", "nights", "returning"]
    with pytest.raises(ContractBroken, match="column 'cancelled' is missing"):
        canonicalise(extract, SCHEMA, "history")
    with pytest.raises(ContractBroken, match="column 'agent' is missing"):
        canonicalise(extract.drop(columns="agent"), SCHEMA, "extract", contract="open_book")
    with_outcomes = canonicalise(bookings(), SCHEMA, "extract", contract="open_book")
    assert with_outcomes.content_hash == made.content_hash


def test_a_row_with_two_faults_has_both_reasons():
    wrong = bookings(nights=[99, 2, 3], arrival_date=["2015-01-01", "2016-02-02", "2016-02-03"])
    made = canonicalise(wrong, SCHEMA, "x")
    assert made.quarantine["reason"].tolist() == ["arrival before booking; nights above 30"]


def test_a_table_without_usable_rows_is_refused():
    with pytest.raises(ContractBroken, match="no usable row among 3: nights above 30"):
        canonicalise(bookings(nights=[40, 40, 40]), SCHEMA, "test")
    with pytest.raises(ContractBroken, match="it is empty"):
        canonicalise(bookings().iloc[:0], SCHEMA, "test")


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(3)), st.permutations(range(8)))
def test_the_order_of_rows_and_columns_means_nothing(rows, columns):
    given_ = bookings()
    moved = given_.iloc[list(rows), list(columns)]
    assert canonicalise(moved, SCHEMA, "x").content_hash == canonicalise(given_, SCHEMA, "x").content_hash


def test_one_changed_value_changes_the_hash():
    rows = canonicalise(bookings(), SCHEMA, "x").rows
    for name, value in {"price": 10.500001, "nights": 4, "returning": 1, "agent": 7.0}.items():
        changed = bookings()
        changed[name] = changed[name].astype("float64")
        changed.loc[0, name] = value
        assert content_hash(canonicalise(changed, SCHEMA, "x").rows) != content_hash(rows), name


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        (["1", " 2 ", "NULL", ""], "integer", [1, 2, None, None]),
        (["True", "false", "1"], "flag", [True, False, True]),
        (["BB      ", " HB", "NULL"], "category", ["BB", "HB", None]),
        (["1.5", "NA"], "number", [1.5, None]),
    ],
)
def test_text_is_read_as_its_kind(values, kind, expected):
    read = cast(pd.Series(values), kind)
    assert [None if pd.isna(value) else value for value in read] == expected


@pytest.mark.parametrize(("value", "kind"), [("2", "flag"), ("1.5", "integer"), ("31/12/2016", "date")])
def test_text_that_is_not_of_its_kind_is_refused(value, kind):
    with pytest.raises(ValueError, match=value.split("/")[0]):
        cast(pd.Series([value]), kind)


def test_a_schema_that_names_undeclared_columns_is_refused_with_the_nearest():
    with pytest.raises(UsageError, match="'agnet', which its columns do not declare; closest: 'agent'"):
        replace(SCHEMA, entities=("agnet",))
    with pytest.raises(UsageError, match="column 'cancelled' must be declared as outcome and flag"):
        replace(SCHEMA, columns={**SCHEMA.columns, "outcome": {"date": ("outcome_date",)}})
