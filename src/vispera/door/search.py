"""A search as the door puts it together: from words and spaces to plans, and from trials to processes."""

from __future__ import annotations

import copy
import shlex
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hydra.core.utils import JobReturn, JobStatus
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext
from omegaconf import DictConfig, OmegaConf, flag_override

from vispera import workspace
from vispera.commands import sweep as recipe
from vispera.commands.train import Arguments
from vispera.door.answer import INTERRUPTED, answer
from vispera.door.application import flags
from vispera.door.building import arguments, as_plain, without_hydra
from vispera.door.sweep import Sweep, effective_space, read_sweep
from vispera.door.syntax import words_of
from vispera.invocation import Invocation
from vispera.record import read_all
from vispera.redact import Redactor
from vispera.search import Asked, Result, SearchSettings
from vispera.search.loop import Reached
from vispera.search.pool import Answer, Pool
from vispera.space import Dimension, present, read_space
from vispera.trial import Best, Trial

BASIC = "hydra._internal.core_plugins.basic_launcher.BasicLauncher"
WORKER = [sys.executable, "-m", "vispera.door.worker"]


def run_search(
    context: HydraContext, config: DictConfig, words: Sequence[str], launcher: Launcher
) -> list[list[JobReturn]]:
    """One result for each study, its exit code in it."""
    asked = read_sweep(words, context.config_loader.list_groups(""))
    # a space that one model lacks is told before another has been searched for hours
    studies = [_composed(context, config, asked, chosen) for chosen in asked.groups]
    done = []
    for study in studies:
        job = JobReturn()
        job.overrides = list(study.words)
        code = answer(lambda study=study: recipe.run(study.plan(launcher)))
        job.return_value, job.status = code, JobStatus.COMPLETED
        done.append(job)
        if code == INTERRUPTED:
            break
    return [done]


@dataclass(frozen=True)
class Composed:
    """One study of a command line: its words, its configuration, and what it searches."""

    words: tuple[str, ...]
    config: DictConfig
    arguments: Arguments
    space: Mapping[str, Dimension]
    again: str

    def plan(self, launcher: Launcher) -> recipe.Plan:
        """The study as its command takes it, its trials in processes of ours or through another launcher."""
        mine = without_hydra(self.config)
        desk = Desk(mine, self.words, self.arguments.search, flags(self.config))
        custom = OmegaConf.select(self.config, "hydra.launcher._target_") != BASIC
        return recipe.Plan(
            arguments=self.arguments,
            invocation=Invocation("train", self.words, as_plain(mine)),
            space=self.space,
            first=present(self.space, as_plain(mine)["model"]),
            again=self.again,
            full=desk.full,
            runner=lambda sweep: Launched(desk, sweep, launcher) if custom else Processes(desk, sweep),
        )


def _composed(context: HydraContext, config: DictConfig, asked: Sweep, chosen: tuple[str, ...]) -> Composed:
    """The study of the fixed words and one choice of each swept group."""
    words = (*asked.fixed, *chosen)
    composed = context.config_loader.load_sweep_config(config, list(words))
    base = arguments(Arguments, composed)
    own = read_space(base.model.space, "model.space")
    model = as_plain(without_hydra(composed))["model"]
    space = effective_space(own, asked.dimensions, asked.fixed_keys, model)
    kept = (word for word in asked.typed if not word.startswith("search.fresh="))
    again = shlex.join(["python", "train.py", "-m", *flags(config), *map(Redactor().override, kept)])
    return Composed(words, composed, base, space, again)


class Desk:
    """Makes the configuration of each trial, and of a full run, from that of the study."""

    def __init__(
        self, config: DictConfig, words: tuple[str, ...], settings: SearchSettings, flags: tuple[str, ...]
    ):
        self.config, self.words, self.settings, self.flags = config, words, settings, flags

    def words_of(self, values: dict[str, Any]) -> tuple[str, ...]:
        """The words that a run with these values is typed with."""
        kept = (word for word in self.words if not word.startswith("search"))
        return (*kept, *words_of(values))

    def with_values(self, values: dict[str, Any], search: dict[str, Any]) -> DictConfig:
        """The study's configuration with the values of a trial, and some keys of the search."""
        config = copy.deepcopy(self.config)
        with flag_override(config, ["struct", "readonly"], False):
            for key, value in values.items():
                OmegaConf.update(config, f"model.{key}", value)
            for key, value in search.items():
                config.search[key] = value
        return config

    def job(self, asked: Asked, sweep: str) -> dict[str, Any]:
        """What a worker is told of a trial."""
        part = {"sweep": sweep, "number": asked.number, "again": asked.again}
        part["stop_above"] = list(asked.stop_above)
        config = as_plain(self.with_values(dict(asked.values), {"part": part}))
        return {"job": asked.number, "config": config, "words": self.words_of(dict(asked.values))}

    def full(self, trial: Trial, best: Best) -> tuple[Arguments, Invocation]:
        """Arguments of a full run with a trial's values, and how it is repeated alone."""
        values = dict(trial.values)
        config = self.with_values(values, {"best_of": vars(best)})
        again = Invocation("train", self.words_of(values), as_plain(config), flags=self.flags)
        return arguments(Arguments, config), again


