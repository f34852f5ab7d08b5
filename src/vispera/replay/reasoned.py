"""Why the listed units are on their lists, in the words of the model that scored their night."""

from __future__ import annotations

import numpy as np

from vispera.errors import Declined
from vispera.fitting import Recipe
from vispera.money.book import Book
from vispera.money.reason import columns, declined, reasons, usual_shares
from vispera.replay.season import Scored


def in_words(book: Book, scored: Scored, recipe: Recipe, listed: np.ndarray) -> dict[str, list[str]]:
    """Texts by column of the sheet, for the listed unit-nights (in their order).

    A unit of several bookings speaks through the riskiest of them. A model that cannot explain says so in
    the first reason of each row.
    """
    rows = _riskiest(book, scored.p)[listed]
    schema, spec = book.table.schema, recipe.features
    usual = usual_shares(scored.rows.x, scored.rows.night, schema, spec)
    texts: dict[str, list[str]] = {}
    for stretch, fitted in scored.fits:
        night = book.at.night[rows]
        inside = np.flatnonzero((stretch.first <= night) & (night <= stretch.last))
        own = rows[inside]
        x = scored.rows.x.iloc[own]
        try:
            explained = fitted.explain(x)
        except Declined:
            found = declined(recipe.name, len(own))
        else:
            bookings = book.table.rows.iloc[book.at.position[own]]
            found = columns(reasons(explained, x, bookings, schema, spec, usual=usual.iloc[own]))
        for name, column in found.items():
            whole = texts.setdefault(name, [""] * len(rows))
            for place, text in zip(inside.tolist(), column, strict=True):
                whole[place] = text
    return texts


def _riskiest(book: Book, p: np.ndarray) -> np.ndarray:
    """Place of the riskiest pair of each unit-night, (m,): the first of those that are equally risky."""
    unit_night = np.repeat(np.arange(len(book)), book.rooms)
    order = np.lexsort((np.arange(len(p)), -p, unit_night))
    return order[book.starts] if len(book) else order
