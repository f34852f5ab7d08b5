"""Themes: every feature belongs to one, they add up, and none is of what is not known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evening import (
    COUNTS,
    EVERYTHING,
    NIGHT,
    each_explaining,
    evening,
    explanation_of,
)
from night import HORIZON
from vispera.asof import Ledger, open_book
from vispera.errors import ContractBroken, GateRefused
from vispera.feature import build
from vispera.money.theme import by_theme, meanings


@each_explaining
def test_themes_and_base_add_up_to_the_raw_log_odds(name, explained):
    this, fitted, explanation = explained(name)
    themes = by_theme(explanation, this.table.schema, this.spec)
    assert len(themes.columns) >= 4
    raw = fitted.predict(this.rows.x).raw
    assert np.abs(themes.sum(axis=1).to_numpy() + explanation.base - raw).max() < 1e-6
    for row, given in zip(themes.to_dict("records"), this.of(explanation), strict=True):
        for reason in given:
            assert reason.contribution == pytest.approx(row[reason.theme], abs=1e-9)


@pytest.mark.parametrize("spec", [EVERYTHING, COUNTS, replace(COUNTS, rate_days=None, days=(3,))])
def test_every_feature_has_a_meaning_and_nothing_else_has(table, spec):
    at = open_book(table, NIGHT, HORIZON)
    made = build(table, at, spec, Ledger(table, HORIZON)).x
    assert list(meanings(table.schema, spec)) == list(made)


@pytest.mark.parametrize(
    ("changed", "feature", "column"),
    [
        ({"facts": ("hotel", "country")}, "country", "check_in"),
        ({"facts": ("adr",)}, "adr", "mutable"),
        ({"rates": ("hotel+reservation_status",)}, "rate_91_hotel+reservation_status", "outcome"),
        ({"recent": ("assigned_room_type",)}, "cancelled_7_assigned_room_type", "check_in"),
        ({"books": ("country",)}, "off_books_country", "check_in"),
    ],
)
def test_no_reason_is_made_of_what_is_not_known_when_a_booking_is_made(tonight, changed, feature, column):
    leaking = replace(tonight, spec=replace(tonight.spec, **changed))
    with pytest.raises(GateRefused, match=f"which is {column}: no reason is made"):
        leaking.of(explanation_of(leaking, {"days_left": 0.1, feature: 0.0}), usual=None)


def test_a_feature_that_the_run_does_not_make_is_named_with_the_nearest(tonight):
    with pytest.raises(ContractBroken, match=r"feature 'rate_agnet' has .*closest: 'rate_agent'"):
        tonight.of(explanation_of(tonight, {"rate_agnet": 0.1}))


def test_a_theme_of_several_columns_of_a_group(tonight):
    spec = replace(tonight.spec, rates=("hotel+agent",), recent="none", books="none")
    this = evening(tonight.table, spec)
    at = int(np.argmax(this.rows.x["rate_hotel+agent"]))
    text = this.pushed({"rate_hotel+agent": 0.4})[at][0].text
    hotel, agent = this.bookings["hotel"].iloc[at], this.bookings["agent"].iloc[at]
    assert f"past bookings at the {hotel} by travel agent {agent} have" in text["en"]
    assert f"las reservas anteriores en el {hotel} de la agencia {agent} tienen" in text["es"]
