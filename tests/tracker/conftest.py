"""One real run that W&B mirrored, which the tests of this room look at from all sides."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tracker_online import Online
from vispera import workspace
from vispera.record import RunRecord, read_all
from vispera.tracker import wandb_log
from wandb_double import serving

ALONE, SCENES = (Path(__file__).with_name(name) for name in ("alone.py", "scenes.py"))
FORBIDDEN = 77
"""Exit code of alone.py where the kernel gives no network namespace."""
SMALL = ("problem.settings.rows=6000", "evaluation.resamples=20", "threads=1")
CANARIES = {  # put together here, or the patch of a changed test file would hold them
    "WANDB_API_KEY": "-".join(("quokka", "5512", "wxyz", "0123456789", "abcdefghij", "k")),
    "in a note": "".join(("correct", "horse", "battery")),
    "in the configuration": "".join(("stapler", "9921", "zebra")),
}


@dataclass
class Place:
    """A workspace of its own, and beside it empty folders for all that might be written elsewhere."""

    root: Path
    beside: Path
    attempts: dict[str, int] | None = field(default=None, init=False)
    """What the last command that was run alone tried to reach; None if none was, or none can be."""

    @property
    def environ(self) -> dict[str, str]:
        """Environment of a user who has never heard of W&B."""
        usual = {name: value for name, value in os.environ.items() if not name.startswith("WANDB_")}
        folders = {name: self.folder(name) for name in ("HOME", "TMPDIR", "MPLCONFIGDIR")}
        return {**usual, **folders, "VISPERA_HOME": str(self.root), "NO_COLOR": "1"}

    def folder(self, name: str) -> str:
        """One of the folders beside the workspace."""
        place = self.beside / name
        place.mkdir(exist_ok=True)
        return str(place)

    def command(self, *words: str) -> list[str]:
        """``python train.py`` with the tracker and small data."""
        script = workspace.source() / "train.py"
        return [sys.executable, str(script), "tracker=wandb", *SMALL, *words]

    def train(self, *words: str, alone: bool = False, **environ: str) -> subprocess.CompletedProcess:
        """``python train.py`` run in this workspace; see `run`."""
        return self.run(self.command(*words), alone, **environ)

    def play(self, scene: str, alone: bool = False, **environ: str) -> subprocess.CompletedProcess:
        """A scene of scenes.py in this workspace; see `run`."""
        return self.run([sys.executable, str(SCENES), scene, str(self.root)], alone, **environ)

    def run(self, command: list[str], alone: bool, **environ: str) -> subprocess.CompletedProcess:
        """Run a command, ``alone`` if need be: with no network, and counting who misses it."""
        report = Path(self.folder("reports")) / "attempts.json"
        report.unlink(missing_ok=True)
        prefix = [sys.executable, str(ALONE), str(report)]
        options: Any = {"capture_output": True, "text": True, "stdin": subprocess.DEVNULL}
        options |= {"env": {**self.environ, **environ}, "cwd": self.folder("cwd")}
        done = subprocess.run([*(prefix if alone else []), *command], check=False, **options)
        if alone and done.returncode == FORBIDDEN:
            done = subprocess.run(command, check=False, **options)
        self.attempts = json.loads(report.read_text()) if report.exists() else None
        return done

    @property
    def newest(self) -> RunRecord:
        """Record of the last run."""
        return read_all(self.root / "experiments")[-1]

    def log_of(self, record: RunRecord) -> Path:
        """W&B's log of a run."""
        (log,) = self.root.glob(f"wandb/*run-*-{record.id}/run-{record.id}.wandb")
        return log


def make_place(factory: pytest.TempPathFactory) -> Place:
    """A fresh workspace with the real conf and src."""
    root = factory.mktemp("workspace")
    for name in ("conf", "src", "requirements.lock"):
        (root / name).symlink_to(workspace.source() / name)
    return Place(root, factory.mktemp("beside"))


@pytest.fixture(scope="session")
def place(tmp_path_factory) -> Place:
    """A workspace for runs of W&B's."""
    return make_place(tmp_path_factory)


@dataclass(frozen=True)
class Mirrored:
    """A finished run, what W&B's log of it holds, and what was seen around it."""

    place: Place
    done: subprocess.CompletedProcess
    record: RunRecord
    log: Path
    attempts: dict[str, int] | None
    canaries: dict[str, str]

    def kept(self, name: str) -> Any:
        """A JSON file of the run's folder."""
        return json.loads((self.record.folder / name).read_text())

    def of_kind(self, kind: str) -> list[Any]:
        """Records of the log that are of one kind."""
        return [getattr(r, kind) for r in wandb_log.records(self.log) if r.WhichOneof("record_type") == kind]

    @property
    def summary(self) -> dict[str, Any]:
        """What the summary comes to."""
        found: dict[str, Any] = {}
        for record in self.of_kind("summary"):
            for item in record.update:
                if not item.nested_key or len(item.nested_key) == 1:
                    found[item.key or item.nested_key[0]] = json.loads(item.value_json)
        return found

    def artifact(self, kind: str) -> Any:
        """The one artifact of a type."""
        (found,) = (artifact for artifact in self.of_kind("artifact") if artifact.type == kind)
        return found


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Mirrored:
    """A finished run in a workspace of its own, made with no network, under the eyes of the kernel."""
    place = make_place(tmp_path_factory)
    note = f"see https://me:{CANARIES['in a note']}@example.org, a first run"
    secret = f"data.path=https://me:{CANARIES['in the configuration']}@example.org/bookings.csv"
    asked = {
        "WANDB_API_KEY": CANARIES["WANDB_API_KEY"],
        "WANDB_RUN_GROUP": "first",
        "WANDB_TAGS": "asked,demo",
    }
    done = place.train("model=rule", f"note='{note}'", "tags=[demo]", secret, alone=True, **asked)
    assert done.returncode == 0, done.stderr
    record = place.newest
    return Mirrored(place, done, record, place.log_of(record), place.attempts, CANARIES)


def _online(factory: pytest.TempPathFactory, finished: Mirrored) -> Iterator[Online]:
    with serving() as double:
        yield Online(make_place(factory), double, finished.record.folder)


@pytest.fixture
def online(tmp_path_factory, finished) -> Iterator[Online]:
    """A workspace of its own, and a W&B server that it talks to."""
    yield from _online(tmp_path_factory, finished)


@pytest.fixture(scope="module")
def shared(tmp_path_factory, finished) -> Iterator[Online]:
    """The same for the tests of a module that only look."""
    yield from _online(tmp_path_factory, finished)
