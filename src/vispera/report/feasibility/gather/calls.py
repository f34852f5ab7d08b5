"""What calling would have come to: the nights, every way of calling, and the season of the lists."""

from __future__ import annotations

from functools import partial
from typing import Any

from vispera.report.feasibility.basis import Basis
from vispera.report.feasibility.claim import Claims
from vispera.report.feasibility.gather import varied, ways
from vispera.report.feasibility.gather.ways import COUNTS, FILE
from vispera.report.feasibility.source import Source

BOOK = ("unit_nights", "units", "cancelled_units", "do_not_call")


def gather(claims: Claims, basis: Basis) -> dict[str, Any]:
    """Claims about every way of calling; which there are, which is chosen and which is recommended."""
    replay = basis.replay
    _nights(claims, replay)
    _season(claims, replay)
    return {
        **ways.gather(claims, replay),
        **varied.gather(claims, replay),
        "refit": replay.at(FILE, "refit"),
        "knowledge": replay.at(FILE, "knowledge"),
        "once": _once(claims, basis.once),
    }


def _nights(claims: Claims, replay: Source) -> None:
    at = partial(replay.place, FILE)
    claims.add("nights", "count", at("nights", "count"))
    claims.add("first_night", "date", at("nights", "first"))
    claims.add("last_night", "date", at("nights", "last"))
    claims.add("level", "percent", at("level"), digits=0)
    for name in BOOK:
        claims.add(name, "count", at("book", name))


def _season(claims: Claims, replay: Source) -> None:
    """The lists as they were made, by value or by risk, over all nights."""
    own = lists(replay)
    at, by_night = (
        partial(replay.place, FILE, *own),
        replay.place(FILE, "by_night", _name(replay), "realised"),
    )
    claims.interval("list_value", "eur", at("realised"))
    claims.interval("list_promised", "eur", at("expected"))
    for count in COUNTS:
        claims.add(f"list_{count}", "count", at(count))
    if replay.at(FILE, *own, "against_own_rule"):
        claims.interval("list_against_own_rule", "eur", at("against_own_rule"))
    nights = replay.place(FILE, "nights", "count")
    for count in ("calls", "caught"):
        claims.add(f"{count}_a_night", "number", at(count), nights, how="ratio", digits=1)
    claims.add("nights_below_zero", "count", by_night, how="below_zero")
    claims.add("worst_night", "eur", by_night, how="smallest", digits=0)
    claims.add("best_night", "eur", by_night, how="largest", digits=0)


def _once(claims: Claims, once: Source | None) -> bool:
    """Whether there are the same nights with models that were fitted once, and what they came to."""
    if once is None:
        return False
    claims.interval("once_value", "eur", once.place(FILE, *lists(once), "realised"))
    return True


def lists(replay: Source) -> tuple[str | int, ...]:
    """Where the lists of a replay stand among its ways of calling."""
    place = replay.index(FILE, "contenders", name=_name(replay))
    if place is None:
        raise ValueError(f"{replay.name} does not hold its own lists")
    return ("contenders", place)


def _name(replay: Source) -> str:
    return f"model_by_{replay.at(FILE, 'order')}"
