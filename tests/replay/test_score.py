"""Scores of past nights: by a model of the eve, from what had arrived by then, whatever else is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from conftest import problem
from learnable import config
from vispera.asof import Ledger
from vispera.clock import day, iso
from vispera.door.building import build
from vispera.errors import Declined, UsageError
from vispera.fitting import Recipe, prepare
from vispera.money.book import Book, read_book
from vispera.money.call_list import ListSettings
from vispera.money.notice import Notice
from vispera.replay.contender import by_value
from vispera.replay.plan import Plan
from vispera.replay.reasoned import in_words
from vispera.replay.season import Stretch, day_of, make_ready, nights_of, predictions, score, stretches
from vispera.replay.sensitivity import Sensitivity
from vispera.table import Table

FIRST, LAST = day("2017-02-26"), day("2017-03-04")


@cache
def recipe(name: str = "rule", **changed: Any) -> Recipe:
    return build(Recipe, {**config(name, threads=1), "space": {}, **changed})


@pytest.fixture(scope="module")
def hotel():
    return problem("simulated", "problem.settings.rows=6000")


@pytest.fixture(scope="module")
def table(cache) -> Table:
    return problem("simulated", "problem.settings.rows=6000", f"data.cache={cache}").load()


@pytest.fixture(scope="module")
def book(hotel, table) -> Book:
    return read_book(hotel, table, FIRST, LAST)


def scored(book: Book, over: Sequence[Stretch], own: Recipe | None = None):
    own = own or recipe()
    return score(own, make_ready(book, own, Ledger(book.table, 14)), over)


def test_each_night_is_scored_by_a_model_that_learned_from_arrivals_by_its_cutoff(book):
    table, own = book.table, recipe()
    over = stretches(FIRST, LAST, "monthly")
    found = scored(book, over)
    assert [iso(stretch.cutoff) for stretch, _ in found.fits] == ["2017-02-25", "2017-02-28"]
    material = prepare(table, own, Ledger(table, 14), 14)
    for stretch in over:
        fitted = own.estimator.fit(*material.training(table.arrival[material.at.position] <= stretch.cutoff))
        inside = (stretch.first <= book.at.night) & (book.at.night <= stretch.last)
        predicted = fitted.predict(found.rows.x.iloc[np.flatnonzero(inside)])
        np.testing.assert_array_equal(found.p[inside], predicted.p)
        np.testing.assert_array_equal(found.raw[inside], predicted.raw)


def test_outcomes_of_arrivals_after_the_cutoff_teach_nothing(book):
    """The same books, had everybody who arrived from then on cancelled on the last day."""
    table, never = book.table, stretches(FIRST, LAST, "never")
    late = table.arrival >= FIRST
    stays = late & ~table.cancelled
    rows = table.rows.assign(cancelled=table.rows["cancelled"] | stays)
    other = replace(book, table=replace(table, rows=rows))
    np.testing.assert_array_equal(scored(other, never).p, scored(book, never).p)
    assert (scored(other, stretches(FIRST, LAST, "nightly")).p != scored(book, never).p).any()


def test_a_night_alone_is_scored_as_among_others(hotel, book):
    together = scored(book, stretches(FIRST, LAST, "nightly"))
    for night in (FIRST, LAST - 2):
        alone = read_book(hotel, book.table, night, night)
        found = scored(alone, stretches(night, night, "nightly"))
        np.testing.assert_array_equal(found.p, together.p[book.at.night == night])


@pytest.mark.parametrize("name", ["rule", "logistic"])
def test_a_night_on_which_nothing_is_open_has_no_scores_and_no_reasons(hotel, table, name):
    quiet = (table.arrival >= FIRST) & (table.arrival <= FIRST + 16)
    gone = replace(table, rows=table.rows[~quiet].reset_index(drop=True))
    book = read_book(hotel, gone, FIRST - 2, FIRST + 4)
    empty = np.bincount(book.which, minlength=7) == 0
    assert empty.any()
    assert not empty.all()
    found = scored(book, stretches(FIRST - 2, FIRST + 4, "nightly"), recipe(name))
    assert np.isfinite(found.p).all()
    words = in_words(book, found, recipe(name), np.arange(min(3, len(book))))
    assert all(words["reason_1_en"])
    nobody = in_words(book, found, recipe(name), np.zeros(0, dtype=np.int64))
    assert set(nobody) == set(words)
    assert not any(nobody.values())


def test_where_there_is_nothing_to_learn_from_a_model_declines(hotel, table):
    begin = int(table.arrival.min())
    early = read_book(hotel, table, begin, begin + 1)
    with pytest.raises(Declined, match=f"rule has nothing to learn from by {iso(begin - 1)}"):
        scored(early, stretches(begin, begin + 1, "never"))


def test_a_model_of_late_snapshots_does_not_learn_from_those_who_left_before_them(hotel, table):
    """All who had arrived cancelled ten days before: open at the scoring distance, gone three days before."""
    rows = table.rows[(table.arrival >= FIRST) | (table.arrival - table.booked >= 14)].reset_index(drop=True)
    past = (rows["arrival_date"] < iso(FIRST)).to_numpy()
    left = rows["outcome_date"].mask(past, rows["arrival_date"] - np.timedelta64(10, "D"))
    gone = replace(table, rows=rows.assign(cancelled=rows["cancelled"] | past, outcome_date=left))
    book = read_book(hotel, gone, FIRST, LAST)
    with pytest.raises(Declined, match="nothing to learn from by"):
        scored(book, stretches(FIRST, LAST, "never"), recipe(snapshots=(3,)))


def test_a_unit_of_several_rooms_speaks_through_the_riskiest(book):
    """Risks and features are drawn anew, so that the rooms of a unit differ."""
    own, rng = recipe("logistic"), np.random.default_rng(0)
    found = scored(book, stretches(FIRST, LAST, "never"), own)
    x = found.rows.x.iloc[rng.permutation(len(book.at))].reset_index(drop=True)
    found = replace(found, rows=replace(found.rows, x=x), p=rng.uniform(size=len(book.at)))
    several = np.flatnonzero(book.rooms > 1)

    def words_of(pairs: np.ndarray) -> list[str]:
        alone = replace(book, at=book.at.take(pairs))
        rows = replace(found, rows=found.rows.take(pairs), p=found.p[pairs])
        return in_words(alone, rows, own, np.arange(len(pairs)))["reason_1_en"]

    rooms = [np.arange(book.starts[row], book.starts[row] + book.rooms[row]) for row in several]
    riskiest = np.array([pairs[np.argmax(found.p[pairs])] for pairs in rooms])
    spoken = in_words(book, found, own, several)["reason_1_en"]
    assert spoken == words_of(riskiest)
    assert spoken != words_of(book.starts[several]), "rooms of one unit that say the same prove nothing"


def test_a_predictions_frame_has_a_row_for_each_open_booking_of_each_night(book):
    found = predictions(scored(book, stretches(FIRST, LAST, "never")))
    assert {len(values) for values in found.values()} == {len(book.at)}
    np.testing.assert_array_equal(found["y"], book.table.cancelled[book.at.position])
    np.testing.assert_array_equal(found["unit"], book.table.unit[book.at.position])
    assert set(found["window"]) == {"replay"}


@pytest.mark.parametrize(
    ("first", "last", "says"),
    [
        ("2017-03-05", "2017-03-01", "nights.last=2017-03-01 is before nights.first=2017-03-05"),
        ("2015-07-01", "2017-03-01", "nothing had arrived by the day before it"),
        ("2017-03-01", "2030-01-01", "what became of that night is not known yet"),
        ("2017-02-30", None, "nights.first=2017-02-30: wanted a date"),
    ],
)
def test_nights_that_cannot_be_replayed_are_refused(hotel, table, first, last, says):
    with pytest.raises(UsageError, match=says):
        nights_of(hotel, table, first, last)


def test_the_first_and_the_last_night_that_can_be_replayed(hotel, table):
    first, last = int(table.arrival.min()) + 1, int(table.arrival.max()) - 14
    assert nights_of(hotel, table, iso(first), iso(last)) == (first, last)
    for beyond in ((iso(first - 1), iso(last)), (iso(first), iso(last + 1))):
        with pytest.raises(UsageError):
            nights_of(hotel, table, *beyond)
    assert day_of("shown", "2017-03-01") == day("2017-03-01")


@pytest.mark.real
def test_leaving_out_that_they_would_have_cancelled_anyway_makes_a_fortune_of_little(hotel_table, real_place):
    """The protocol's 190 EUR a night out of far less, on its nights, by the plainest of models."""
    hotel, own = problem("hotel", f"data.path={real_place}"), recipe()
    plan = Plan(
        problem=hotel,
        recipes={"rule": own},
        role="rule",
        settings=ListSettings(),
        sensitivity=Sensitivity(),
        seed=0,
    )
    first, last = day("2017-03-01"), day("2017-05-17")
    honest = plan.ground(hotel_table, first, last)
    p = scored(honest.book, stretches(first, last, "never"), own).p
    counts = np.zeros_like(honest.prospect.notice.counts)
    counts[:, :, 0] = honest.prospect.notice.counts.sum(axis=2)  # as if all of them did not turn up
    naive = replace(honest, prospect=replace(honest.prospect, notice=Notice(counts)))
    little, fortune = (by_value(ground, p).expected for ground in (honest, naive))
    assert little is not None
    assert fortune is not None
    assert 160 < fortune.mean() < 210
    assert fortune.mean() > 3.5 * little.mean() > 0
