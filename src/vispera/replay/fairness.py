"""Whether the lists treated groups alike: who was lost, and who was called, by permitted slice.

Groups in which more are lost are called more often, and rightly so: that share alone proves nothing. Of those
who were lost, every group should be reached as often; of those who came, disturbed as seldom.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from vispera.evaluate.slices import levels
from vispera.interval import wilson
from vispera.lazy import pandas as pd
from vispera.replay.ground import Ground

SCHEMA = 1
"""Number of the shape of fairness.json."""

LEVEL = 0.95
LEAST_UNITS = 30
"""A smaller group has no shares."""

LEAST_OF = 10
"""A share of fewer units than this is none either."""


@dataclass(frozen=True)
class Share:
    """How many ``of`` those ``among``, (u,) bool each; ``whose`` says in words who they are."""

    whose: str
    among: np.ndarray
    of: np.ndarray


@dataclass(frozen=True)
class Units:
    """The u units that could be called on any night, each once.

    ``booking`` is the place in the table of a booking that was open on the first such night, (u,). ``lost``
    and ``called`` (u,) bool say whether they were so on any of them; ``caught`` whether a call was about any
    booking that was lost: one that came after the loss caught nobody.
    """

    booking: np.ndarray
    lost: np.ndarray
    called: np.ndarray
    caught: np.ndarray

    @classmethod
    def of(cls, ground: Ground, called: np.ndarray) -> Units:
        """Of the unit-nights of a ground, those that were called marked, (m,) bool."""
        book, may = ground.book, np.flatnonzero(ground.allowed)
        # sorted by night: the first of equals is the first night
        _, first, unit = np.unique(book.unit[may], return_index=True, return_inverse=True)
        flags = (ground.hit, called, called & ground.hit)
        ever = (np.bincount(unit, flag[may], minlength=len(first)) > 0 for flag in flags)
        return cls(book.first[may[first]], *ever)

    @property
    def everybody(self) -> np.ndarray:
        """All of them, (u,) bool."""
        return np.ones(len(self.called), dtype=bool)

    @property
    def shares(self) -> dict[str, Share]:
        """What is compared: selection rate, true and false positive rate, and precision."""
        return {
            "called_share": Share("units", self.everybody, self.called),
            "reached_share": Share("lost", self.lost, self.caught),
            "disturbed_share": Share("that came", ~self.lost, self.called),
            "precision": Share("called", self.called, self.caught),
        }


def fairness(ground: Ground, called: np.ndarray, columns: Sequence[str]) -> dict[str, Any]:
    """Counts and shares by column and group, and how far apart the groups lie; content of fairness.json.

    ``called`` (m,) bool marks the unit-nights that were called, ``columns`` are the permitted slices.
    """
    units = Units.of(ground, called)
    rows = ground.book.table.rows.iloc[units.booking]
    return {
        "schema": SCHEMA,
        "level": LEVEL,
        "least_units": LEAST_UNITS,
        "least_of": LEAST_OF,
        "columns": {name: _column(units, rows[name]) for name in columns},
    }


def _column(units: Units, values: pd.Series) -> dict[str, Any]:
    labels, level = levels(values)
    level = level.astype(np.int64)  # of no values at all it has no kind
    flags = {"units": units.everybody, "lost": units.lost, "called": units.called, "caught": units.caught}
    count = {name: _counted(level, len(labels), those) for name, those in flags.items()}
    told = {name: _compared(share, level, labels, count["units"]) for name, share in units.shares.items()}
    groups = []
    for place in np.flatnonzero(count["units"]).tolist():
        few = _few(count["units"][place], LEAST_UNITS, "units")
        counts = {name: int(numbers[place]) for name, numbers in count.items()}
        shares = {name: found[place] for name, (found, _) in told.items()}
        groups.append({"level": labels[place], **counts, **shares, **({"suppressed": few} if few else {})})
    return {"groups": groups, "differences": {name: gap for name, (_, gap) in told.items()}}


def _counted(level: np.ndarray, groups: int, those: np.ndarray) -> np.ndarray:
    return np.bincount(level[those], minlength=groups)


def _compared(
    share: Share, level: np.ndarray, labels: Sequence[str], units: np.ndarray
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """A share of each group, and the greatest difference between those that are large enough to have one.

    A share of some among others is the rate at which these are selected, once the others are left out.
    """
    from fairlearn.metrics import MetricFrame, selection_rate

    trials = _counted(level, len(labels), share.among)
    few = [
        _few(size, LEAST_UNITS, "units") or _few(trial, LEAST_OF, share.whose)
        for size, trial in zip(units, trials, strict=True)
    ]
    kept = share.among & np.array([not why for why in few], dtype=bool)[level]
    if not kept.any():
        return [_suppressed(why) for why in few], None
    of = share.of[kept]
    frame = MetricFrame(metrics=selection_rate, y_true=of, y_pred=of, sensitive_features=level[kept])
    rates = {place: float(frame.by_group.loc[place]) for place in np.unique(level[kept]).tolist()}
    told = [
        _suppressed(why) if why else _interval(rates[place], int(trials[place]))
        for place, why in enumerate(few)
    ]
    return told, _gap(frame.difference(method="between_groups"), rates, labels)


def _few(count: int, least: int, whose: str) -> str | None:
    return f"fewer than {least} {whose}" if count < least else None


def _suppressed(why: str | None) -> dict[str, Any]:
    return {"value": None, "low": None, "high": None, "suppressed": why}


def _interval(rate: float, trials: int) -> dict[str, Any]:
    low, high = wilson(rate, trials, NormalDist().inv_cdf(0.5 + LEVEL / 2))
    # of all or none an end is the share itself, up to the last digit
    return {"value": rate, "low": min(max(float(low), 0.0), rate), "high": max(min(float(high), 1.0), rate)}


def _gap(difference: Any, rates: Mapping[int, float], labels: Sequence[str]) -> dict[str, Any] | None:
    if len(rates) < 2:
        return None
    greatest, least = (pick(rates, key=lambda place: rates[place]) for pick in (max, min))
    return {"value": float(difference), "greatest": labels[greatest], "least": labels[least]}
