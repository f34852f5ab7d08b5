"""``run=ID`` of a verb that takes the recipe of a recorded run: its model, its problem, seed and threads.

``run=best`` is the run of the lowest log-loss on the tuning windows, of the newest comparison of a problem.

The words with which the problem was chosen are typed again, before those that are typed now, so that today's
costs and capacity hold; the model is the recorded one to the last value, however it was found.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf, flag_override

from vispera import workspace
from vispera.errors import UsageError
from vispera.record import RunRecord, read_all
from vispera.reproduction.side import Side, folder_of, read_side

OF_THE_PROBLEM = ("problem", "data", "experiment")
TAKEN_OVER = ("seed", "threads")
BEST = "best"
CHOICES = ("problem", "experiment")
"""Groups that the run has chosen; single keys of the problem may be typed beside it."""


def with_recipe(words: Sequence[str]) -> tuple[list[str], Callable[[DictConfig], None] | None]:
    """The words with those of the run that they name, and what puts its model in; as they are without one.

    Raises
    ------
    UsageError
        If there is no such run, it is none of train, or a model or problem is chosen beside it.
    """
    named = [word.partition("=")[2].strip("'\"") for word in words if word.startswith("run=")]
    if not named or named[-1] in ("", "null"):
        return list(words), None
    if named[-1] == BEST:
        folder, words = _best(words), [word for word in words if key(word) != "problem"]
    else:
        folder = folder_of(named[-1], workspace.experiments())
    side = read_side(folder)
    if side.record.verb != "train" or "model" not in side.config:
        raise UsageError(
            f"run={named[-1]}: it has no recipe, being a {side.record.verb} that is {side.record.state}; "
            "name a run of train; vispera runs lists them"
        )
    clash = [word for word in words if _part(word) == "model" or key(word) in CHOICES]
    if clash:
        raise UsageError(
            *(f"{word}: run={named[-1]} says which {group(word)}; leave out one of them" for word in clash)
        )
    return [*_before(side, words), *words], lambda config: _put(config, side)


def _best(words: Sequence[str]) -> Path:
    """Folder of the best run of the problem that is typed, or of the simulated one; UsageError without any.

    Runs compare within one comparison key, and the newest run says which is meant. The test window decides
    nothing here: whatever is chosen by it flatters itself.
    """
    typed = [word.partition("=")[2] for word in words if key(word) == "problem"]
    problem = typed[-1] if typed else "simulated"
    runs = [record for record in read_all(workspace.experiments()) if _may_be_best(record, problem)]
    if not runs:
        raise UsageError(
            f"run=best: problem '{problem}' has no finished run; type: python train.py problem={problem}"
        )
    compared = [record for record in runs if record.comparison_key == runs[-1].comparison_key]
    return min(compared, key=lambda record: (_tuning(record), record.id)).folder


def _may_be_best(record: RunRecord, problem: str) -> bool:
    whole = record.verb == "train" and record.state == "finished" and record.trial is None
    return whole and record.problem == problem and _tuning(record) < float("inf")


def _tuning(record: RunRecord) -> float:
    value = (record.metric("log_loss", "tuning") or {}).get("value")
    return value if isinstance(value, int | float) else float("inf")


def _before(side: Side, words: Sequence[str]) -> list[str]:
    """Words of the run that say which problem it was, and on what it followed, but for those typed anew."""
    typed = {key(word) for word in words}
    again = [word for word in side.command if group(word) in OF_THE_PROBLEM]
    again += [f"{key}={side.config[key]}" for key in TAKEN_OVER if key in side.config]
    return [word for word in again if key(word) not in typed]


def key(word: str) -> str:
    """What a word sets: ``problem.settings.rows`` of ``+problem.settings.rows=1``."""
    return word.partition("=")[0].lstrip("+~")


def group(word: str) -> str:
    """First part of a word's key: ``problem`` of ``problem.settings.rows=1`` and of ``+problem=x``."""
    return key(word).partition(".")[0].partition("@")[0]


def _part(word: str) -> str:
    """First part of a word's key, its place with it: ``model@ladder.rule=x`` is not the run's model."""
    return key(word).partition(".")[0]


def _put(config: DictConfig, side: Side) -> None:
    if "model" not in config:
        return
    recorded: dict[str, Any] = side.config["model"]
    with flag_override(config, ["struct", "readonly"], False):
        config.model = OmegaConf.create(recorded)
        config.run = side.record.id
