"""The best that anybody could have done who knew every outcome: units assigned to the nights' slots."""

from __future__ import annotations

import numpy as np

from vispera.money.book import Book


def best_assignment(book: Book, value: np.ndarray, allowed: np.ndarray, capacity: int) -> np.ndarray:
    """Whether each unit-night is called in the assignment of greatest total value, (m,) bool.

    A unit is called on one night at most, a night has ``capacity`` slots, and nobody is called at a loss.
    ``value`` (m,) is that of a call on that night, ``allowed`` (m,) whether there may be one.

    Notes
    -----
    A transportation problem: its constraint matrix is totally unimodular, so that a vertex of the linear
    programme, which the dual simplex ends in, is whole.
    """
    from scipy.optimize import linprog
    from scipy.sparse import coo_array, vstack

    called = np.zeros(len(book), dtype=bool)
    worth = np.flatnonzero(allowed & (value > 0))
    if not len(worth) or capacity < 1:
        return called
    _, unit = np.unique(book.unit[worth], return_inverse=True)
    nights, night = np.unique(book.which[worth], return_inverse=True)
    place, one = np.arange(len(worth)), np.ones(len(worth))
    units = int(unit.max()) + 1
    rows = vstack(
        [
            coo_array((one, (unit, place)), shape=(units, len(worth))),
            coo_array((one, (night, place)), shape=(len(nights), len(worth))),
        ]
    ).tocsr()
    room = np.concatenate([np.ones(units), np.full(len(nights), float(capacity))])
    found = linprog(-value[worth], A_ub=rows, b_ub=room, bounds=(0, 1), method="highs-ds")
    if found.status != 0:
        raise RuntimeError(f"the best assignment was not found: {found.message}")
    called[worth[found.x > 0.5]] = True
    return called
