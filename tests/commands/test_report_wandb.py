"""A report in W&B: what a server gets of it, at once or by sync; the server is a test double."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reported import bytes_below, copied, of_verb, recorded
from typed import environment
from wandb_double import Double, serving

__all__ = ["recorded"]

pytestmark = pytest.mark.slow


@pytest.fixture
def server() -> Iterator[Double]:
    with serving() as double:
        yield double


def vispera(home: Path, double: Double, *words: str) -> str:
    """What a command prints that goes well, with that server's key."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("WANDB_")}
    done = subprocess.run(
        [sys.executable, "-m", "vispera", *words],
        env={**plain, **environment(home), **double.variables},
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def assert_arrived(home: Path, double: Double) -> None:
    """The newest report lies on the server byte for byte, and says what it is."""
    run = of_verb(home, "report")
    artifact = double.state.artifact("report-simulated", run.id)
    assert double.state.content(artifact) == bytes_below(run.folder / "report")
    told = json.loads((run.folder / "report" / "report.json").read_text("utf-8"))
    about = json.loads(artifact.metadata or "{}")
    assert (about["number"], about["verdict"]) == (told["number"], told["verdict"]["answer"])
    assert about["runs"] == sorted(told["runs"])
    there = double.state.run(run.id)
    assert (there.state, there.job_type) == ("finished", "report")
    assert there.summary["report/verdict"] == told["verdict"]["answer"]


def test_an_online_report_is_an_artifact_when_the_command_ends(recorded, tmp_path, server):
    home = copied(recorded, tmp_path / "home")
    said = vispera(home, server, "report", "language=es", "tracker=wandb", "tracker.mode=online")
    assert server.url in said
    assert_arrived(home, server)


def test_an_offline_report_is_brought_by_sync(recorded, tmp_path, server):
    home = copied(recorded, tmp_path / "home")
    vispera(home, server, "report", "tracker=wandb", "tracker.mode=offline")
    assert of_verb(home, "report").tracker["state"] == "closed"
    vispera(home, server, "sync")
    assert_arrived(home, server)
