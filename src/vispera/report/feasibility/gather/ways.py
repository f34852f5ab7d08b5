"""Every way of calling: those that need no model, the steps of the ladder, and who knew all outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from vispera.report.feasibility.claim import Claims
from vispera.report.feasibility.source import Source

FILE = "replay.json"
COUNTS = ("calls", "caught", "missed", "in_vain")
WITHOUT_A_MODEL = ("nothing", "random", "soonest", "own_rule")
BESIDE_THE_LADDER = ("model_by_risk", "foresight")
NAMES = {"logistic": "linear"}
"""What a report calls a step otherwise than the ladder does."""

Keys = tuple[str | int, ...]


def gather(claims: Claims, replay: Source) -> dict[str, Any]:
    """Claims about each way; their names in order, which the lists follow, and what the ladder found."""
    found = _found(replay)
    for name, keys in found.items():
        _claim(claims, replay, name, keys)
    steps = {replay.at(FILE, *keys, "name"): name for name, keys in found.items() if keys[0] == "ladder"}
    verdict = replay.at(FILE, "ladder", "verdict")
    return {
        "ways": list(found),
        "ways_models": {name: replay.at(FILE, *keys, "model") for name, keys in found.items()},
        "order": replay.at(FILE, "order"),
        "chosen": "model" if replay.at(FILE, "order") == "value" else "model_by_risk",
        "recommended": steps.get(verdict),
        "best": steps.get(replay.at(FILE, "ladder", "best")),
        "stop": verdict == "stop",
    }


def _found(replay: Source) -> dict[str, Keys]:
    """Where each way of calling stands in the replay, in the order of a ladder."""
    contenders = {
        one["name"]: ("contenders", place) for place, one in enumerate(replay.at(FILE, "contenders"))
    }
    named: Mapping[str, Keys] = {
        **{name: contenders[name] for name in WITHOUT_A_MODEL if name in contenders},
        **_steps(replay),
        **{name: contenders[name] for name in BESIDE_THE_LADDER if name in contenders},
    }
    return dict(named)


def _steps(replay: Source) -> dict[str, Keys]:
    """Steps of the ladder that have a model; the last that has that of the lists is called ``model``."""
    rungs = replay.at(FILE, "ladder", "rungs")
    own = max(place for place, rung in enumerate(rungs) if rung["model"] == replay.at(FILE, "model"))
    return {
        "model" if place == own else NAMES.get(rung["name"], str(rung["name"])): ("ladder", "rungs", place)
        for place, rung in enumerate(rungs)
        if rung["model"] is not None
    }


def _claim(claims: Claims, replay: Source, name: str, keys: Keys) -> None:
    at = partial(replay.place, FILE, *keys)
    claims.interval(f"{name}_value", "eur", at("realised"))
    for count in COUNTS:
        if replay.at(FILE, *keys, count) is not None:
            claims.add(f"{name}_{count}", "count", at(count))
    if replay.at(FILE, *keys, "model"):
        claims.add(f"{name}_model", "model", at("model"))
    for gap in ("against_own_rule", "behind_best"):
        if replay.at(FILE, *keys, gap):
            claims.interval(f"{name}_{gap}", "eur", at(gap))
