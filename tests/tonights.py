"""Evenings without a training: a quick fit of the simulated bookings, and extracts of their nights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from conftest import problem
from vispera.asof import Ledger
from vispera.clock import day, iso
from vispera.commands.train import Arguments
from vispera.door.application import composed
from vispera.door.building import arguments
from vispera.feature.snapshot import tables
from vispera.files import plain, write_folder
from vispera.fitting import Recipe, fit_final, prepare
from vispera.model import artefact
from vispera.money.call_list import ListSettings
from vispera.money.price import Prices
from vispera.money.value import kept
from vispera.problem import Problem
from vispera.problem.extract import Extract, extract_of, find_extract
from vispera.table import Table
from vispera.tonight.desk import Asked
from vispera.tonight.intake import Intake
from vispera.tonight.scoring import Scoring

UNTIL = day("2017-04-30")
NIGHT = UNTIL + 1
HORIZON = 14


@dataclass(frozen=True)
class Evening:
    """What a test of an evening needs, all of it real."""

    problem: Problem
    table: Table
    recipe: Recipe
    scoring: Scoring
    place: Path

    def extract(self, night: int = NIGHT) -> Extract:
        folder = self.place / "extracts" / iso(night)
        if not folder.exists():
            write_folder(folder, extract_of(self.table, night))
        found = find_extract(folder.parent, iso(night))
        assert found is not None
        return found

    def intake(self, extract: Extract | None = None, night: int = NIGHT) -> Intake:
        return Intake(self.problem, extract or self.extract(night), self.scoring, night)

    def asked(self, called: np.ndarray | None = None, capacity: int = 10, **settings) -> Asked:
        decision = self.problem.decision
        assert decision.costs
        assert decision.worth
        nobody = np.array([], dtype=np.uint64)
        called = nobody if called is None else called
        return Asked(ListSettings(**settings), capacity, decision.costs, decision.worth, 0, called)

    def changed(self, name: str, rows: pd.DataFrame, ending: str = ".csv") -> Extract:
        """The night's extract with other bookings, beside the same further sources."""
        folder = self.place / "extracts" / name
        folder.mkdir()
        path = folder / f"bookings{ending}"
        if ending == ".csv":
            rows.to_csv(path, index=False)
        else:
            rows.to_parquet(path, index=False)
        return replace(self.extract(), bookings=path)

    def bookings(self, night: int = NIGHT) -> pd.DataFrame:
        return pd.read_csv(self.extract(night).bookings, dtype=str, keep_default_na=False)


def recipe(model: str, *words: str) -> Recipe:
    return arguments(Arguments, composed("train", [f"model={model}", "tracker=none", *words])).model


def evening(place: Path, table: Table, made: Recipe) -> Evening:
    """A model that has learned until ``UNTIL``, written and read back."""
    asked = problem("simulated")
    ledger = Ledger(table, HORIZON)
    fitted = fit_final(prepare(table, made, ledger, HORIZON), made, UNTIL)
    worth = kept(Prices(table, asked.decision.worth), HORIZON, UNTIL)
    told = {
        "name": made.name,
        "features": made.features,
        "horizon_days": HORIZON,
        "stale_days": made.stale_days,
    }
    artefact.write(
        place / "model",
        fitted,
        problem="simulated",
        run="a-test",
        trained_until=iso(UNTIL),
        recipe=plain(told),
        tables={**tables(ledger, made.features, UNTIL), **worth},
    )
    return Evening(asked, table, made, Scoring.of(artefact.read(place / "model"), asked), place)
