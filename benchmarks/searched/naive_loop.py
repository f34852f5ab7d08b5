"""What somebody writes who has Optuna and a script: each trial reads, builds features, fits. See search.py.

    python naive_loop.py TRIALS SEED OUT WORD...

Table, features, fits and score are those of our command, today's values are the first trial here too, and
the sampler has the seeds of ours, so that only the way of running differs and little is left to the luck of
the draw. Prints nothing; OUT is JSON, for each trial the time at which it ended, in seconds since the epoch,
and its score.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna

from vispera.asof import Ledger
from vispera.commands.train import Arguments
from vispera.door.application import composed
from vispera.door.building import arguments
from vispera.fitting import fit_window, prepare
from vispera.metric import Scored, log_loss
from vispera.search.study import sampler
from vispera.space import distribution, present, read_space
from vispera.split import TEST, folds


def main(trials: int, seed: int, out: Path, words: list[str]) -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    config = composed("train", words)
    asked = arguments(Arguments, config)
    space = read_space(asked.model.space)
    study = optuna.create_study()
    study.enqueue_trial(present(space, {"estimator": vars(asked.model.estimator)}))
    told = []
    for number in range(trials):
        study.sampler = sampler("tpe", asked.search.startup, seed, number)
        trial = study.ask({key: distribution(space[key]) for key in sorted(space)})
        score = objective(asked, trial.params)
        study.tell(trial, score)
        told.append({"at": time.time(), "score": score})
    out.write_text(json.dumps(told))


def objective(asked: Arguments, values: dict[str, Any]) -> float:
    """Log-loss pooled over the tuning windows."""
    settings = {key.removeprefix("estimator."): value for key, value in values.items()}
    estimator: Any = asked.model.estimator
    recipe = replace(asked.model, estimator=replace(estimator, **settings))
    table, horizon = asked.problem.load(), asked.problem.split.horizon_days
    material = prepare(table, recipe, Ledger(table, horizon), horizon)
    loss, rows = 0.0, 0
    for fold in folds(asked.problem.split, table):
        if fold.name != TEST:
            _, frame = fit_window(material, recipe, fold)
            loss += log_loss(Scored.from_frame(frame)) * len(frame)
            rows += len(frame)
    return loss / rows


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:])
