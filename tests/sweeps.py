"""A small search by the real command: begun, killed, looked at afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

from typed import TRAIN, environment
from vispera.search.study import as_text, as_trial, open_storage
from vispera.trial import Trial

SMALL = ("problem.settings.rows=6000", "evaluation.resamples=20", "threads=1", "tracker=none")
SEARCH = ("-m", "model=rule", "search.trials=8", "search.startup=3", *SMALL)


def begun(home: Path, after: str, *words: str) -> subprocess.Popen[str]:
    """A search that has said ``after``, in a group of its own."""
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    search = subprocess.Popen([*TRAIN, *words], env=environment(home), start_new_session=True, **pipes)
    assert search.stderr is not None
    for line in search.stderr:
        if after in line:
            return search
    raise AssertionError(f"'{after}' was never said")


def killed(search: subprocess.Popen[str]) -> None:
    """End a search and all that it started, at once."""
    os.killpg(search.pid, signal.SIGKILL)
    search.communicate(timeout=60)


def trials(storage: Any) -> list[Trial]:
    """Trials of the only search in a storage."""
    import optuna

    (name,) = optuna.get_all_study_names(storage)
    study = optuna.load_study(study_name=name, storage=storage)
    return [as_trial(frozen) for frozen in study.trials]


def journal_of(home: Path) -> Any:
    """Storage of a workspace's only search that was not told of another one."""
    (journal,) = (home / "multirun").glob("*/journal.log")
    return open_storage(str(journal), journal)


def table(storage: Any) -> str:
    """The trials of the only search in a storage, without times."""
    return as_text(tuple(trials(storage)))
