"""The test that matters, for whole lists: what their last night did not know changes no byte of any of them.

Later bookings and later rows of further sources are gone; every outcome, mutable and check-in value that was
not known is made up, every status date is another; rows come in another order, levels are dropped or added.
What must make the comparison fail does.
"""

from __future__ import annotations

from collections.abc import Callable
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
from vispera.money.call_list import ListSettings, Order
from vispera.money.notice import Notice
from vispera.money.price import Prices
from vispera.money.sheet import Scores, as_csv, on_lists, sheet
from vispera.problem.canonical import sort_by_content
from vispera.replay.plan import Plan
from vispera.replay.reasoned import in_words
from vispera.replay.season import stretches
from vispera.replay.sensitivity import Sensitivity
from vispera.table import Table

NIGHTS = 4
SMALL: dict[str, dict[str, Any]] = {
    "catboost": {"iterations": 60, "learning_rate": 0.2},
    "gradient_boosting": {"iterations": 10},
    "logistic": {},
    "rule": {},
}
NAMES = ("rule", "logistic")
"""Models that are fitted in a moment, for several nights."""


@pytest.fixture(scope="module")
def hotel():
    return problem("simulated", "problem.settings.rows=6000")


@pytest.fixture(scope="module")
def whole(cache) -> Table:
    return problem("simulated", "problem.settings.rows=6000", f"data.cache={cache}").load()


def recipe(name: str) -> Recipe:
    values = config(name, threads=1)
    values["estimator"] |= SMALL[name]
    return build(Recipe, {**values, "space": {}})


def lists_of(
    table: Table, hotel, name: str, night: int, nights: int = NIGHTS, order: Order = "value"
) -> bytes:
    """The lists of so many nights up to this one, each from a fit of its eve, as ``lists.csv`` has them."""
    own = recipe(name)
    settings = ListSettings(order=order, control_share=0.1)
    plan = Plan(
        problem=hotel,
        recipes={"rule": own},
        role="rule",
        settings=settings,
        sensitivity=Sensitivity(),
        seed=1,
    )
    first = night - nights + 1
    ground = plan.ground(table, first, night)
    ready = plan.ready(ground.book, Ledger(table, hotel.split.horizon_days))
    scored = plan.scores(ready, stretches(first, night, "nightly"))["rule"]
    lists = plan.lists(ground, scored.p)
    reasons = in_words(ground.book, scored, own, on_lists(ground.book, lists.places))
    scores = Scores.of(ground.book, lists.risk, lists.expected)
    places, control = lists.places, ground.control
    return as_csv(sheet(ground.book, ground.prospect, ground.costs, scores, places, control, reasons))


def arrived(made_up: Table, night: int) -> Table:
    """Without the rows of further sources that arrived after the night."""
    sources = {
        name: rows[(rows[made_up.schema.sources[name].known_at] <= pd.Timestamp(iso(night))).to_numpy()]
        for name, rows in made_up.sources.items()
    }
    return replace(made_up, sources=sources)


def canonical(made_up: Table, night: int) -> Table:
    """In the order of its content, with every level that there ever was."""
    return replace(arrived(made_up, night), rows=sort_by_content(made_up.rows))


def with_other_levels(made_up: Table, night: int) -> Table:
    """In the order of its content, without the levels that no row has, and with one that none will have."""
    rows = sort_by_content(made_up.rows)
    levels = {
        str(name): values.cat.remove_unused_categories().cat.add_categories(["zz"])
        for name, values in rows.items()
        if isinstance(values.dtype, pd.CategoricalDtype)
    }
    return replace(arrived(made_up, night), rows=rows.assign(**levels))


def random_night(table: Table, seed: int) -> int:
    last = int(table.arrival.max()) - 14
    return int(np.random.default_rng(seed).integers(last - 300, last))


