"""The test that matters, for whole lists: what a night did not know changes no byte of its list."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from conftest import problem
from learnable import config
from night import scrambled
from vispera.asof import Ledger
from vispera.clock import day, iso
from vispera.door.building import build
from vispera.fitting import Recipe
from vispera.money.call_list import ListSettings
from vispera.money.price import Prices
from vispera.money.sheet import Scores, as_csv, on_lists, sheet
from vispera.problem.canonical import sort_by_content
from vispera.replay.plan import Plan
from vispera.replay.reasoned import in_words
from vispera.replay.season import score, stretches
from vispera.replay.sensitivity import Sensitivity
from vispera.table import Table

SMALL: dict[str, dict[str, Any]] = {
    "catboost": {"iterations": 60, "learning_rate": 0.2},
    "gradient_boosting": {"iterations": 10},
    "logistic": {},
    "rule": {},
}


def recipe(name: str) -> Recipe:
    values = config(name, threads=1)
    values["estimator"] |= SMALL[name]
    return build(Recipe, {**values, "space": {}})


def list_of(table: Table, hotel, name: str, night: int, order: Any = "value") -> bytes:
    """One night's list, its model refitted on the eve, as ``lists.csv`` has it."""
    own = recipe(name)
    plan = Plan(
        problem=hotel,
        recipes={"rule": own},
        role="rule",
        settings=ListSettings(order=order, control_share=0.2),
        sensitivity=Sensitivity(),
        seed=0,
    )
    ground = plan.ground(table, night, night)
    scored = score(ground.book, own, Ledger(table, 14), stretches(night, night, "never"))
    lists = plan.lists(ground, scored.p)
    reasons = in_words(ground.book, scored, own, on_lists(ground.book, lists.places))
    scores = Scores(lists.risk, lists.expected)
    return as_csv(
        sheet(ground.book, ground.prospect, ground.costs, scores, lists.places, ground.control, reasons)
    )


def not_yet_known(table: Table, night: int, seed: int) -> Table:
    """The table with all that the night did not know made up, in canonical form, without unused levels."""
    made_up = scrambled(table, night, seed)
    rows = sort_by_content(made_up.rows)
    used = {
        str(name): values.cat.remove_unused_categories()
        for name, values in rows.items()
        if isinstance(values.dtype, pd.CategoricalDtype)
    }
    return replace(made_up, rows=rows.assign(**used))


@pytest.fixture(scope="module")
def hotel():
    return problem("simulated", "problem.settings.rows=6000")


@pytest.fixture(scope="module")
def small(cache) -> Table:
    return problem("simulated", "problem.settings.rows=6000", f"data.cache={cache}").load()


def nights(table: Table, count: int) -> list[int]:
    last = int(table.arrival.max()) - 14
    return [int(night) for night in np.random.default_rng(5).integers(last - 300, last, count)]


@pytest.mark.parametrize("name", SMALL)
def test_what_a_night_did_not_know_changes_no_byte_of_its_list(small, hotel, name):
    for seed, night in enumerate(nights(small, 3)):
        order = "value" if seed == 0 else "risk"
        whole = list_of(small, hotel, name, night, order)
        assert len(whole.splitlines()) > 2, "a list with nobody on it proves nothing"
        assert list_of(not_yet_known(small, night, seed), hotel, name, night, order) == whole


def test_a_price_from_the_booking_itself_would_be_seen(small, hotel, monkeypatch):
    night = nights(small, 1)[0]
    monkeypatch.setattr(Prices, "as_of", lambda self, at: self.own()[at.position])
    whole = list_of(small, hotel, "rule", night)
    assert list_of(not_yet_known(small, night, 0), hotel, "rule", night) != whole


@pytest.mark.slow
@pytest.mark.parametrize("name", ["logistic", "catboost"])
def test_so_it_is_on_the_real_bookings(hotel_table, real_place, name):
    hotel = problem("hotel", f"data.path={real_place}")
    night = day("2017-04-20")
    whole = list_of(hotel_table, hotel, name, night)
    assert whole.count(b"\r\n") == 11, iso(night)
    assert list_of(not_yet_known(hotel_table, night, 1), hotel, name, night) == whole
