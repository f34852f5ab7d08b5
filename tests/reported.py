"""A workspace with two runs of train and a replay, and one in which they are told in both languages.

Made once in a session, by the commands themselves; whoever writes into one takes a copy.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from conftest import problem
from typed import environment, workspace_in
from vispera.alone import alone
from vispera.problem import Problem
from vispera.record import RunRecord, read_all
from vispera.report.feasibility.basis import Basis, choose
from vispera.report.feasibility.gather import gather
from vispera.report.feasibility.told import Told, numbered

DAY = "2026-11-26"
WORLD = ("problem.settings.rows=5000", "problem.settings.months=12")
SPLIT = ("problem.split.nights=21", "problem.split.tuning=1")
COSTS = ("problem.decision.costs.call=1.5", "problem.decision.costs.talked_out=0.002")
"""With these some way of calling is worth more than calling nobody, in few nights."""
PROBLEM = (*WORLD, *SPLIT, *COSTS)
OWN = ("tracker=none", "threads=1")
TRAIN = ("train", *PROBLEM, *OWN, "seed=3", "evaluation.resamples=50")
REPLAY = ("replay", *OWN, "resamples=100", "ladder.trees.estimator.iterations=10",
          "sensitivity.capacities=[20]")  # fmt: skip
RECORDED = ((*TRAIN, "model=rule"), (*TRAIN, "model=logistic"), (*REPLAY, "run=last", "refit=monthly"))
REPORT = ("report", "tracker=none")
REPORTED = (REPORT, (*REPORT, "language=es"))
ONE_PROCESS = """
import json, sys
from vispera.__main__ import main
sys.exit(max(main(words) for words in json.loads(sys.argv[1])))
"""


@pytest.fixture(scope="session")
def recorded(tmp_path_factory) -> Path:
    """A workspace with a run of rule, one of logistic, and a replay of the second; nobody writes there."""

    def make(home: Path) -> None:
        typed(workspace_in(home), *RECORDED)

    return _once(tmp_path_factory, "recorded", make)


@pytest.fixture(scope="session")
def reported(recorded, tmp_path_factory) -> Path:
    """The same with its first report in both languages; nobody writes there."""

    def make(home: Path) -> None:
        typed(copied(recorded, home), *REPORTED)

    return _once(tmp_path_factory, "reported", make)


@pytest.fixture
def own_runs(recorded, tmp_path, monkeypatch) -> Path:
    """A copy of the runs for a test of its own, which commands of this process work in."""
    return _own(recorded, tmp_path, monkeypatch)


@pytest.fixture
def own_report(reported, tmp_path, monkeypatch) -> Path:
    """A copy of the runs and of their report."""
    return _own(reported, tmp_path, monkeypatch)


def _own(source: Path, place: Path, monkeypatch) -> Path:
    copy = copied(source, place / "home")
    monkeypatch.setenv("VISPERA_HOME", str(copy))
    monkeypatch.chdir(place)
    return copy


def _once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that is made once in a session, whichever of its processes comes first."""
    base = factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    home, made = base / name, base / f"{name}.made"
    with alone(base, "makes a workspace in"):
        if not made.exists():
            home.mkdir()
            make(home)
            made.touch()
    return home


def copied(source: Path, home: Path) -> Path:
    """A workspace beside another one, of which nothing is shared."""
    return shutil.copytree(source, home, symlinks=True, dirs_exist_ok=True)


def typed(home: Path, *commands: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """Commands that go well, one after the other in one process."""
    words = [sys.executable, "-c", ONE_PROCESS, json.dumps(commands)]
    done = subprocess.run(words, env=environment(home), cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def vispera(home: Path, *words: str, code: int = 0, **options: Any) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own."""
    command = [sys.executable, "-m", "vispera", *words]
    asked = {"capture_output": True, "text": True, "check": False, "cwd": "/", **options}
    done = subprocess.run(command, env=environment(home), **asked)
    assert done.returncode == code, done.stdout + done.stderr
    return done


@cache
def declared(*words: str) -> Problem:
    """The problem of these runs, changed by words."""
    return problem("simulated", *PROBLEM, *words)


def basis_of(home: Path, replay: str | None = None, runs: tuple[str, ...] = ()) -> Basis:
    """The runs that a report in a workspace is made from."""
    return choose(read_all(home / "experiments"), "simulated", replay, runs)


def told_of(home: Path, number: int = 1, **chosen: Any) -> Told:
    """What a report in a workspace tells, with no kernel started."""
    own = declared()
    return numbered(gather(basis_of(home, **chosen), own.decision, own.schema, {}), number, DAY)


def of_verb(home: Path, verb: str, model: str | None = None) -> RunRecord:
    """The newest run of a verb."""
    found = [one for one in read_all(home / "experiments") if one.verb == verb]
    return [one for one in found if model in (None, one.model)][-1]


def change(path: Path, *keys: str | int, to: Any) -> None:
    """Another value under some keys of a JSON file."""
    content = inside = json.loads(path.read_text("utf-8"))
    for key in keys[:-1]:
        inside = inside[key]
    inside[keys[-1]] = to
    path.write_text(json.dumps(content), "utf-8")


def folder_of(home: Path, number: int = 1) -> Path:
    """Folder of a report on the shelf."""
    (found,) = (home / "reports" / "feasibility").glob(f"{number:03d}-*")
    return found


def page_of(home: Path, language: str, number: int = 1) -> str:
    """A published page."""
    return (folder_of(home, number) / language / f"feasibility-{number:03d}-{language}.html").read_text(
        "utf-8"
    )


def bytes_below(folder: Path) -> dict[str, bytes]:
    """Content of every file of a folder by its path."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
