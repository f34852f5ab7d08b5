"""The command as a user types it, in a workspace of a test's own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from vispera import workspace

TRAIN = [sys.executable, str(workspace.source() / "train.py")]


def workspace_in(place: Path) -> Path:
    """A workspace with the real conf and src, and its own experiments and data."""
    place.mkdir(exist_ok=True)
    for name in ("conf", "src", "requirements.lock"):
        (place / name).symlink_to(workspace.source() / name)
    return place


def environment(home: Path) -> dict[str, str]:
    """Variables of a command in that workspace."""
    return {**os.environ, "VISPERA_HOME": str(home), "NO_COLOR": "1"}


def train(home: Path, *words: str, **options) -> subprocess.CompletedProcess:
    """``python train.py ...`` in that workspace, typed in another directory."""
    command = [*TRAIN, *words]
    asked = {"capture_output": True, "text": True, "check": False, **options}
    return subprocess.run(command, env=environment(home), cwd="/", **asked)
