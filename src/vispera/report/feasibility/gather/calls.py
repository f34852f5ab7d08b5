"""What calling would have come to, night by night: the ladder, the season, and what the value hangs on."""

from __future__ import annotations

from typing import Any

from vispera.report.feasibility.basis import Basis
from vispera.report.feasibility.claim import Claims
from vispera.report.feasibility.source import Source

FILE = "replay.json"
COUNTS = ("calls", "caught", "missed", "in_vain")
RUNGS = {"nothing": "nothing", "rule": "rule", "logistic": "linear", "trees": "trees", "model": "model"}
"""What the ladder calls its steps, and what a report does."""
ALONE = ("nothing", "random", "soonest", "own_rule")
TOGETHER = ("pessimistic", "optimistic")


def gather(claims: Claims, basis: Basis) -> dict[str, Any]:
    """Claims about every way of calling; which there are, which is chosen and which is recommended."""
    replay = basis.replay
    claims.add("nights", "count", replay.place(FILE, "nights", "count"))
    claims.add("first_night", "date", replay.place(FILE, "nights", "first"))
    claims.add("last_night", "date", replay.place(FILE, "nights", "last"))
    claims.add("level", "percent", replay.place(FILE, "level"), digits=0)
    claims.add("replay_model", "model", replay.place(FILE, "model"))
    for name in ("unit_nights", "units", "cancelled_units", "do_not_call"):
        claims.add(name, "count", replay.place(FILE, "book", name))
    claims.add("control_share", "percent", replay.place(FILE, "control_share"), digits=0)
    found = _ways(replay)
    for name, keys in found.items():
        _way(claims, replay, name, keys)
    facts = {
        **_chosen(replay, found),
        "ways": list(found),
        "refit": replay.at(FILE, "refit"),
        "knowledge": replay.at(FILE, "knowledge"),
    }
    _season(claims, basis, found[facts["chosen"]])
    return {
        **facts,
        **_varied(claims, replay),
        "ways_models": {name: replay.at(FILE, *keys, "model") for name, keys in found.items()},
        "once": _once(claims, basis),
    }


def _ways(replay: Source) -> dict[str, tuple[str | int, ...]]:
    """Where each way of calling stands in the replay, in the order of a ladder."""
    contenders = {one["name"]: ("contenders", i) for i, one in enumerate(replay.at(FILE, "contenders"))}
    found: dict[str, tuple[str | int, ...]] = {name: contenders[name] for name in ALONE if name in contenders}
    rungs = replay.at(FILE, "ladder", "rungs")
    for place, rung in enumerate(rungs):
        if rung["model"] is not None:
            is_model = rung["model"] == replay.at(FILE, "model") and all(
                other["name"] != "model" for other in rungs[place + 1 :]
            )
            found["model" if is_model else RUNGS[rung["name"]]] = ("ladder", "rungs", place)
    return {
        **found,
        **{name: contenders[name] for name in ("model_by_risk", "foresight") if name in contenders},
    }


def _way(claims: Claims, replay: Source, name: str, keys: tuple[str | int, ...]) -> None:
    claims.interval(f"{name}_value", "eur", replay.place(FILE, *keys, "realised"))
    for count in COUNTS:
        if replay.at(FILE, *keys, count) is not None:
            claims.add(f"{name}_{count}", "count", replay.place(FILE, *keys, count))
    if replay.at(FILE, *keys, "model"):
        claims.add(f"{name}_model", "model", replay.place(FILE, *keys, "model"))
    if replay.at(FILE, *keys, "against_own_rule"):
        claims.interval(f"{name}_against_own_rule", "eur", replay.place(FILE, *keys, "against_own_rule"))
    if replay.at(FILE, *keys, "behind_best"):
        claims.interval(f"{name}_behind_best", "eur", replay.place(FILE, *keys, "behind_best"))


def _chosen(replay: Source, found: dict[str, tuple[str | int, ...]]) -> dict[str, Any]:
    """Which way the lists follow, and which the ladder recommends: the simplest within the best's noise."""
    rungs = replay.at(FILE, "ladder", "rungs")
    told = {
        rung["name"]: name
        for name, keys in found.items()
        if keys[0] == "ladder"
        for rung in [rungs[int(keys[2])]]
    }
    verdict, best = replay.at(FILE, "ladder", "verdict"), replay.at(FILE, "ladder", "best")
    return {
        "order": replay.at(FILE, "order"),
        "chosen": "model" if replay.at(FILE, "order") == "value" else "model_by_risk",
        "recommended": told.get(verdict),
        "best": told.get(best),
        "stop": verdict == "stop",
    }


