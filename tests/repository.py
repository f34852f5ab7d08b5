"""A repository of this workspace's code, thrown away with the test, and commands typed in its clones."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from vispera import workspace
from vispera.record import RunRecord, read_all

SMALL = ("problem.settings.rows=6000", "evaluation.resamples=20", "threads=1", "tracker=none")
CODE = ("src", "conf", "train.py", "pyproject.toml", "requirements.lock", ".gitignore")
RULE = Path("src", "vispera", "model", "rule.py")
TILTED = "return self._ladder(columns)[-1]"
"""What the rule's raw score is; it is tilted to get code that gives other numbers."""


def git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=Ana", "-c", "user.email=ana@example.org")
    variables = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", *identity, *words]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, env=variables)
    return done.stdout.strip()


@dataclass(frozen=True)
class Clone:
    """A clone in which commands are typed; it is its own workspace."""

    root: Path

    @property
    def experiments(self) -> Path:
        return self.root / "experiments"

    @property
    def newest(self) -> RunRecord:
        return read_all(self.experiments)[-1]

    def variables(self, *paths: Path, **more: str) -> dict[str, str]:
        """Variables of a command that imports from this clone, and from further paths."""
        ours = ("VISPERA_", "PYTHONPATH", "GIT_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return {**kept, "PYTHONPATH": os.pathsep.join(map(str, (self.root / "src", *paths))), **more}

    def call(
        self, *words: str, paths: tuple[Path, ...] = (), **more: str
    ) -> subprocess.CompletedProcess[str]:
        """``vispera WORDS`` as it ended."""
        command = [sys.executable, "-m", "vispera", *words]
        asked = {"capture_output": True, "text": True, "check": False, "cwd": self.root}
        return subprocess.run(command, env=self.variables(*paths, **more), **asked)

    def train(self, *words: str, paths: tuple[Path, ...] = (), code: int = 0) -> RunRecord:
        """Record of a run that ended with that exit code."""
        done = self.call("train", *words, paths=paths)
        assert done.returncode == code, done.stderr
        return self.newest

    def reproduce(
        self, record: RunRecord, *words: str, code: int, paths: tuple[Path, ...] = ()
    ) -> dict[str, Any]:
        """reproduction.json of a record made again, which ended with that exit code."""
        before = contents(self.experiments)
        done = self.call("reproduce", f"run={record.id}", "json=true", *words, paths=paths)
        assert done.returncode == code, done.stdout + done.stderr
        assert contents(self.experiments) == before, "the runs are not touched"
        assert len(git(self.root, "worktree", "list").splitlines()) == 1
        told = json.loads(done.stdout)
        assert json.loads((self.root / told["folder"] / "reproduction.json").read_text()) == told
        return told

    def copied(self, record: RunRecord, name: str) -> RunRecord:
        """A copy of a run under another id."""
        shutil.copytree(record.folder, self.experiments / name)
        file = self.experiments / name / "record.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), "id": name}))
        return next(one for one in read_all(self.experiments) if one.id == name)

    def tilt(self, by: str) -> None:
        """Have the rule's raw score become something else."""
        text = (self.root / RULE).read_text()
        start = text.index("return self._ladder(columns)[-1]")
        end = text.index("\n", start)
        (self.root / RULE).write_text(f"{text[:start]}{TILTED}{by}{text[end:]}")


def repository(place: Path) -> Clone:
    """A repository with one commit of this workspace's code as it is now."""
    place.mkdir(parents=True)
    for name in CODE:
        one = workspace.source() / name
        if one.is_dir():
            shutil.copytree(one, place / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(one, place / name)
    git(place, "init", "-q")
    git(place, "add", "-A")
    git(place, "commit", "-qm", "the code")
    return Clone(place)


def cloned(origin: Clone, place: Path, *words: str) -> Clone:
    git(origin.root, "clone", "-q", *words, f"file://{origin.root}", str(place))
    return Clone(place)


def contents(folder: Path) -> dict[str, str]:
    """sha256 of every file below a folder."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() for path in files}


def causes(told: dict[str, Any]) -> dict[str, bool]:
    """Whether each cause that was named was shown."""
    return {cause["name"]: cause["shown"] for cause in told["causes"]}


def whats(told: dict[str, Any], cause: str) -> dict[str, list[Any]]:
    """Both values of everything that differs under a cause."""
    [found] = [one for one in told["causes"] if one["name"] == cause]
    return {one["what"]: [one["recorded"], one["here"]] for one in found["differences"]}
