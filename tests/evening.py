"""The open book of a night, its features and fits that explain them, as reasons are made of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from learnable import option
from night import HORIZON
from vispera.asof import Ledger, open_book, snapshots
from vispera.clock import day
from vispera.feature import FeatureSpec, build, training_weights
from vispera.model import Explanation
from vispera.money.reason import Reason, Usual, reasons
from vispera.table import Rows, Table
from vispera.text import LANGUAGES, language

NIGHT = day("2017-03-10")


CUTOFF = day("2017-02-28")


EVERYTHING = FeatureSpec(rates="all", recent="all", books="all", sources="all")


COUNTS = replace(EVERYTHING, form="count")


EXPLAINING = {"catboost": {"iterations": 60}, "logistic": {}, "rule": {}}


@dataclass(frozen=True)
class Evening:
    """The open book of a night as a list is made of it."""

    table: Table
    spec: FeatureSpec
    rows: Rows
    bookings: pd.DataFrame

    def of(self, explanation: Explanation, **changed: Any) -> list[tuple[Reason, ...]]:
        given = changed or {"usual": usual_of(self)}
        return reasons(explanation, self.rows.x, self.bookings, self.table.schema, self.spec, **given)

    def pushed(self, contributions: dict[str, float]) -> list[tuple[Reason, ...]]:
        """Reasons of rows whose features were given these contributions, the others none."""
        zeros = dict.fromkeys(self.rows.x, 0.0)
        n = len(self.rows)
        made = pd.DataFrame([{**zeros, **contributions}] * n, index=self.rows.x.index)
        return self.of(Explanation(made, np.zeros(n)))


def evening(table: Table, spec: FeatureSpec = EVERYTHING, night: int = NIGHT) -> Evening:
    at = open_book(table, night, HORIZON)
    bookings = table.rows.iloc[at.position]
    return Evening(table, spec, build(table, at, spec, Ledger(table, HORIZON)), bookings)


def learned(name: str, table: Table, spec: FeatureSpec, distances: tuple[int, ...], cutoff: int = CUTOFF):
    at = snapshots(table, distances)
    at = at.take(table.arrival[at.position] <= cutoff)
    rows = build(table, at, spec, Ledger(table, HORIZON))
    return option(name, **EXPLAINING.get(name, {})).fit(rows, training_weights(table, at, distances))


def numbers(text: str, code: str) -> list[float]:
    """Numbers of a text in the order of their size, read as the language writes them."""
    form = language(code).texts["form"]
    plain = re.sub(rf"(?<=\d){re.escape(form['group'])}(?=\d\d\d)", "", text)
    found = re.findall(rf"-?\d+(?:{re.escape(form['decimal'])}\d+)?", plain)
    return sorted(float(number.replace(form["decimal"], ".")) for number in found)


def assert_equal_numbers(reason: Reason) -> None:
    assert set(reason.text) == set(LANGUAGES)
    assert numbers(reason.text["en"], "en") == numbers(reason.text["es"], "es"), reason.text


each_explaining = pytest.mark.parametrize("name", EXPLAINING)


def usual_of(this: Evening) -> pd.DataFrame:
    night = np.zeros(len(this.rows), dtype=int)
    return Usual.of(this.rows.x, night, 1, this.table.schema, this.spec).frame(night, this.rows.x.index)


def explanation_of(this: Evening, contributions: dict[str, float]) -> Explanation:
    n = len(this.rows)
    return Explanation(pd.DataFrame([contributions] * n, index=this.rows.x.index), np.zeros(n))
