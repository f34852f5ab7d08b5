"""The nights that are replayed, and which model scores which of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vispera.asof import KnownBy, Ledger, each_night
from vispera.clock import dates, day, iso
from vispera.errors import Declined, UsageError
from vispera.feature import build
from vispera.fitting import Material, Recipe, prepare
from vispera.model import Fitted
from vispera.money.book import Book
from vispera.problem import Problem
from vispera.split import TEST, windows
from vispera.table import Rows, Table

Refit = Literal["never", "monthly", "weekly", "nightly"]
Knowledge = Literal["nightly", "artefact"]
"""Of when rates, counts and prices are: of each night, or of the day until which the model had learned."""


@dataclass(frozen=True)
class Stretch:
    """Nights ``first`` to ``last``, scored by a model that learned from arrivals on or before ``cutoff``."""

    cutoff: int
    first: int
    last: int


def stretches(first: int, last: int, refit: Refit) -> list[Stretch]:
    """The nights from ``first`` to ``last`` by the model that scores them, whose cutoff is their eve.

    ``monthly``: anew on the eve of each first of a month, ``weekly`` of a Monday, ``nightly`` of each night.

    >>> [(iso(s.cutoff), iso(s.last)) for s in stretches(day("2017-03-01"), day("2017-04-02"), "monthly")]
    [('2017-02-28', '2017-03-31'), ('2017-03-31', '2017-04-02')]
    """
    nights = np.arange(first, last + 1)
    begins = {
        "never": lambda: np.zeros(len(nights), dtype=bool),
        "monthly": lambda: np.array([iso(int(night)).endswith("-01") for night in nights]),
        "weekly": lambda: (nights + 3) % 7 == 0,  # 1970-01-01 was a Thursday
        "nightly": lambda: np.ones(len(nights), dtype=bool),
    }[refit]()
    begins[0] = True
    starts = nights[begins]
    ends = np.append(starts[1:] - 1, last)
    return [Stretch(int(start) - 1, int(start), int(end)) for start, end in zip(starts, ends, strict=True)]


def known_to(knowledge: Knowledge, over: Sequence[Stretch]) -> KnownBy:
    """Nights whose knowledge is had on each night: its own, or the cutoff of the model that scores it."""
    if knowledge == "nightly":
        return each_night
    first, cutoff = (np.array([getattr(one, name) for one in over]) for name in ("first", "cutoff"))
    return lambda night: cutoff[np.searchsorted(first, night, side="right") - 1].astype(night.dtype)


def nights_of(problem: Problem, table: Table, first: str | None, last: str | None) -> tuple[int, int]:
    """First and last night that is replayed: as asked for, else those of the test window.

    Raises
    ------
    UsageError
        If a night's outcomes have not all matured, or nothing had arrived before the first.
    """
    test = next(window for window in windows(problem.split, table) if window.name == TEST)
    begin = day_of("first", first) if first else test.first
    end = day_of("last", last) if last else test.last
    matured = int(table.arrival.max()) - problem.split.horizon_days
    faults = []
    if end < begin:
        faults.append(f"nights.last={iso(end)} is before nights.first={iso(begin)}")
    if end > matured:
        faults.append(
            f"nights.last={iso(end)}: what became of that night is not known yet; "
            f"the last night with every outcome is {iso(matured)}; type nights.last={iso(matured)}"
        )
    if begin <= int(table.arrival.min()):
        faults.append(
            f"nights.first={iso(begin)}: nothing had arrived by the day before it, so there is nothing to "
            f"learn from; arrivals begin on {iso(int(table.arrival.min()))}"
        )
    if faults:
        raise UsageError(*faults)
    return begin, end


def day_of(name: str, text: str) -> int:
    """Day number of a date that was typed as ``nights.<name>``; UsageError if it is none."""
    try:
        return day(text)
    except ValueError:
        raise UsageError(f"nights.{name}={text}: wanted a date, such as nights.{name}=2017-03-01") from None


@dataclass(frozen=True)
class Scored:
    """Scores of every pair of a book, (n,) each, its rows, and the model of each stretch of its nights."""

    raw: np.ndarray
    p: np.ndarray
    rows: Rows
    fits: Sequence[tuple[Stretch, Fitted]]


@dataclass(frozen=True)
class Ready:
    """What a recipe learns from, and the rows that it scores: those of a book's n pairs."""

    material: Material
    rows: Rows


def make_ready(book: Book, recipe: Recipe, ledger: Ledger, known: KnownBy = each_night) -> Ready:
    """Features of everything that a recipe learns from and scores, all nights in one pass.

    ``known`` gives the nights whose knowledge the book's features have; what is learned from has each
    night's own.
    """
    material = prepare(book.table, recipe, ledger, ledger.horizon_days)
    return Ready(material, build(book.table, book.at, recipe.features, ledger.stopped(known)))


def score(
    recipe: Recipe, ready: Ready, over: Sequence[Stretch], step: Callable[..., None] | None = None
) -> Scored:
    """Scores of a book by a recipe, refitted before each stretch; never by a model that was saved.

    Each model scores all its nights in one call.

    Raises
    ------
    Declined
        If a model has nothing to learn from by its cutoff.
    """
    material, rows = ready.material, ready.rows
    arrival = material.table.arrival[material.at.position]
    raw, p, fits = np.empty(len(rows)), np.empty(len(rows)), []
    for stretch in over:
        if step:
            step(f"fit {recipe.name} as of {iso(stretch.cutoff)}")
        chosen = (arrival <= stretch.cutoff) & material.teaches
        if not chosen.any():
            raise Declined(f"{recipe.name} has nothing to learn from by {iso(stretch.cutoff)}")
        fitted = recipe.estimator.fit(*material.training(chosen))
        inside = np.flatnonzero((stretch.first <= rows.night) & (rows.night <= stretch.last))
        predicted = fitted.predict(rows.x.iloc[inside])
        raw[inside], p[inside] = predicted.raw, predicted.p
        fits.append((stretch, fitted))
    return Scored(raw, p, rows, fits)


def predictions(scored: Scored) -> dict[str, np.ndarray]:
    """Columns of a predictions frame, one row a pair of the book; its one window is called replay."""
    rows = scored.rows
    return {
        "row_key": rows.row_key,
        "unit": rows.unit,
        "night": dates(rows.night),
        "arrival": dates(rows.arrival),
        "window": np.full(len(rows), "replay"),
        "y": rows.y.astype(np.int8),
        "raw": scored.raw,
        "p": scored.p,
    }
