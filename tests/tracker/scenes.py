"""Small real runs under the tracker in a process of their own: python scenes.py SCENE WORKSPACE.

Nothing is trained, so that W&B can be broken in many ways in little time; each scene prints records as JSON.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from vispera.record import RunRecord, read
from vispera.revision import Revision
from vispera.run import Pruned, Run, start_run
from vispera.tracker import Guarded, mirrored
from vispera.tracker.wandb import WandbTracker

MODE = os.environ.get("WANDB_MODE", "offline")
TIMEOUTS = json.loads(os.environ.get("SCENE_TIMEOUTS", '{"init_timeout": 1}'))
ended: list[RunRecord] = []


@contextmanager
def tracked(workspace: Path, **options) -> Iterator[tuple[Run, Guarded]]:
    """A run with its mirror; its record is kept when it has ended."""
    about = {"name": "scene", "command": [], "config": {"seed": 1}, "revision": Revision()}
    folder = None
    try:
        with start_run(workspace / "experiments", **about, **options) as run:
            folder = run.folder
            with mirrored(WandbTracker(folder=workspace, mode=MODE, **TIMEOUTS), run) as mirror:
                if "WANDB_SERVICE" in os.environ:
                    raise LookupError("child processes would use our service")
                yield run, mirror
    finally:
        if folder:
            ended.append(read(folder))


def service() -> int:
    """Process of W&B's service that is ours."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # of a process that has just ended
            pid, name, _, parent = path.read_text().split()[:4]
            if name == "(wandb-core)" and int(parent) == os.getpid():
                return int(pid)
    raise LookupError("no service of W&B's is running")


def plain(workspace: Path) -> None:
    """One run with one row."""
    with tracked(workspace) as (_, mirror):
        mirror.log({"window/x": 1.0}, 0)


def killed(workspace: Path) -> None:
    """All of it killed the moment that a row was logged, the service before it can write anything more."""
    with tracked(workspace) as (run, mirror):
        for number, window in enumerate(("tuning-1", "tuning-2", "test")):
            mirror.log(
                {"window/name": window, "window/log_loss": 0.1 + number, "window/ece": float("nan")}, number
            )
        print(run.id, flush=True)
        os.kill(service(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)


def service_lost(workspace: Path) -> None:
    """The service killed before a row, and the next run of the same process."""
    with tracked(workspace) as (_, mirror):
        os.kill(service(), signal.SIGKILL)
        mirror.log({"window/x": 1.0}, 0)
        mirror.log({"window/x": 2.0}, 1)
    with tracked(workspace) as (_, mirror):
        mirror.log({"window/x": 3.0}, 0)


def damaged(workspace: Path) -> None:
    """A file of the run that the close cannot read."""
    with tracked(workspace) as (run, mirror):
        mirror.log({"window/x": 1.0}, 0)
        run.put_text("metrics.json", "{ no JSON")


def many(workspace: Path) -> None:
    """One run within another, one with options, then one that fails and one that is pruned."""
    with tracked(workspace) as (_, outer):
        outer.log({"window/x": 1.0}, 0)
        with tracked(workspace, sweep="depths", trial=3, parent="other") as (_, inner):
            inner.log({"window/x": 10.0}, 0)
        outer.log({"window/x": 2.0}, 1)
    for error in (ZeroDivisionError("by nothing"), Pruned("hopeless")):
        with suppress(type(error)), tracked(workspace):
            raise error


def whole(workspace: Path) -> None:
    """A run with rows, and with all that another one left, whose folder SCENE_FILES names."""
    with tracked(workspace, sweep="depths") as (run, mirror):
        for number in range(5):
            mirror.log({"window/name": f"tuning-{number}", "window/log_loss": 0.5 - number / 10}, number)
        left = Path(os.environ["SCENE_FILES"])
        for name in ("model", "figures"):
            shutil.copytree(left / name, run.folder / name, dirs_exist_ok=True)
        for name in ("metrics", "curves", "slices", "importance", "audit", "data", "figures"):
            shutil.copy(left / f"{name}.json", run.folder)


SCENES: dict[str, Callable[[Path], None]] = {
    scene.__name__: scene for scene in (plain, killed, service_lost, damaged, many, whole)
}


if __name__ == "__main__":
    SCENES[sys.argv[1]](Path(sys.argv[2]))
    print(json.dumps([{"id": r.id, "state": r.state, "tracker": r.tracker, "error": r.error} for r in ended]))
