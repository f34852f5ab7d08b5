"""A recorded run made again: its configuration with the places of this workspace, in a process of its own."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vispera import workspace
from vispera.environment import THREAD_VARIABLES
from vispera.errors import Declined
from vispera.files import write_text
from vispera.problem.hotel import found_in
from vispera.record import RunRecord, read_all
from vispera.reproduction.cause import ABSENT, THREADS

NO_TRACKER = {"_target_": "vispera.tracker.none.NoTracker"}
HOTEL = "vispera.problem.hotel.Hotel"
"""The problem whose source may have been fetched into data/."""
AGAIN = [sys.executable, "-P", "-m", "vispera.door.again"]
"""Runs a configuration; ``-P``: nothing is imported from the folder that it runs in."""


def placed(config: Mapping[str, Any], data: str | None) -> dict[str, Any]:
    """A recorded configuration with the places of this workspace, and without a tracker.

    Canonical tables are made anew, below the folder of the run itself: one that lies in a cache may have been
    made by other code. ``data`` says where the source lies now; None looks where it was recorded, then
    where ``VISPERA_DATA`` points, then in data/.
    """
    made = copy.deepcopy(dict(config))
    made["tracker"] = dict(NO_TRACKER)
    made["data"] = {"path": None, "cache": "data"}
    if "publish" in made:  # where a pipeline looks for the run's own numbers
        made["publish"] = None
    problem = made.get("problem")
    if isinstance(problem, dict):
        problem["cache"] = "data"
        for name in ("addresses", "download"):  # nothing is fetched; they may have held a password
            problem.pop(name, None)
        if "path" in problem:
            problem["path"] = located(problem["path"], data, problem.get("_target_"))
        files = problem.get("source_files") or {}
        problem["source_files"] = {name: located(path, None) for name, path in files.items()}
        if not files:
            del problem["source_files"]
    return made


def located(recorded: str | None, typed: str | None, kind: str | None = None) -> str | None:
    """Where a file or folder of the source lies now; the recorded place if it is nowhere to be found."""
    named = workspace.root() / "data" / Path(recorded).name if recorded else None
    guesses = [typed] if typed else [recorded, os.environ.get("VISPERA_DATA"), named]
    there = (Path(guess).expanduser() for guess in guesses if guess)
    found = next((path for path in there if path.exists()), None)
    if found is None and not typed and kind == HOTEL and found_in(workspace.root() / "data"):
        found = workspace.root() / "data"
    return str(found.resolve()) if found else typed or recorded


def with_threads(config: Mapping[str, Any], threads: int) -> dict[str, Any]:
    """The configuration with another number of threads, wherever the run's own stood."""
    before = config.get("threads")

    def changed(node: Any, key: str = "") -> Any:
        if isinstance(node, Mapping):
            return {name: changed(item, str(name)) for name, item in node.items()}
        return threads if key in THREADS and node == before else node

    return changed(config)


def with_values(config: Mapping[str, Any], values: Mapping[tuple[str, ...], Any]) -> dict[str, Any]:
    """The configuration with other values at some paths; one that is ``ABSENT`` is taken out."""
    made = copy.deepcopy(dict(config))
    for path, value in values.items():
        node = made
        for key in path[:-1]:
            node = node.setdefault(key, {})
        if value == ABSENT:
            node.pop(path[-1], None)
        else:
            node[path[-1]] = value
    return made


@dataclass(frozen=True)
class Made:
    """A run that was made again; ``faults`` say why there is none, or why it failed."""

    record: RunRecord | None
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Bench:
    """Where a run is made again: with which code, below which folder, in which environment."""

    code: Path
    home: Path
    environment: Mapping[str, Any]

    def make(self, config: Mapping[str, Any], words: Sequence[str]) -> Made:
        """The run of a configuration, recorded below the bench's own folder."""
        import yaml

        self.home.mkdir(parents=True, exist_ok=True)
        file = self.home / "config.yaml"
        write_text(file, yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True, width=110))
        told = self._asked(str(file), *words)
        runs = read_all(self.home / "experiments")
        faults = tuple(told["faults"])
        if not runs:
            return Made(None, faults or ("it left no run, and no reason",))
        return Made(runs[-1], faults)

    def composed(self, words: Sequence[str]) -> dict[str, Any]:
        """Configuration that the words of a command line give in that code; Declined if they give none."""
        self.home.mkdir(parents=True, exist_ok=True)
        told = self._asked("--compose", *words)
        if told["exit"]:
            raise Declined("; ".join(told["faults"]))
        return told["config"]

    def _asked(self, *words: str) -> dict[str, Any]:
        """The last answer of a process with this code; Declined if it is other code that answers."""
        with _process([*AGAIN, *words], self._variables(), self.home) as process:
            lines = [line for line in process.stdout or () if line.startswith("{") and line.endswith("}\n")]
        answers = [json.loads(line) for line in lines]
        own = (self.code / "src" / "vispera").resolve()
        if answers and Path(answers[0].get("code", "")) != own:
            raise Declined(f"it would run from {answers[0].get('code')} instead of {own}")
        if not answers or "exit" not in answers[-1]:
            return {"exit": process.returncode, "faults": [f"its process ended with {process.returncode}"]}
        return answers[-1]

    def _variables(self) -> dict[str, str]:
        """Variables of the process: threads and hash seed as recorded, imports from the code alone."""
        made = dict(os.environ)
        before = self.environment.get("thread_variables") or {}
        wanted = {name: before[name] for name in THREAD_VARIABLES if name in before}
        if "hash_seed" in self.environment:
            wanted["PYTHONHASHSEED"] = self.environment["hash_seed"]
        for name, value in wanted.items():
            made.pop(name, None)
            if value is not None:
                made[name] = str(value)
        beside = [made["PYTHONPATH"]] if made.get("PYTHONPATH") else []
        return {
            **made,
            "VISPERA_HOME": str(self.home),
            "PYTHONPATH": os.pathsep.join([str(self.code / "src"), *beside]),
            "PYTHONDONTWRITEBYTECODE": "1",
        }


@contextmanager
def _process(command: list[str], env: Mapping[str, str], folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that ends when this block does, or when this process is gone."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=env, cwd=folder) as process:
        try:
            yield process
            process.wait()
        except BaseException:
            process.kill()
            raise
