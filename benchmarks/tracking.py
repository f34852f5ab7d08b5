"""What tracking costs: whole processes side by side on one feature table, their seconds in turn in one run.

    python benchmarks/tracking.py [rounds]

``bare`` is a script that reads the table, fits CatBoost twice (one tuning window, and everything matured) and
computes the same metrics, see ``tracked/bare_script.py``; ``+ MLflow`` is that script with its parameters,
metrics, predictions and model logged to a local store. ``train`` is our command with one window, no audit
and no intervals: the same two fits, which is checked, and its whole record, figures and artefact. MLflow is
looked for here, or in another environment that has catboost too: MLFLOW_PYTHON=/that/environment/bin/python.

CPU is that of a command and of everything it started, services that outlive it included (on Linux). Wall is
until the command ended. Nothing is judged; the aims are printed beside what was measured.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tracked.feature_table import write_table

ROOT = Path(__file__).parents[1]
SCRIPT = Path(__file__).parent / "tracked" / "bare_script.py"
EMPTY = """import hydra


@hydra.main(version_base="1.3", config_path=None)
def main(config):
    pass


main()
"""
FITS = {
    "a short fit": {"iterations": 40},
    "a fit of some 20 s": {
        "iterations": 500,
        "rsm": 1.0,
        "border_count": 254,
        "leaf_estimation_iterations": 30,
    },
}
"""CatBoost's options of each size of fit, beside those of conf/model/catboost.yaml."""
ROUNDS = 3
BARE = "bare script"
SUBREAPER = 36
"""Of Linux's prctl: orphans of what we start become our children, so that their CPU is counted."""


@dataclass(frozen=True)
class Taken:
    """Seconds of one process: until it ended, and of CPU with all that it started."""

    wall: float
    cpu: float


