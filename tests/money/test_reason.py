"""Reasons in words: they add up, they tell the direction, they say the same in every language."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evening import (
    NIGHT,
    Evening,
    assert_equal_numbers,
    each_explaining,
    evening,
    learned,
    numbers,
    usual_of,
)
from learnable import config
from night import scrambled
from vispera.errors import Declined
from vispera.feature import FeatureSpec
from vispera.money.reason import LEAST, Reason, Usual, columns, no_reasons, reasons
from vispera.money.theme import by_theme
from vispera.text import LANGUAGES


@each_explaining
def test_main_reasons_raise_most_first_and_only_then_lower(name, explained):
    this, _, explanation = explained(name)
    themes = by_theme(explanation, this.table.schema, this.spec)
    for row, given in zip(themes.to_dict("records"), this.of(explanation), strict=True):
        moved = [reason.contribution for reason in given]
        raising = sorted((value for value in row.values() if value >= LEAST), reverse=True)
        lowering = sorted(value for value in row.values() if value <= -LEAST)
        assert moved == pytest.approx([*raising, *lowering][:3], abs=1e-9)
        for reason in given:
            assert reason.text["en"].startswith("More risk: " if reason.raises else "Less risk: ")
            assert reason.text["es"].startswith("Más riesgo: " if reason.raises else "Menos riesgo: ")


@each_explaining
def test_both_languages_give_equal_numbers(name, explained):
    this, _, explanation = explained(name)
    given = [reason for row in this.of(explanation) for reason in row]
    assert len({reason.theme for reason in given}) >= 4
    for reason in given:
        assert_equal_numbers(reason)


@each_explaining
def test_every_listed_unit_has_three_reasons(name, explained):
    this, fitted, explanation = explained(name)
    riskiest = np.argsort(-fitted.predict(this.rows.x).p, kind="stable")[:30]
    given = this.of(explanation)
    assert all(len({reason.theme for reason in given[at]}) == 3 for at in riskiest)


@pytest.mark.parametrize("name", ["gradient_boosting", "extra_trees"])
def test_a_model_that_cannot_explain_says_so_in_every_language(name, explained):
    with pytest.raises(Declined, match="no reasons"):
        explained(name)
    told = no_reasons(name)
    assert set(told) == set(LANGUAGES)
    assert told["en"].startswith(f"No reasons: the model {name} cannot tell")
    assert told["es"].startswith(f"Sin motivos: el modelo {name} no puede")


def test_a_model_that_knows_nothing_moves_nothing(explained):
    this, _, explanation = explained("prior")
    given = this.of(explanation)
    assert given == [()] * len(this.rows)
    made = columns(given[:2])
    assert list(made) == [f"reason_{place}_{code}" for code in LANGUAGES for place in (1, 2, 3)]
    assert made["reason_1_es"][0].startswith("Sin motivos: nada de lo que se sabe")
    assert made["reason_2_es"] == ["", ""]


def test_columns_of_a_list_hold_the_texts_in_their_places(tonight):
    given = tonight.pushed({"nights": 0.4, "hotel": 0.2})[:1]
    made = columns(given)
    assert made["reason_1_en"] == [given[0][0].text["en"]]
    assert made["reason_2_es"] == [given[0][1].text["es"]]
    assert made["reason_3_en"] == made["reason_3_es"] == [""]


def test_the_strongest_feature_speaks_for_its_theme_unless_another_tells_the_direction(tonight):
    x, usual = tonight.rows.x, usual_of(tonight)
    high = x["rate_agent"].mul(100).round() > x["rate_overall"].mul(100).round()
    lately = x["cancelled_28_agent"].mul(100).round() > usual["cancelled_28_agent"].mul(100).round()
    assert (lately & ~high).any()
    near = tonight.pushed({"rate_agent": 0.5, "cancelled_28_agent": 0.3})
    far = tonight.pushed({"rate_agent": 0.5, "cancelled_28_agent": 0.2})
    for at in range(len(x)):
        strongest, other = (given[at][0].text["en"] for given in (near, far))
        assert ("cancellation rate" in strongest) == ("cancellation rate" in other) == high[at]
        assert ("in the last 28 days" in strongest) == (lately[at] and not high[at])
        assert "in the last 28 days" not in other


def test_lead_time_is_one_reason_however_it_was_counted(tonight):
    for name in ("lead_time", "days_since_booking"):
        for lead, (reason,) in zip(tonight.bookings["lead_time"], tonight.pushed({name: 0.1}), strict=True):
            assert reason.theme == "lead_time"
            assert numbers(reason.text["en"], "en") == ([lead] if lead else [])


def test_ties_go_by_name_and_small_moves_are_no_reason(tonight):
    equal = dict.fromkeys(("nights", "meal", "hotel", "customer_type"), 0.2)
    row = tonight.pushed({**equal, "days_left": 0.3})[0]
    assert [reason.theme for reason in row] == ["days_left", "customer_type", "hotel"]
    row = tonight.pushed({"nights": 0.2, "hotel": LEAST / 2, "meal": -LEAST / 2})[0]
    assert [reason.theme for reason in row] == ["nights"]
    row = tonight.pushed({"nights": 0.1, "hotel": -0.2, "meal": -0.2, "customer_type": -0.3})[0]
    assert [reason.theme for reason in row] == ["nights", "customer_type", "hotel"]
    assert [reason.raises for reason in row] == [True, False, False]
    cancelling = tonight.pushed({"lead_time": 0.3, "days_since_booking": -0.3, "nights": 0.1})[0]
    assert [reason.theme for reason in cancelling] == ["nights"]


@each_explaining
def test_reasons_of_a_row_do_not_depend_on_the_others(name, explained):
    this, fitted, explanation = explained(name)
    usual = usual_of(this)
    order = np.random.default_rng(0).permutation(len(this.rows))[:60]
    rows = this.rows.take(order)
    some = reasons(
        fitted.explain(rows.x),
        rows.x,
        this.bookings.iloc[order],
        this.table.schema,
        this.spec,
        usual=usual.iloc[order],
    )
    everyone = this.of(explanation)
    assert [[r.text for r in row] for row in some] == [[r.text for r in everyone[at]] for at in order]


def test_the_average_of_a_night_has_the_same_bits_in_every_order_and_in_parts(tonight):
    x, which, said = (
        tonight.rows.x,
        np.zeros(len(tonight.rows), dtype=int),
        (tonight.table.schema, tonight.spec),
    )
    expected = usual_of(tonight).iloc[0]
    order = np.random.default_rng(1).permutation(len(x))
    shuffled = Usual.of(x.iloc[order], which, 1, *said)
    assert (shuffled.frame(which, x.index).to_numpy() == expected.to_numpy()).all()
    early, late = (Usual.of(x.iloc[part], which[part], 1, *said) for part in (slice(70), slice(70, None)))
    assert ((early + late).frame(which, x.index).to_numpy() == expected.to_numpy()).all()
    two = np.where(np.arange(len(x)) < 50, 0, 1)
    apart = Usual.of(x, two, 2, *said).frame(two, x.index)
    assert apart["off_books_hotel"].iloc[0] == pytest.approx(x["off_books_hotel"].iloc[:50].mean())
    assert apart["off_books_hotel"].iloc[-1] == pytest.approx(x["off_books_hotel"].iloc[50:].mean())


def test_what_is_not_known_on_the_night_changes_no_reason(simulated_table, explained):
    """Later bookings gone, outcomes, mutable and check-in fields made up, rows shuffled: the same reasons."""
    this, fitted, explanation = explained("catboost")
    told = by_unit(this, this.of(explanation))
    other = evening(scrambled(simulated_table, NIGHT, seed=3), this.spec)
    assert by_unit(other, other.of(fitted.explain(other.rows.x))) == told
    blind = replace(this, bookings=this.bookings[list(simulated_table.schema.known("booking"))])
    assert by_unit(blind, blind.of(explanation)) == told


def by_unit(this: Evening, given: list[tuple[Reason, ...]]) -> list[tuple[object, ...]]:
    keyed = zip(this.rows.unit.tolist(), given, strict=True)
    return sorted((unit, *(tuple(sorted(reason.text.items())) for reason in row)) for unit, row in keyed)


def test_frames_of_other_lengths_are_a_bug(tonight):
    shorter = replace(tonight, bookings=tonight.bookings.iloc[1:])
    with pytest.raises(ValueError, match="rows"):
        shorter.pushed({"hotel": 0.1})


@pytest.mark.slow
@pytest.mark.real
@each_explaining
def test_reasons_of_the_real_bookings_hold_together(name, hotel_table):
    held = config(name)
    spec = FeatureSpec(**held["features"])
    fitted = learned(name, hotel_table, spec, tuple(held["snapshots"]))
    this = evening(hotel_table, spec)
    explanation = fitted.explain(this.rows.x)
    themes = by_theme(explanation, hotel_table.schema, spec)
    raw = fitted.predict(this.rows.x).raw
    assert np.abs(themes.sum(axis=1) + explanation.base - raw).max() < 1e-6
    for row in this.of(explanation):
        for reason in row:
            assert_equal_numbers(reason)
