"""Why the listed units are on their lists, in the words of the model that scored their night."""

from __future__ import annotations

import numpy as np

from vispera.fitting import Recipe
from vispera.money.book import Book
from vispera.money.reason import Usual, told
from vispera.replay.season import Scored


def in_words(book: Book, scored: Scored, recipe: Recipe, listed: np.ndarray) -> dict[str, list[str]]:
    """Texts by column of the sheet, for the listed unit-nights (in their order).

    A unit of several bookings speaks through the riskiest of them. A model that cannot explain says so in
    the first reason of each row.
    """
    rows = book.riskiest(scored.p)[listed]
    schema, spec, nights = book.table.schema, recipe.features, book.nights
    place = np.searchsorted(nights, book.at.night)
    usual = Usual.of(scored.rows.x, place, len(nights), schema, spec)
    texts: dict[str, list[str]] = {}
    for stretch, fitted in scored.fits:
        night = book.at.night[rows]
        inside = np.flatnonzero((stretch.first <= night) & (night <= stretch.last))
        own = rows[inside]
        x = scored.rows.x.iloc[own]
        bookings = book.table.rows.iloc[book.at.position[own]]
        shares = usual.frame(place[own], x.index)
        found = told(fitted, recipe.name, x, bookings, schema, spec, shares)
        for name, column in found.items():
            whole = texts.setdefault(name, [""] * len(rows))
            for spot, text in zip(inside.tolist(), column, strict=True):
                whole[spot] = text
    return texts
