"""An evening is scored to the same bits in any order and any parts, and as a replay scores its night."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tonights import NIGHT, UNTIL, Evening
from vispera.asof import Ledger
from vispera.money.call_list import NOT_LISTED
from vispera.money.sheet import as_csv
from vispera.tonight.desk import lay_out, places_of
from vispera.tonight.evening import Evening as Scored
from vispera.tonight.evening import score_all
from vispera.tonight.kept import write_parts


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A workspace of its own, for the key of pseudonyms; the same for all lists of a test."""
    from typed import workspace_in

    monkeypatch.setenv("VISPERA_HOME", str(workspace_in(tmp_path / "home")))


def scored(this: Evening, extract=None, rows: int = 50_000) -> Scored:
    asked, intake = this.asked(), this.intake(extract)
    return score_all(
        this.problem, this.scoring, asked.costs, asked.worth, NIGHT, intake.batches(rows), asked.promising
    )


def kept_bytes(evening: Scored, place: Path) -> bytes:
    write_parts(place / "scores.parquet", evening.scores())
    return (place / "scores.parquet").read_bytes()


def listed(this: Evening, extract=None, rows: int = 50_000, **asked) -> pd.DataFrame:
    intake, wanted = this.intake(extract), this.asked(**asked)
    batches = intake.batches(rows)
    evening = score_all(
        this.problem, this.scoring, wanted.costs, wanted.worth, NIGHT, batches, wanted.promising
    )
    return lay_out(
        this.problem, this.scoring, evening, wanted, lambda places: intake.again(places, rows), NIGHT
    )


@pytest.mark.parametrize("which", ["tonight", pytest.param("lines", marks=pytest.mark.slow)])
def test_lists_and_scores_do_not_depend_on_order_or_batches(which, request, tmp_path):
    this: Evening = request.getfixturevalue(which)
    whole, scores = as_csv(listed(this)), kept_bytes(scored(this), tmp_path)
    shuffled = this.bookings().sample(frac=1.0, random_state=5)
    path = tmp_path / "bookings.csv"
    shuffled.to_csv(path, index=False)
    extract = replace(this.extract(), bookings=path)
    for rows in (700, 211):
        assert as_csv(listed(this, extract, rows)) == whole
        assert kept_bytes(scored(this, extract, rows), tmp_path) == scores
    as_parquet = this.changed(f"as-parquet-{which}", shuffled, ".parquet")
    assert as_csv(listed(this, as_parquet)) == whole


def test_the_best_are_listed_and_nobody_twice(tonight: Evening):
    evening = scored(tonight)
    places = places_of(evening, tonight.asked())
    on = np.flatnonzero(places != NOT_LISTED)
    assert len(on) == 10
    assert evening.barred.any()
    others = ~evening.barred
    others[on] = False
    assert evening.expected[on].min() >= evening.expected[others].max()
    called = evening.units.unit[on[:4]]
    again = places_of(evening, tonight.asked(called=called))
    assert not (again[on[:4]] != NOT_LISTED).any()
    assert (again != NOT_LISTED).sum() == 10


def test_by_risk_the_list_is_ordered_by_risk_alone(tonight: Evening):
    made = listed(tonight, order="risk")
    assert made["risk_rank"].is_monotonic_increasing
    assert not made["value_rank"].is_monotonic_increasing


def test_controls_are_drawn_by_lot_and_marked(tonight: Evening):
    made = listed(tonight, capacity=60, control_share=0.3)
    arms = made["arm"].tolist()
    assert 0 < arms.count("control") < arms.count("call")
    assert listed(tonight, capacity=60)["unit"].tolist() == made["unit"].tolist()


def test_when_no_call_is_worth_its_cost_the_list_is_empty_and_whole(tonight: Evening):
    costs = tonight.problem.decision.costs
    assert costs is not None
    dear = replace(tonight.problem.decision, costs=replace(costs, call=10_000.0))
    this = replace(tonight, problem=replace(tonight.problem, decision=dear))
    made, full = listed(this), listed(tonight)
    assert len(made) == 0
    assert list(made) == list(full)
    assert as_csv(made).decode().strip() == ",".join(full)


def test_guests_stand_there_under_pseudonyms(tonight: Evening):
    made = listed(tonight)
    known = set(tonight.table.rows["guest_id"].dropna())
    assert made["guest"].str.fullmatch(r"[0-9a-f]{16}").all()
    text = as_csv(made).decode()
    assert not [guest for guest in known if guest in text]


def test_the_artefact_alone_serves_the_features(tonight: Evening):
    """Tables of another day give other features, and so other scores: none comes from the extract."""
    ledger = Ledger(tonight.table, 14)
    from vispera.feature.snapshot import tables

    older = {**tonight.scoring.tables, **tables(ledger, tonight.scoring.spec, UNTIL - 60)}
    other = replace(tonight, scoring=replace(tonight.scoring, tables=older))
    assert not np.array_equal(scored(other).booked.p, scored(tonight).booked.p)
