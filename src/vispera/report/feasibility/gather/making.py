"""How it was made: commands, code, data, settings, seeds and versions."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from vispera.invocation import Invocation
from vispera.report.feasibility.basis import Basis
from vispera.report.feasibility.claim import Claims
from vispera.report.feasibility.source import Source

PACKAGES = (
    "numpy",
    "pandas",
    "scikit-learn",
    "catboost",
    "hydra-core",
    "optuna",
    "wandb",
    "dvc",
    "papermill",
)

QUOTES = "'\""


def gather(claims: Claims, basis: Basis) -> dict[str, Any]:
    """Claims about each run, and the commands that repeat them."""
    runs = [_run(claims, source, number) for number, source in enumerate(_runs(basis))]
    own = basis.run
    claims.add("python", "code", own.place("environment.json", "python"))
    claims.add("platform", "code", own.place("environment.json", "platform"))
    claims.add("lock", "hash", own.place("environment.json", "lock"))
    claims.add("threads", "count", own.place("environment.json", "threads"))
    claims.add("seed", "count", own.place("config.yaml", "seed"))
    claims.add("replay_seed", "count", basis.replay.place("config.yaml", "seed"))
    claims.add("split_seed", "count", own.place("config.yaml", "problem", "split", "seed"))
    claims.add("resamples", "count", own.place("metrics.json", "resamples"))
    claims.add("replay_resamples", "count", basis.replay.place("replay.json", "resamples"))
    packages = [name for name in PACKAGES if own.at("environment.json", "packages", name)]
    for name in packages:
        claims.add(f"package.{name}", "code", own.place("environment.json", "packages", name))
    settings = _settings(own.at("config.yaml", "model", "estimator") or {})
    for name in settings:
        claims.add(f"setting.{name}", "code", own.place("config.yaml", "model", "estimator", name))
    return {"runs": runs, "packages": packages, "settings": settings, "commands": commands(basis)}


def _runs(basis: Basis) -> tuple[Source, ...]:
    return (basis.run, *basis.others, basis.replay, *((basis.once,) if basis.once else ()))


def _run(claims: Claims, source: Source, number: int) -> dict[str, Any]:
    for name in ("id", "verb"):
        claims.add(f"run_{number}_{name}", "code", source.place("record.json", name))
    claims.add(f"run_{number}_model", "model", source.place("record.json", "model"))
    claims.add(f"run_{number}_commit", "hash", source.place("record.json", "code", "commit"))
    claims.add(f"run_{number}_data", "hash", source.place("record.json", "hashes", "data"))
    return {"dirty": bool(source.at("record.json", "code", "dirty"))}


def _settings(estimator: dict[str, Any]) -> list[str]:
    return [
        name for name, value in estimator.items() if name != "_target_" and not isinstance(value, dict | list)
    ]


def commands(basis: Basis) -> list[str]:
    """Commands that make the runs again where none of them is, and then the report.

    The judged run comes last of its kind, and so does the replay: what follows takes the last.
    """
    own = basis.run.at("record.json", "id")
    once = (basis.once,) if basis.once else ()
    typed = [
        Invocation(source.at("record.json", "verb"), _words(source, own)).command
        for source in (*basis.others, basis.run, *once, basis.replay)
    ]
    return list(dict.fromkeys([*typed, "vispera reproduce run=last", "vispera report"]))


def _words(source: Source, own: str) -> tuple[str, ...]:
    """What was typed; of ``run=best`` and the like the run that it was, which says which problem is meant."""
    typed, parent = source.at("record.json", "command") or (), source.at("record.json", "parent")
    words = tuple(_anywhere(word) for word in typed if not word.startswith("data.cache="))
    if not parent:
        return words
    rest = (word for word in words if word.partition("=")[0] not in ("run", "problem", "experiment"))
    return (*rest, "run=last" if parent == own else f"run={parent}")


def _anywhere(word: str) -> str:
    """A word without the folders in which data lies on one machine alone.

    >>> _anywhere("data.path=/srv/ana/bookings.csv"), _anywhere("data.path=data/bookings.csv")
    ('data.path=bookings.csv', 'data.path=data/bookings.csv')
    """
    key, _, value = word.partition("=")
    path = PurePath(value.strip(QUOTES))
    elsewhere = key == "data.path" and (path.is_absolute() or str(path).startswith("~"))
    return f"{key}={path.name}" if elsewhere else word