def _season(claims: Claims, basis: Basis, keys: tuple[str | int, ...]) -> None:
    """The chosen lists over all nights; ``list_*`` are theirs, whichever way that is."""
    replay = basis.replay
    own = f"model_by_{replay.at(FILE, 'order')}"
    place = replay.index(FILE, "contenders", name=own)
    contender: tuple[str | int, ...] = ("contenders", place if place is not None else 0)
    claims.interval("list_value", "eur", replay.place(FILE, *contender, "realised"))
    claims.interval("list_promised", "eur", replay.place(FILE, *contender, "expected"))
    for count in COUNTS:
        claims.add(f"list_{count}", "count", replay.place(FILE, *contender, count))
    claims.add("list_precision", "percent", replay.place(FILE, *contender, "precision"), digits=0)
    claims.add("list_recall", "percent", replay.place(FILE, *contender, "recall"), digits=0)
    if replay.at(FILE, *contender, "against_own_rule"):
        claims.interval("list_against_own_rule", "eur", replay.place(FILE, *contender, "against_own_rule"))
    claims.add(
        "nights_below_zero", "count", replay.place(FILE, "by_night", own, "realised"), how="below_zero"
    )
    claims.add(
        "worst_night", "eur", replay.place(FILE, "by_night", own, "realised"), how="smallest", digits=0
    )
    claims.add("best_night", "eur", replay.place(FILE, "by_night", own, "realised"), how="largest", digits=0)
    claims.add(
        "calls_a_night",
        "number",
        replay.place(FILE, *contender, "calls"),
        replay.place(FILE, "nights", "count"),
        how="ratio",
        digits=1,
    )
    claims.add(
        "caught_a_night",
        "number",
        replay.place(FILE, *contender, "caught"),
        replay.place(FILE, "nights", "count"),
        how="ratio",
        digits=1,
    )


def _varied(claims: Claims, replay: Source) -> dict[str, Any]:
    """The chosen lists under other assumptions; the one that matters most, by its lowest value."""
    names = []
    for number, one in enumerate(replay.at(FILE, "assumptions")):
        name = one["name"] if one["name"] in TOGETHER else f"{one['name']}_{number}"
        claims.interval(f"under_{name}", "eur", replay.place(FILE, "assumptions", number, "realised"))
        if one["setting"] is not None:
            unit: Any = {"call": "eur", "resale_days": "number"}.get(one["name"], "percent")
            claims.add(
                f"setting_{name}", unit, replay.place(FILE, "assumptions", number, "setting"), digits=0
            )
        names.append((name, one["name"], one["realised"]["value"]))
    for number in range(len(replay.at(FILE, "capacities"))):
        claims.interval(f"calls_up_to_{number}", "eur", replay.place(FILE, "capacities", number, "realised"))
        claims.add(f"capacity_{number}", "count", replay.place(FILE, "capacities", number, "capacity"))
        claims.add(f"capacity_calls_{number}", "count", replay.place(FILE, "capacities", number, "calls"))
    alone = [one for one in names if one[1] not in TOGETHER]
    worst, best = (
        (min(alone, key=lambda one: one[2]), max(alone, key=lambda one: one[2])) if alone else (None, None)
    )
    return {
        "together": [name for name, kind, _ in names if kind in TOGETHER],
        "worst": {"under": worst[0], "name": worst[1]} if worst else None,
        "best_case": {"under": best[0], "name": best[1]} if best else None,
        "capacities": len(replay.at(FILE, "capacities")),
    }


def _once(claims: Claims, basis: Basis) -> bool:
    """Whether there are the same nights with models that were fitted once, and what they came to."""
    if basis.once is None:
        return False
    place = basis.once.index(FILE, "contenders", name=f"model_by_{basis.once.at(FILE, 'order')}")
    claims.interval("once_value", "eur", basis.once.place(FILE, "contenders", place or 0, "realised"))
    return True
