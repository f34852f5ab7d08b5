"""Searches whose trials are a formula of their values: here, or in processes that share a study."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from vispera.search import Asked, Result, SearchSettings, Study, at_work, open_storage
from vispera.search import search as run_trials
from vispera.space import read_space

SPACE = read_space({"x": {"low": -1.0, "high": 1.0}, "depth": {"low": 1, "high": 6}, "kind": ["a", "b"]})
FIRST = {"x": 0.9, "depth": 3, "kind": "b"}
WINDOWS = 3
SETTINGS = SearchSettings(trials=12, workers=2, startup=4, max_failures=3)


class Killed(BaseException):
    """What a search ends with that is killed: nothing of it is caught on the way."""


class Formula:
    """Runs trials as a formula of their values, at most ``room`` at a time, the last begun ended first.

    ``die_after`` trials have ended, it dies; ``fails`` tells which trials fail.
    """

    def __init__(self, room: int = 2, die_after: int | None = None, fails=lambda asked: False):
        self.room, self.die_after, self.fails = room, die_after, fails
        self.open: list[Asked] = []
        self.begun: list[int] = []
        self.done = 0

    @property
    def free(self) -> int:
        return self.room - len(self.open)

    def begin(self, asked: Asked) -> None:
        self.open.append(asked)
        self.begun.append(asked.number)

    def ended(self, reached) -> Iterable[tuple[int, Result]]:
        if self.done == self.die_after:
            reached(self.open[-1].number, 0, 0.5)
            raise Killed
        asked = self.open.pop()
        self.done += 1
        return [(asked.number, self._tried(asked, reached))]

    def _tried(self, asked: Asked, reached) -> Result:
        if self.fails(asked):
            return Result(state="failed", reason="it was meant to")
        score = asked.values["x"] ** 2 + 0.01 * asked.values["depth"] + 0.1 * (asked.values["kind"] == "a")
        for window, bar in enumerate(asked.stop_above):
            reached(asked.number, window, score + 0.001 * window)
            if bar is not None and score + 0.001 * window > bar:
                return Result(state="pruned", reason="above the bar")
        return Result(state="finished", score=score, seconds=0.1, run=f"run-{asked.number}")

    def close(self) -> None:
        self.open.clear()


def study_in(storage, settings: SearchSettings = SETTINGS, seed: int = 0, name: str = "s") -> Study:
    """The study of the formula in an open storage."""
    return Study(name, SPACE, settings, seed, storage, FIRST)


def study(tmp_path, settings: SearchSettings = SETTINGS, seed: int = 0, name: str = "s") -> Study:
    """The same in a journal."""
    return study_in(open_storage(str(tmp_path / "journal.log"), tmp_path / "unused"), settings, seed, name)


def search(asked: Study, runner, windows: int, told) -> None:
    """A search as its command runs it."""
    with at_work(asked):
        run_trials(asked, runner, windows, told)


def searched(tmp_path, runner=None, **changed) -> Study:
    """A journal's study after its search."""
    asked = study(tmp_path, replace(SETTINGS, **changed))
    search(asked, runner or Formula(), WINDOWS, lambda trial: None)
    return asked


def together(place: str, searchers: int = 2, **changed) -> list[list[int]]:
    """Numbers of the trials that each of several processes ran, which began at the same moment."""
    command = [sys.executable, __file__, place, json.dumps(changed)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    begun = [subprocess.Popen(command, **pipes) for _ in range(searchers)]
    for process in begun:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in begun:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate(timeout=120)[0] for process in begun]
    assert [process.returncode for process in begun] == [0] * searchers
    return [json.loads(said) for said in told]


def main(place: str, changed: str) -> None:
    """Search, once told to go, and print which trials were begun."""
    import optuna  # noqa: F401  (so that none waits for it after the start)

    print("ready", flush=True)
    sys.stdin.readline()
    asked = study_in(open_storage(place, Path(place)), replace(SETTINGS, **json.loads(changed)))
    runner = Formula()
    search(asked, runner, WINDOWS, lambda trial: None)
    print(json.dumps(runner.begun))


if __name__ == "__main__":
    main(*sys.argv[1:])
