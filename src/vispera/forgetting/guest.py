"""By what a guest is known: the keys, units and pseudonym under which lists and predictions hold their rows.

No list or prediction holds an id. So the guest's bookings are looked up in every table and extract that is
here, and named as predictions name them; and so are all others', as only a row that is known to be somebody
else's is proven to be none of theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from vispera.lazy import pandas as pd
from vispera.problem import Problem
from vispera.problem.canonical import sift
from vispera.problem.extract import Extract, batches
from vispera.problem.reading import read_as
from vispera.table import Table, content_key

Label = tuple[tuple[str, str], ...]
"""Columns of a unit and their values as text."""
BATCH = 50_000


@dataclass(frozen=True)
class Guest:
    """How lists and predictions name one guest, and everybody.

    Attributes
    ----------
    keys, units
        Row keys and units of the guest's bookings, uint64, sorted.
    known_keys, known_units
        Those of all bookings that are here.
    labels
        The guest's units as a replay's page labels them.
    pseudonym
        Their name on lists; empty where the workspace has no key.
    bookings
        How many of theirs there are, by table or extract.
    """

    id: str = field(repr=False)
    column: str
    keys: np.ndarray
    units: np.ndarray
    known_keys: np.ndarray
    known_units: np.ndarray
    labels: frozenset[Label] = field(repr=False)
    pseudonym: str = field(repr=False)
    bookings: dict[str, int]

    @cached_property
    def unit_names(self) -> frozenset[str]:
        """The guest's units as lists write them."""
        return frozenset(f"{unit:016x}" for unit in self.units.tolist())

    @cached_property
    def known_unit_names(self) -> frozenset[str]:
        """All units as lists write them."""
        return frozenset(f"{unit:016x}" for unit in self.known_units.tolist())

    def is_in(self, column: pd.Series) -> np.ndarray:
        """True where a column of guests as text holds them, (n,) bool."""
        return _is(read_as(column, "identifier").values, self.id)


@dataclass(frozen=True)
class _Traces:
    """Of the bookings of one table: keys and units of all, and which are the guest's, (n,) each."""

    name: str
    keys: np.ndarray
    units: np.ndarray
    mine: np.ndarray
    labels: frozenset[Label]


def find(
    problem: Problem,
    guest: str,
    column: str,
    pseudonym: str,
    tables: Iterable[tuple[str, Table]],
    extracts: Iterable[tuple[str, Extract]],
) -> Guest:
    """The guest as every table and extract knows them; both come with what they are called."""
    traces = [_of_table(name, table, column, guest) for name, table in tables]
    traces += [_of_extract(name, problem, extract, column, guest) for name, extract in extracts]
    return Guest(
        guest,
        column,
        _together(one.keys[one.mine] for one in traces),
        _together(one.units[one.mine] for one in traces),
        _together(one.keys for one in traces),
        _together(one.units for one in traces),
        frozenset().union(*(one.labels for one in traces)),
        pseudonym,
        {one.name: int(one.mine.sum()) for one in traces},
    )


def _together(parts: Iterable[np.ndarray]) -> np.ndarray:
    return np.unique(np.concatenate([np.zeros(0, dtype=np.uint64), *parts]))


def _is(values: pd.Series, guest: str) -> np.ndarray:
    return values.fillna("").astype("str").eq(guest).to_numpy(dtype=bool)


def _of_table(name: str, table: Table, column: str, guest: str) -> _Traces:
    mine = _is(table.rows.loc[:, column], guest)
    return _Traces(name, table.row_key, table.unit, mine, frozenset(_labels(table, mine)))


def _labels(table: Table, mine: np.ndarray) -> Iterator[Label]:
    """As a replay writes them, which takes each booking as one row by itself."""
    for position in np.flatnonzero(mine):
        facts = table.rows.iloc[position]
        yield tuple(sorted((name, str(facts[name])) for name in table.schema.unit))


def _of_extract(name: str, problem: Problem, extract: Extract, column: str, guest: str) -> _Traces:
    """Read in batches; twins are numbered among all of the extract, as scoring does."""
    parts = [_usable(problem, raw, extract.bookings.name) for raw in batches(extract.bookings, BATCH)]
    facts = np.concatenate([part.fact_key for part in parts])
    ordinal = pd.Series(facts).groupby(facts).cumcount().to_numpy()
    mine = [_is(part.rows.loc[:, column], guest) for part in parts]
    labels = [frozenset(_labels(part, one)) for part, one in zip(parts, mine, strict=True)]
    return _Traces(
        name,
        content_key(pd.DataFrame({"facts": facts, "ordinal": ordinal})),
        np.concatenate([part.unit for part in parts]),
        np.concatenate(mine),
        frozenset().union(*labels),
    )


def _usable(problem: Problem, raw: pd.DataFrame, where: str) -> Table:
    """The bookings that could have been scored, under the declared names."""
    sifted = sift(problem.open_book(raw), problem.schema, where, "open_book")
    return Table(sifted.rows, problem.schema, problem.name, "")
