"""A replay as plain data: what figures, closing lines and reports are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from vispera.clock import iso
from vispera.decision import Costs
from vispera.interval import Interval
from vispera.money.call_list import NOT_LISTED
from vispera.replay.contender import Contender
from vispera.replay.ground import Account, Ground
from vispera.replay.ladder import Ladder
from vispera.replay.noise import Draws
from vispera.replay.sensitivity import Variation

SCHEMA = 1
"""Number of the shape of replay.json."""

CAME, CANCELLED, NO_SHOW, PARTLY = "came", "cancelled", "no_show", "partly"


def contender_entry(
    one: Contender, ground: Ground, draws: Draws, own_rule: Account | None = None
) -> dict[str, Any]:
    """Counts over the range, value a night with its interval, and how far above the hotel's own rule."""
    calls, caught = one.account.calls.sum(), one.account.caught.sum()
    slots = ground.capacity * len(ground.book.nights)
    return {
        "name": one.name,
        "model": one.model,
        **_counts(one.account, ground),
        "precision": float(caught / calls) if calls else None,
        "recall": float(caught / ground.lost_units) if ground.lost_units else None,
        "precision_at_k": float(caught / slots),
        **_values(one.account, draws),
        "against_own_rule": _against(own_rule, one.account, draws),
    }


def _against(own_rule: Account | None, account: Account, draws: Draws) -> dict[str, float | None] | None:
    """Realised value a night above the own rule's, nights paired; None of itself, or where there is none."""
    if own_rule is None or account is own_rule:
        return None
    return draws.mean(account.realised - own_rule.realised).as_dict()


def _counts(account: Account, ground: Ground) -> dict[str, float]:
    """Units over all nights."""
    calls, caught = float(account.calls.sum()), float(account.caught.sum())
    return {"calls": calls, "caught": caught, "missed": ground.lost_units - caught, "in_vain": calls - caught}


def _values(account: Account, draws: Draws) -> dict[str, Any]:
    expected = None if account.expected is None else draws.mean(account.expected).as_dict()
    return {"expected": expected, "realised": draws.mean(account.realised).as_dict()}


def by_night(contenders: Sequence[Contender], ground: Ground) -> dict[str, Any]:
    """Each way of calling night by night."""
    told: dict[str, Any] = {"night": [iso(int(night)) for night in ground.book.nights]}
    for one in contenders:
        names = ("calls", "caught", "in_vain", "realised", "expected")
        found = {name: getattr(one.account, name) for name in names}
        told[one.name] = {name: None if values is None else values.tolist() for name, values in found.items()}
    return told


def ladder_entry(
    ladder: Ladder,
    models: Mapping[str, str],
    accounts: Mapping[str, Account],
    ground: Ground,
    draws: Draws,
    own_rule: Account | None = None,
) -> dict[str, Any]:
    """The ladder; ``models`` names the model behind each rung that has one, ``accounts`` its calls."""
    return {
        "verdict": ladder.verdict,
        "best": ladder.best,
        "rungs": [
            {
                "name": rung.name,
                "model": models.get(rung.name),
                **_counts(accounts[rung.name], ground),
                "realised": rung.realised.as_dict(),
                "behind_best": _interval(rung.behind_best),
                "within_noise": rung.within_noise,
                "against_own_rule": _against(own_rule, accounts[rung.name], draws),
            }
            for rung in ladder.rungs
        ],
    }


def _interval(found: Interval | None) -> dict[str, float | None] | None:
    return None if found is None else found.as_dict()


def capacity_entry(one: Variation, draws: Draws) -> dict[str, Any]:
    """The lists at another number of calls a night."""
    return {"capacity": one.settings[one.name], **_told(one, draws)}


def assumption_entry(one: Variation, costs: Costs, draws: Draws) -> dict[str, Any]:
    """The lists under a changed assumption, with what the problem assumes; a set tells its ``settings``."""
    if one.name not in one.settings:
        alone = {"setting": None, "base": None, "settings": dict(one.settings)}
    else:
        alone = {"setting": one.settings[one.name], "base": asdict(costs)[one.name]}
    return {"name": one.name, **alone, **_told(one, draws)}


def _told(one: Variation, draws: Draws) -> dict[str, Any]:
    counts = {"calls": float(one.account.calls.sum()), "caught": float(one.account.caught.sum())}
    return {**counts, **_values(one.account, draws)}


def book_entry(ground: Ground) -> dict[str, int]:
    """How large the books were."""
    book = ground.book
    return {
        "booking_nights": len(book.at),
        "positive": int(ground.hindsight.lost.sum()),
        "unit_nights": len(book),
        "units": len(np.unique(book.unit)),
        "cancelled_units": ground.lost_units,
        "do_not_call": len(np.unique(book.unit[~ground.allowed])),
    }


def median_night(account: Account, ground: Ground) -> int:
    """The night whose realised value is the median of those with calls, day number: neither luck nor harm.

    Of an even number the lower one; where there were never any calls, the first night.
    """
    nights = ground.book.nights
    called = np.flatnonzero(account.calls > 0)
    if not len(called):
        return int(nights[0])
    order = called[np.argsort(account.realised[called], kind="stable")]
    return int(nights[order[(len(order) - 1) // 2]])


def night_entry(
    night: int, reason: str, ground: Ground, places: np.ndarray, risk: np.ndarray, expected: np.ndarray
) -> dict[str, Any]:
    """One night's list, and what became of those on it; ``reason`` says why this night."""
    book = ground.book
    here = book.night == night
    on_list = np.flatnonzero(here & (places != NOT_LISTED))
    rows = on_list[np.argsort(places[on_list])]
    return {
        "night": iso(night),
        "why": reason,
        "units": int(here.sum()),
        "cancelled_units": int((here & ground.hit).sum()),
        "rows": [
            {
                "rank": int(places[row]) + 1,
                "arm": "control" if ground.control[row] else "call",
                "risk": float(risk[row]),
                "expected_value": float(expected[row]),
                "rooms": int(book.rooms[row]),
                **_stay(row, ground),
                "label": _label(row, ground),
                **_fate(row, ground),
                "realised": float(ground.realised[row]),
            }
            for row in rows.tolist()
        ],
    }


def _stay(row: int, ground: Ground) -> dict[str, Any]:
    first = ground.book.starts[row]
    price = float(ground.prospect.price[first])
    return {
        "days_left": int(ground.book.days_left[first]),
        "nights": float(ground.prospect.length[first]),
        "price": price if np.isfinite(price) else None,
    }


def _label(row: int, ground: Ground) -> dict[str, str]:
    table = ground.book.table
    facts = table.rows.iloc[ground.book.first[row]]
    return {name: str(facts[name]) for name in table.schema.unit}


def _fate(row: int, ground: Ground) -> dict[str, Any]:
    """What became of a unit; of several rooms that ended differently: partly, and the last cancellation."""
    start = ground.book.starts[row]
    own = slice(start, start + ground.book.rooms[row])
    lost, left = ground.hindsight.lost[own], ground.hindsight.left_at_end[own]
    if not lost.any():
        return {"outcome": CAME, "days_before": None}
    days = int(left[lost].min())
    outcome = PARTLY if not lost.all() else CANCELLED if days else NO_SHOW
    return {"outcome": outcome, "days_before": days or None}
