"""What a fitted model uses: mean contribution where it explains exactly, loss without a feature elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vispera.errors import Declined
from vispera.model import Fitted
from vispera.table import Rows

MOST_ROWS = 4000
"""Rows that are asked about; more hardly move a mean."""


@dataclass(frozen=True)
class Importance:
    """``values`` by feature, largest first, and the ``method`` by which they were found.

    ``contribution``: mean absolute contribution to the raw log-odds. ``permutation``: rise of the log-loss
    when the feature's values are shuffled between rows, 0 where it does not rise. ``reason`` is why the
    model has no exact contributions.
    """

    method: str
    values: dict[str, float]
    reason: str | None = None


def importance(fitted: Fitted, rows: Rows, seed: int) -> Importance:
    """What the model uses on rows that it did not learn from, at most ``MOST_ROWS`` of them."""
    rng = np.random.default_rng(seed)
    if len(rows) > MOST_ROWS:
        rows = rows.take(np.sort(rng.choice(len(rows), MOST_ROWS, replace=False)))
    try:
        contributions = fitted.explain(rows.x).contributions
        found = {name: float(np.abs(contributions[name].to_numpy()).mean()) for name in contributions}
        return Importance("contribution", _largest_first(found))
    except Declined as declined:
        return Importance("permutation", _largest_first(_permuted(fitted, rows, rng)), str(declined))


def _permuted(fitted: Fitted, rows: Rows, rng: np.random.Generator) -> dict[str, float]:
    """Rise of the mean log-loss by feature when its values change places."""
    whole = _log_loss(fitted, rows.x, rows.y)
    found = {}
    for name in rows.x:
        moved = rows.x[name].take(rng.permutation(len(rows))).set_axis(rows.x.index)
        rise = _log_loss(fitted, rows.x.assign(**{name: moved}), rows.y) - whole
        found[name] = max(rise, 0.0)
    return found


def _log_loss(fitted: Fitted, x, y: np.ndarray) -> float:
    p = fitted.predict(x).p
    return float(-np.mean(np.where(y == 1, np.log(p), np.log1p(-p))))


def _largest_first(values: dict[str, float]) -> dict[str, float]:
    return dict(sorted(values.items(), key=lambda item: (-item[1], item[0])))
