"""The sheet on the desk: what stands in it, in which order, in which words, and as which bytes."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from booked import COSTS, SCHEMA, ground_of, risks
from vispera.clock import iso
from vispera.money.call_list import NOT_LISTED, ranks
from vispera.money.sheet import Scores, as_csv, on_lists, sheet, why
from vispera.replay.ground import Ground
from vispera.text import LANGUAGES, language

TOLD = [
    *("night", "rank", "unit", "arm", "risk", "risk_rank", "expected_value", "value_rank"),
    *("days_left", "rooms", "price", "worth", "why_en", "why_es", "reason_1_en"),
]


def made(ground: Ground, places: np.ndarray | None = None) -> tuple[pd.DataFrame, np.ndarray]:
    """The sheet of the lists by value, or of others, and the unit-nights in it."""
    p = risks(ground)
    scores = Scores.of(ground.book, ground.book.greatest(p), ground.expected(p))
    places = ground.by_value(p)[0] if places is None else places
    rows = on_lists(ground.book, places)
    reasons = {"reason_1_en": [f"because of {row}" for row in rows]}
    return sheet(ground.book, ground.prospect, ground.costs, scores, places, ground.control, reasons), rows


@pytest.mark.parametrize("seed", range(4))
def test_it_has_a_row_for_each_listed_unit_by_night_and_rank(seed):
    ground = ground_of(seed)
    book, p = ground.book, risks(ground)
    places, expected = ground.by_value(p)
    rows, listed = made(ground)
    assert list(rows) == [*TOLD, *SCHEMA.unit]
    assert len(rows) == (places != NOT_LISTED).sum() > 0
    assert rows[["night", "rank"]].apply(tuple, axis=1).is_monotonic_increasing
    assert rows["unit"].tolist() == [f"{unit:016x}" for unit in book.unit[listed].tolist()]
    assert rows["rank"].tolist() == (places[listed] + 1).tolist()
    assert rows["risk"].to_numpy() == pytest.approx(book.greatest(p)[listed], abs=5e-5)
    assert rows["expected_value"].to_numpy() == pytest.approx(expected[listed], abs=5.1e-3)
    assert rows["value_rank"].tolist() == ranks(book, expected)[listed].tolist()
    assert rows["reason_1_en"].tolist() == [f"because of {row}" for row in listed]
    facts = book.table.rows.iloc[book.first[listed]].reset_index(drop=True)
    for name in SCHEMA.unit:
        assert rows[name].tolist() == facts[name].tolist()
    stay = rows["price"].fillna(0) * rows["nights"] * COSTS.margin * rows["rooms"]
    assert rows["worth"].to_numpy() == pytest.approx(stay, abs=0.25), "of all its rooms"
    left = (rows["arrival_date"] - rows["night"]).dt.days
    assert rows["days_left"].tolist() == left.tolist()


def test_nothing_in_it_was_unknown_on_its_night():
    rows, _ = made(ground_of(1))
    assert not set(SCHEMA.known("mutable", "check_in", "outcome")) & set(rows)


def test_those_in_the_control_arm_stand_in_it_and_are_marked():
    ground = ground_of(1)
    lots = np.random.default_rng(0).random(len(ground.book)) < 0.5
    rows, listed = made(replace(ground, control=lots))
    assert rows["arm"].tolist() == ["control" if lots[row] else "call" for row in listed]
    assert set(rows["arm"]) == {"control", "call"}
    plain, _ = made(ground)
    pd.testing.assert_frame_equal(rows.drop(columns="arm"), plain.drop(columns="arm"))


@pytest.mark.parametrize(
    ("risk_rank", "value_rank", "says"),
    [
        (3, 3, "Place 3 both by risk (12.3%) and by expected value (4.50 EUR)"),
        (30, 3, "Place 3 by expected value (4.50 EUR), 30 by risk (12.3%)"),
        (3, 30, "Place 3 by risk (12.3%), 30 by expected value (4.50 EUR)"),
    ],
)
def test_it_says_why_the_two_ranks_differ(risk_rank, value_rank, says):
    row: dict[str, Any] = {"risk": 0.1234, "expected_value": 4.5, "worth": 1234.4, "days_left": 5}
    row |= {"risk_rank": risk_rank, "value_rank": value_rank}
    english, spanish = (why(row, language(code)) for code in LANGUAGES)
    assert english.startswith(says)
    assert "1234 EUR" in english
    assert "5 days left" in english
    assert "12,3" in spanish
    assert "4,50" in spanish
    assert "1 day left" in why(row | {"days_left": 1}, language("en"))


def test_its_bytes_are_the_same_everywhere_and_are_read_back():
    rows, _ = made(ground_of(2))
    written = as_csv(rows)
    lines = written.split(b"\r\n")
    assert lines.pop() == b""
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert "Íñigo".encode() in written
    read = list(csv.DictReader(io.StringIO(written.decode(), newline="")))
    assert len(read) == len(rows)
    for row, entry in zip(rows.to_dict("records"), read, strict=True):
        assert entry["night"] == row["night"].date().isoformat()
        assert entry["arrival_date"] == row["arrival_date"].date().isoformat()
        assert (entry["unit"], entry["why_es"]) == (row["unit"], row["why_es"])
        assert float(entry["expected_value"]) == row["expected_value"]
        assert int(entry["rooms"]) == row["rooms"]
    assert as_csv(rows.copy()) == written


def test_words_with_commas_quotes_and_line_ends_stay_in_their_cells():
    rows, _ = made(ground_of(2))
    odd = 'a "deluxe", large\nroom; ñ'
    read = list(csv.DictReader(io.StringIO(as_csv(rows.assign(reason_1_en=odd)).decode(), newline="")))
    assert {row["reason_1_en"] for row in read} == {odd}


def test_a_price_that_nobody_knew_is_an_empty_cell():
    ground = ground_of(3)
    unknown = replace(ground.prospect, price=np.full(len(ground.book.at), np.nan))
    blind = replace(ground, prospect=unknown)
    rows, _ = made(blind, blind.places(blind.book.greatest(risks(blind))))
    read = list(csv.DictReader(io.StringIO(as_csv(rows).decode(), newline="")))
    assert {(row["price"], row["worth"], row["expected_value"]) for row in read} == {("", "0.0", "-3.0")}


def test_a_value_that_rounds_to_nothing_has_no_sign():
    ground = ground_of(3)
    free = ground.under(costs=replace(COSTS, call=0.001, talked_out=0.0, persuaded=0.0))
    rows, _ = made(free, free.places(free.book.greatest(risks(free))))
    assert not rows["expected_value"].to_numpy().any()
    assert b"-0.0" not in as_csv(rows)


def test_lists_with_nobody_on_them_are_a_heading():
    ground = ground_of(4)
    rows, listed = made(ground, np.full(len(ground.book), NOT_LISTED))
    assert (len(rows), len(listed)) == (0, 0)
    assert as_csv(rows).decode().split("\r\n") == [",".join([*TOLD, *SCHEMA.unit]), ""]


def test_it_names_the_night_and_not_the_day_after():
    ground = ground_of(5)
    rows, listed = made(ground)
    assert [night.date().isoformat() for night in rows["night"]] == [
        iso(int(night)) for night in ground.book.night[listed]
    ]