def main(rounds: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    with TemporaryDirectory(prefix="vispera-bench-") as place:
        folder = Path(place)
        (folder / "empty.py").write_text(EMPTY)
        write_table(folder, TRAIN)
        for title, options in FITS.items():
            compare(folder, title, options, rounds)
        help_beside_an_empty_application(folder, rounds)


def compare(folder: Path, title: str, options: Mapping[str, float], rounds: int) -> None:
    """Print the table of one size of fit."""
    commands = variants(folder, options)
    taken: dict[str, list[Taken]] = {name: [] for name in commands}
    for turn in range(rounds + 1):  # the first is a warm-up
        for name, command in commands.items():
            once = timed(command, folder)
            if turn:
                taken[name].append(once)
    same_work(folder)
    told = ", ".join(f"{name} {value:g}" for name, value in options.items())
    print(f"\n{title} ({told}), twice; median of {rounds} rounds, in turn")
    print(f"{'':<24}{'wall s':>8}{'CPU s':>8}{'added wall':>12}{'added CPU':>11}{'wall ratio':>12}")
    for name, times in taken.items():
        base = taken[base_of(name)]
        wall, cpu = (median(getattr(one, what) for one in times) for what in ("wall", "cpu"))
        added = median(one.wall - other.wall for one, other in zip(times, base, strict=True))
        work = median(one.cpu - other.cpu for one, other in zip(times, base, strict=True))
        ratio = median(one.wall / other.wall for one, other in zip(times, base, strict=True))
        print(f"{name:<24}{wall:>8.2f}{cpu:>8.2f}{added:>12.2f}{work:>11.2f}{ratio:>12.2f}")
    mlflow = next((name for name in taken if name.startswith("+ MLflow")), None)
    if mlflow is None:
        print("MLflow is not installed here, nor named by MLFLOW_PYTHON: its rows are left out")
        return
    theirs = median(a.wall - b.wall for a, b in zip(taken[mlflow], taken[base_of(mlflow)], strict=True))
    for name in ("train, no tracker", "train, wandb offline"):
        ours = median(a.wall - b.wall for a, b in zip(taken[name], taken[BARE], strict=True))
        print(f"{name} adds {ours / theirs:.2f} of what MLflow adds (aim for all of ours: 0.45)")


def base_of(name: str) -> str:
    """The variant that another one is measured against: the bare script of the same environment."""
    return f"{BARE}, MLflow's Python" if name.endswith("(its own Python)") else BARE


def variants(folder: Path, options: Mapping[str, float]) -> Mapping[str, Sequence[str]]:
    """Command of each variant, in the order of the table."""
    bare = [str(SCRIPT), str(folder), json.dumps(options)]
    words = [f"model.estimator.{name}={value}" for name, value in options.items()]
    train = [sys.executable, str(ROOT / "train.py"), "--config-dir", str(folder), *TRAIN, *words]
    found = {BARE: [sys.executable, *bare]}
    other = os.environ.get("MLFLOW_PYTHON")
    if has_mlflow(sys.executable):
        found["+ MLflow"] = [sys.executable, *bare, "mlflow"]
    elif other and has_mlflow(other):
        found[f"{BARE}, MLflow's Python"] = [other, *bare]
        found["+ MLflow (its own Python)"] = [other, *bare, "mlflow"]
    found["train, no tracker"] = [*train, "tracker=none"]
    found["train, wandb offline"] = [*train, "tracker=wandb", "tracker.mode=offline"]
    return found


TRAIN = (
    "problem=feature_table",
    "model=catboost",
    "model.features={facts:all,rates:none,recent:none,books:none,sources:none}",
    "model.snapshots=[14]",
    "model.estimator.later_share=0",
    "threads=1",
    "baseline=prior",
    "evaluation.test=false",
    "evaluation.resamples=0",
    "audit.skip=true",
    "audit.reason=a benchmark",
)
"""One window, no audit, no intervals."""


def has_mlflow(python: str) -> bool:
    asked = subprocess.run(
        [python, "-c", "import importlib.util as u, sys; sys.exit(u.find_spec('mlflow') is None)"],
        check=False,
        capture_output=True,
    )
    return asked.returncode == 0


def timed(command: Sequence[str], folder: Path) -> Taken:
    """Seconds of one command; what it said is shown if it failed."""
    environment = {**os.environ, "VISPERA_HOME": str(folder), "MLFLOW_DISABLE_TELEMETRY": "true"}
    before, began = used(), time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    wait_for_orphans()
    return Taken(wall, used() - before)


def used() -> float:
    """CPU seconds of all children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def wait_for_orphans(at_most: float = 20.0) -> None:
    """Bury what a command left running, so that its CPU is counted."""
    until = time.monotonic() + at_most
    while time.monotonic() < until:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.02)
        except ChildProcessError:
            return


def same_work(folder: Path) -> None:
    """Stop if the bare script and the command did not reach the same metrics."""
    bare = json.loads((folder / "bare.json").read_text())
    newest = max((folder / "experiments").iterdir())
    window = json.loads((newest / "metrics.json").read_text())["windows"]["tuning-1"]
    ours = {name: found["value"] for name, found in window["metrics"].items()}
    apart = {name: (bare[name], ours[name]) for name in ours if abs(bare[name] - ours[name]) > 1e-9}
    if apart or window["rows"] != bare["rows"]:
        raise SystemExit(f"not the same work: {apart}, {window['rows']} and {bare['rows']} rows")


def help_beside_an_empty_application(folder: Path, rounds: int) -> None:
    """Print how long ``--help`` takes beside that of a Hydra application that does nothing."""
    commands = {
        "an empty Hydra application": [sys.executable, str(folder / "empty.py"), "--help"],
        "train --help": [sys.executable, str(ROOT / "train.py"), "--help"],
    }
    taken: dict[str, list[Taken]] = {name: [] for name in commands}
    for turn in range(2 * rounds + 1):
        for name, command in commands.items():
            once = timed(command, folder)
            if turn:
                taken[name].append(once)
    empty, ours = taken.values()
    print(f"\n--help; median of {2 * rounds} rounds, in turn")
    for name, times in taken.items():
        print(f"{name:<28}{median(one.wall for one in times):>8.3f} s")
    ratio = median(a.wall / b.wall for a, b in zip(ours, empty, strict=True))
    print(f"ratio {ratio:.2f} (aim 1.15)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
