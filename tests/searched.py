"""A search as a user types it, in a workspace of a test's own, and what is left of it there."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from typed import TRAIN, environment
from vispera.record import RunRecord, read_all
from vispera.search.study import as_text, as_trial, open_storage
from vispera.trial import Trial

SMALL = ("problem.settings.rows=6000", "evaluation.resamples=20", "threads=1", "tracker=none")
SEARCH = ("-m", "model=rule", "search.trials=8", "search.startup=3", *SMALL)


def table(home: Path) -> str:
    """The trials of a workspace's only search, as they lie in its storage."""
    return as_text(tuple(trials(home)))


def trials(home: Path) -> list[Trial]:
    import optuna

    (journal,) = (home / "multirun").glob("*/journal.log")
    storage = open_storage(str(journal), journal)
    (name,) = optuna.get_all_study_names(storage)
    study = optuna.load_study(study_name=name, storage=storage)
    return [as_trial(frozen) for frozen in study.trials]


def runs(home: Path) -> tuple[list[RunRecord], list[RunRecord]]:
    """Runs of trials, and full ones."""
    found = read_all(home / "experiments")
    return [r for r in found if r.trial is not None], [r for r in found if r.trial is None]


def begun(home: Path, after: str | None, *words: str) -> subprocess.Popen:
    """A search that has said ``after`` if anything, in a group of its own."""
    search = subprocess.Popen(
        [*TRAIN, *(words or SEARCH)],
        env=environment(home),
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    if after is None:
        return search
    assert search.stderr is not None
    for line in search.stderr:
        if after in line:
            return search
    raise AssertionError(f"'{after}' was never said")


def finished(search: subprocess.Popen) -> tuple[int, str, str]:
    out, err = search.communicate(timeout=60)
    return search.returncode, out, err


def processes_of(home: Path) -> list[str]:
    """Numbers of the processes that run in a workspace."""
    wanted = f"VISPERA_HOME={home}\0".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if wanted in (process / "environ").read_bytes():
                found.append(process.name)
    return found


def comes_true(what: Callable[[], bool], seconds: float = 60.0, every: float = 0.1) -> bool:
    """Whether something becomes so within a time that is long enough for any machine."""
    until = time.monotonic() + seconds
    while not what():
        if time.monotonic() > until:
            return False
        time.sleep(every)
    return True