@pytest.mark.parametrize(("seed", "form"), [(0, canonical), (1, with_other_levels)])
@pytest.mark.parametrize("name", NAMES)
def test_the_lists_of_several_nights_know_nothing_later_than_the_last(
    whole, hotel, seed: int, name: str, form: Callable[[Table, int], Table]
):
    night = random_night(whole, seed)
    lists = lists_of(whole, hotel, name, night)
    assert lists.count(b"\r\n") > NIGHTS, "lists with nobody on them prove nothing"
    assert lists_of(form(scrambled(whole, night, seed), night), hotel, name, night) == lists


@pytest.mark.parametrize(("seed", "order"), [(2, "value"), (3, "risk")])
@pytest.mark.parametrize("name", SMALL)
def test_what_a_night_did_not_know_changes_no_byte_of_its_list(whole, hotel, name: str, seed, order: Order):
    night = random_night(whole, seed)
    lists = lists_of(whole, hotel, name, night, 1, order)
    assert lists.count(b"\r\n") > 2, "a list with nobody on it proves nothing"
    made_up = with_other_levels(scrambled(whole, night, seed), night)
    assert lists_of(made_up, hotel, name, night, 1, order) == lists


@pytest.mark.slow
@pytest.mark.parametrize("name", ["logistic", "catboost"])
def test_so_it_is_on_the_real_bookings(hotel_table, real_place, name):
    real, night = problem("hotel", f"data.path={real_place}"), day("2017-04-20")
    lists = lists_of(hotel_table, real, name, night, 1)
    assert lists.count(b"\r\n") == 11
    assert lists_of(with_other_levels(scrambled(hotel_table, night, 1), night), real, name, night, 1) == lists


def test_a_price_of_the_booking_itself_would_be_seen(whole, hotel, monkeypatch):
    monkeypatch.setattr(Prices, "as_of", lambda self, at: self.own()[at.position])
    assert_seen(whole, hotel)


def test_the_tables_that_are_compared_differ_in_all_that_was_not_known(whole):
    """Later bookings are gone; of those that were open, outcomes, rates and rooms are others."""
    night = random_night(whole, 0)
    made_up = canonical(scrambled(whole, night, 0), night)
    assert len(made_up) == (whole.booked <= night).sum() < len(whole)
    assert (made_up.arrival[made_up.resolved <= night] <= made_up.arrival.max()).all()
    waiting, then = (one.rows[(one.booked <= night) & (one.resolved > night)] for one in (made_up, whole))
    for name in ("cancelled", "adr", "assigned_room_type", "outcome_date"):
        assert sorted(waiting[name].astype(str)) != sorted(then[name].astype(str)), name


def test_notice_of_later_nights_would_be_seen(whole, hotel, monkeypatch):
    honest = Notice.of

    def clairvoyant(table: Table, nights: np.ndarray, horizon_days: int) -> Notice:
        return honest(table, nights + 60, horizon_days)

    monkeypatch.setattr(Notice, "of", clairvoyant)
    assert_seen(whole, hotel)


def test_a_model_that_saw_the_outcomes_would_be_seen(whole, hotel, monkeypatch):
    honest = stretches

    def saved(first: int, last: int, refit):
        return [replace(one, cutoff=one.cutoff + 90) for one in honest(first, last, refit)]

    monkeypatch.setitem(globals(), "stretches", saved)
    assert_seen(whole, hotel)


def test_outcomes_in_place_of_the_book_would_be_seen(whole, hotel, monkeypatch):
    honest = Plan.lists

    def peeking(self, ground, p):
        return honest(self, ground, np.where(ground.hindsight.lost, 0.9, p))

    monkeypatch.setattr(Plan, "lists", peeking)
    assert_seen(whole, hotel)


def assert_seen(whole: Table, hotel) -> None:
    """The comparison fails, as it has to."""
    night = random_night(whole, 0)
    made_up = canonical(scrambled(whole, night, 0), night)
    assert lists_of(made_up, hotel, "rule", night) != lists_of(whole, hotel, "rule", night)
