"""Versions and deeds for tests of a registry, and a process that is killed at one of its steps."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from vispera import workspace
from vispera.files import read_json
from vispera.registry import Registry
from vispera.registry.entry import Deed, Entry, Verdict
from vispera.registry.version import Package
from wandb_double import Double, serving

GOLDEN = workspace.source() / "tests" / "golden" / "model-v1" / "logistic"
KILLED = 9

KILL_AT = """
import os, sys
below, step, done = sys.argv[1], int(sys.argv[2]), 0
def count(event, told):
    global done
    writes = event in ("os.mkdir", "os.rename", "os.link", "os.remove", "os.rmdir")
    writes |= event == "open" and isinstance(told[0], str) and bool(told[2] & (os.O_WRONLY | os.O_RDWR))
    if writes and below in str(told[0]):
        done += 1
        if done == step:
            os._exit(9)
sys.addaudithook(count)
"""
"""Ends the process before the n-th step that writes below a place: no clean-up, as when it is killed."""


def package(run: str = "20261126-101530-logistic-3f9a1c", salt: str = "", **further: bytes) -> Package:
    """A real artefact with what a run leaves beside it; ``salt`` makes it another run's content."""
    model = {f"model/{path.name}": path.read_bytes() for path in GOLDEN.iterdir()}
    manifest = read_json(GOLDEN / "manifest.json")
    beside = {
        "record.json": b'{"note": null}\n',
        "config.yaml": f"salt: {salt}\n".encode(),
        **{name.replace("_", ".", 1): content for name, content in further.items()},
    }
    return Package(
        problem="hotel",
        run=run,
        recipe="logistic",
        model=manifest["content"],
        trained_until=manifest["trained_until"],
        files={**model, **beside},
    )


def deed(alias: str = "champion", **changed) -> Deed:
    gates = (Verdict(name="age", passed=True, evidence="finished today"),)
    told = {"action": "promote", "by": "Ana", "reason": "first one", "gates": gates, **changed}
    return Deed(alias=alias, **told)


def promoted(registry: Registry, *packages: Package, alias: str = "champion") -> list[Entry]:
    """The history after these packages were promoted, one after another."""
    for one in packages:
        registry.append("hotel", deed(alias), registry.history("hotel"), one)
    return registry.history("hotel")


@contextmanager
def in_wandb(monkeypatch: pytest.MonkeyPatch, double: Double | None) -> Iterator[None]:
    """A block in which this process finds a server of W&B's by its environment; nothing for None."""
    if double is None:
        yield
        return
    for name, value in double.variables.items():
        monkeypatch.setenv(name, value)
    try:
        yield
    finally:
        import wandb

        wandb.teardown()  # its service remembers the server


@contextmanager
def with_wandb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Double]:
    """A server of W&B's that is there for a block, and found by this process."""
    with serving() as double, in_wandb(monkeypatch, double):
        yield double


def killed_at(step: int, place: Path, script: str) -> int:
    """Exit code of a process that runs a script and is killed at its n-th write below a place."""
    command = [sys.executable, "-c", KILL_AT + script, str(place), str(step)]
    source, tests = workspace.source() / "src", workspace.source() / "tests"
    done = subprocess.run(
        command,
        env={"PYTHONPATH": f"{source}:{tests}", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, KILLED), done.stderr
    return done.returncode


def at_once(scripts: Sequence[list[str]], environ: Mapping[str, str], seconds: float) -> list[str]:
    """What processes say that are let go together, each after its line ``ready``."""
    pipe = subprocess.PIPE
    racers = [
        subprocess.Popen([sys.executable, "-c", *words], env=environ, stdin=pipe, stdout=pipe, text=True)
        for words in scripts
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    return [racer.communicate(timeout=seconds)[0] for racer in racers]
