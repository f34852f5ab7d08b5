"""Why the listed units are on their lists, by the model that scored their night: in words, and how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from vispera.fitting import Recipe
from vispera.money.book import Book
from vispera.money.reason import Reason, Usual, explained, in_columns, no_reasons
from vispera.replay.season import Scored

T = TypeVar("T")

SCHEMA = 1
"""Number of the shape of reasons.json."""


@dataclass(frozen=True)
class Reasoned:
    """Why some unit-nights are on their lists.

    ``texts`` by column of the sheet, in the order of the unit-nights; ``found`` the reasons behind them, of
    none where the model of the night cannot explain; ``declined`` whether that was so on any night.
    """

    texts: dict[str, list[str]]
    found: Sequence[tuple[Reason, ...]]
    declined: bool


def in_words(book: Book, scored: Scored, recipe: Recipe, listed: np.ndarray) -> dict[str, list[str]]:
    """Texts by column of the sheet, for the listed unit-nights (in their order).

    A model that cannot explain says so in the first reason of each row.
    """
    return reasoned(book, scored, recipe, listed).texts


def reasoned(book: Book, scored: Scored, recipe: Recipe, listed: np.ndarray) -> Reasoned:
    """Why the listed unit-nights (in their order) are on their lists.

    A unit of several bookings speaks through the riskiest of them.
    """
    rows = book.riskiest(scored.p)[listed]
    schema, spec, nights = book.table.schema, recipe.features, book.nights
    place = np.searchsorted(nights, book.at.night)
    usual = Usual.of(scored.rows.x, place, len(nights), schema, spec)
    texts: dict[str, list[str]] = {}
    reasons: list[tuple[Reason, ...]] = [()] * len(rows)
    declined = False
    for stretch, fitted in scored.fits:
        night = book.at.night[rows]
        inside = np.flatnonzero((stretch.first <= night) & (night <= stretch.last))
        own = rows[inside]
        x = scored.rows.x.iloc[own]
        bookings = book.table.rows.iloc[book.at.position[own]]
        shares = usual.frame(place[own], x.index)
        found = explained(fitted, x, bookings, schema, spec, shares)
        for name, column in in_columns(found, recipe.name, len(own)).items():
            _put(column, inside, texts.setdefault(name, [""] * len(rows)))
        if found is None:
            declined = True
        else:
            _put(found, inside, reasons)
    return Reasoned(texts, reasons, declined)


def _put(values: Sequence[T], places: np.ndarray, whole: list[T]) -> None:
    for place, value in zip(places.tolist(), values, strict=True):
        whole[place] = value


def how_often(why: Reasoned, model: str) -> dict[str, Any]:
    """How often each theme was the first reason of a row, and any of its reasons; content of reasons.json.

    ``raises`` of the latter say that the risk is greater for it, ``without`` rows have no reason at all. Of a
    ``model`` that cannot explain ``declined`` says so by language; it is None of any other.
    """
    first = Counter(row[0].theme for row in why.found if row)
    anywhere = Counter(reason.theme for row in why.found for reason in row)
    raises = Counter(reason.theme for row in why.found for reason in row if reason.raises)
    often = sorted(anywhere, key=lambda theme: (-first[theme], -anywhere[theme], theme))
    return {
        "schema": SCHEMA,
        "rows": len(why.found),
        "declined": no_reasons(model) if why.declined else None,
        "without": sum(not row for row in why.found),
        "themes": {
            theme: {"first": first[theme], "any": anywhere[theme], "raises": raises[theme]} for theme in often
        },
    }
