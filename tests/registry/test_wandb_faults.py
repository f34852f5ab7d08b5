"""A server of W&B's that is absent, or leaves at any step: told, bounded, the history before or after it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from registered import at_once, in_wandb, package, promoted
from vispera import workspace
from vispera.registry.wandb import WandbRegistry
from wandb_double import KEY, Double, serving

PATIENCE = 4
BOUND = 150
"""Seconds after which a process counts as one that hangs; it takes some 10."""
SCRIPT = """
import sys
from pathlib import Path
from registered import deed, package
from vispera.errors import VisperaError
from vispera.registry.wandb import WandbRegistry
patience = float(sys.argv[2])
registry = WandbRegistry(folder=Path(sys.argv[1]), timeout=patience, transfer_timeout=patience)
"""
PROMOTE = """
try:
    registry.append("hotel", deed(by="Eva"), registry.history("hotel"), package(salt="new"))
except VisperaError as refusal:
    print(refusal)
    sys.exit(refusal.exit_code)
"""
FETCH = """
try:
    registry.fetch(registry.history("hotel")[-1])
except VisperaError as refusal:
    print(refusal)
    sys.exit(refusal.exit_code)
"""
STEPS = [
    "Viewer",
    "GetDefaultEntity",
    "ProjectArtifacts",
    "UpsertBucket",
    "ArtifactType",
    "CreateArtifact",
    "CreateArtifactManifest",
    "CreateArtifactFiles",
    "CommitArtifact",
    "ArtifactByID",
    "AddAliases",
    "UpdateArtifact",
    "LinkArtifact",
]
DOWNLOADING = ["ArtifactMembershipByName", "FetchArtifactManifest", "GetArtifactMembershipFileUrls"]


def environment(double: Double) -> dict[str, str]:
    """Variables of a process that talks to the server."""
    source, tests = workspace.source() / "src", workspace.source() / "tests"
    return {**os.environ, **double.variables, "PYTHONPATH": f"{source}:{tests}"}


def played(
    script: str, home: Path, double: Double, patience: int = PATIENCE
) -> subprocess.CompletedProcess[str]:
    """A process of its own, as a command is one; it counts as hanging after a while."""
    return subprocess.run(
        [sys.executable, "-c", SCRIPT + script, str(home), str(patience)],
        env=environment(double),
        capture_output=True,
        text=True,
        check=False,
        timeout=BOUND,
    )


def told(done: subprocess.CompletedProcess[str], code: int = 1) -> str:
    """The one line that a process ended with."""
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == code, done.stdout + done.stderr
    assert KEY not in done.stdout + done.stderr
    assert len(done.stdout.splitlines()) == 1
    return done.stdout


def left_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, step: str, script: str) -> tuple[str, Double]:
    """What a process said whose server left at a step, and the server, which is there again."""
    with serving() as double:
        home = tmp_path / "eva"
        registry = WandbRegistry(folder=tmp_path / "ana")
        with in_wandb(monkeypatch, double):
            before = promoted(registry, package())
        double.faults.gone_at = step
        line = told(played(script, home, double))
        double.leave()
        double.faults.gone_at = None
        double.arrive()
        with in_wandb(monkeypatch, double):
            entries = registry.history("hotel")
            assert entries[: len(before)] == before
            assert len(entries) <= 2
            if len(entries) == 1:
                entries = promoted(registry, package(salt="new"))
            registry.mend("hotel")
            assert registry.fetch(entries[-1]) == package(salt="new")
            assert list(registry.mend("hotel")) == [], "aliases show what the history says"
        return line, double


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_gone_at_any_step_of_a_promotion_it_ends_and_the_history_is_as_before_or_after(
    monkeypatch, tmp_path, step
):
    line, double = left_at(monkeypatch, tmp_path, step, PROMOTE)
    assert double.url in line or "W&B did not take" in line
    assert "type" in line


@pytest.mark.slow
@pytest.mark.parametrize("step", DOWNLOADING)
def test_gone_at_any_step_of_a_download_it_ends(monkeypatch, tmp_path, step):
    line, _ = left_at(monkeypatch, tmp_path, step, FETCH)
    assert "hotel/vispera-registry/model-hotel:v0" in line
    assert not list((tmp_path / "eva" / "wandb" / "tmp").glob("registry-*"))


def test_a_server_that_is_not_there_is_told_in_one_line(tmp_path):
    with serving() as double:
        double.leave()
        line = told(played(PROMOTE, tmp_path, double))
    assert line.startswith(f"W&B at {double.url} did not take the API key, or is not there; type")


@pytest.mark.slow
def test_slow_answers_are_waited_for(tmp_path):
    with serving() as double:
        double.faults.slow = 0.3
        done = played(PROMOTE, tmp_path, double, patience=30)
        assert done.returncode == 0, done.stdout + done.stderr
        assert double.state.artifact("history-hotel").index == 0


AT_ONCE = """
seen = registry.history("hotel")
print("ready", flush=True)
sys.stdin.readline()
try:
    print("won", registry.append("hotel", deed(by=sys.argv[3]), seen, package(salt=sys.argv[3])).number)
except VisperaError as told:
    print(type(told).__name__, told)
"""


@pytest.mark.slow
def test_of_several_at_once_one_wins_and_the_others_are_told(monkeypatch, tmp_path):
    names = ("Ana", "Eva", "Leo")
    with serving() as double:
        scripts = [[SCRIPT + AT_ONCE, str(tmp_path / name), "60", name] for name in names]
        said = at_once(scripts, environment(double), BOUND)
        assert sorted(line.split()[0] for line in said) == ["Declined", "Declined", "won"], said
        winner = names[next(place for place, line in enumerate(said) if line.startswith("won"))]
        assert all(f"{winner} let champion be version" in line for line in said if not line.startswith("won"))
        with in_wandb(monkeypatch, double):
            registry = WandbRegistry(folder=tmp_path / "reader")
            [entry] = registry.history("hotel")
            assert entry.by == winner
            assert registry.fetch(entry) == package(salt=winner)
            assert registry.mend("hotel") == []