class Processes:
    """Runs trials in persistent processes of ours."""

    def __init__(self, desk: Desk, sweep: str):
        self._desk, self._sweep = desk, sweep
        self._pool = Pool(WORKER, desk.settings.workers, desk.settings.trial_timeout)

    @property
    def free(self) -> int:
        """Workers without a trial."""
        return self._pool.idle

    def begin(self, asked: Asked) -> None:
        """Give a trial to a worker."""
        self._pool.send(asked.number, self._desk.job(asked, self._sweep))

    def ended(self, reached: Reached) -> Iterable[tuple[int, Result]]:
        """The next trial that ends."""
        while True:
            heard = self._pool.hear(1.0)
            if heard is None:
                continue
            if "window" in heard.said:
                reached(heard.job, heard.said["window"], heard.said["so_far"])
            elif (result := _result(heard)) is not None:
                return [(heard.job, result)]

    def close(self) -> None:
        """End the workers."""
        self._pool.close()


def _result(heard: Answer) -> Result | None:
    if heard.ended is not None:
        return Result(state="failed", reason=heard.ended, outside=True)
    if not heard.said.get("last"):
        return None
    return Result(**{key: value for key, value in heard.said.items() if key not in ("job", "last")})


class Launched:
    """Runs trials through another launcher of Hydra's, batch by batch; their runs tell what came of them."""

    def __init__(self, desk: Desk, sweep: str, launcher: Launcher):
        self._desk, self._sweep, self._launcher = desk, sweep, launcher
        self._begun: list[Asked] = []

    @property
    def free(self) -> int:
        """Trials that still fit into the batch."""
        return self._desk.settings.workers - len(self._begun)

    def begin(self, asked: Asked) -> None:
        """Put a trial into the batch."""
        self._begun.append(asked)

    def ended(self, reached: Reached) -> Iterable[tuple[int, Result]]:
        """Every trial of the batch, after the launcher has run it."""
        batch, self._begun = self._begun, []
        words = [self._words(asked) for asked in batch]
        returned = self._launcher.launch(words, initial_job_idx=batch[0].number)
        return [
            (asked.number, self._found(asked.number, job, reached))
            for asked, job in zip(batch, returned, strict=True)
        ]

    def close(self) -> None:
        """Nothing is left open."""

    def _words(self, asked: Asked) -> list[str]:
        bars = ",".join("null" if bar is None else repr(bar) for bar in asked.stop_above)
        about = f"sweep:{self._sweep},number:{asked.number},again:{str(asked.again).lower()}"
        part = f"search.part={{{about},stop_above:[{bars}]}}"
        return [*self._desk.words_of(dict(asked.values)), part]

    def _found(self, number: int, job: JobReturn, reached: Reached) -> Result:
        """What the trial's run says, or the exit code where there is none."""
        mine = [r for r in read_all(workspace.experiments()) if (r.sweep, r.trial) == (self._sweep, number)]
        if not mine:
            return Result(state="failed", reason=f"it left no run; exit {job.return_value}")
        record = mine[-1]
        for window, so_far in enumerate(_so_far(record.folder)):
            reached(number, window, so_far)
        score = record.metric("log_loss", "tuning")
        state = record.state if record.state in ("finished", "pruned") else "failed"
        done = Result(state=state, seconds=record.seconds, reason=record.error, run=record.id)
        return replace(done, score=_so_far(record.folder)[-1] if state == "finished" and score else None)


def _so_far(folder: Path) -> list[float]:
    from vispera.files import read_json

    written = folder / "trial.json"
    return read_json(written)["so_far"] if written.is_file() else []
