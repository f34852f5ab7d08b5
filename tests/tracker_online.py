"""Scenes of the tracker played online against the double, and ``vispera sync`` after them."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wandb_double import Double

TIMEOUTS = '{"init_timeout": 10, "finish_timeout": 60}'


@dataclass
class Online:
    """A workspace, the server that it talks to, and a folder whose files a whole run gets."""

    place: Any
    double: Double
    files: Path

    @property
    def variables(self) -> dict[str, str]:
        return {**self.double.variables, "SCENE_FILES": str(self.files), "SCENE_TIMEOUTS": TIMEOUTS}

    def play(self, scene: str, mode: str = "online", **environ: str) -> tuple[list[dict[str, Any]], str]:
        """Runs of a scene, and what was said."""
        done = self.place.play(scene, **{**self.variables, "WANDB_MODE": mode, **environ})
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1]), done.stdout + done.stderr

    def begin_sync(self, *words: str) -> subprocess.Popen:
        """``vispera sync`` that goes on."""
        return subprocess.Popen(
            self.command(*words),
            env={**self.place.environ, **self.variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def sync(self, *words: str, code: int, **environ: str) -> str:
        """What ``vispera sync`` prints, after it ended with that code."""
        done = self.place.run(self.command(*words), False, **{**self.variables, **environ})
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout or done.stderr

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "vispera", "sync", *words]

    def whole(self, run: str) -> bool:
        """Whether all of a whole run is on the server, and each of it once."""
        there = self.double.state.run(run)
        steps = [row["_step"] for row in there.history]
        assert steps == sorted(set(steps)), there.history
        charted = [row["window/number"] for row in there.history if "window/number" in row]
        assert charted == [0, 1, 2, 3, 4]
        model = self.double.state.artifact("model", run)
        assert len(model.collection.members) == 1
        content = self.double.state.content(model)
        assert content == {path.name: path.read_bytes() for path in (self.files / "model").iterdir()}
        assert [one.collection.type for one in there.used] == ["dataset"]
        assert {"metrics_by_window", "calibration", "figures/roc"} <= set(there.summary)
        return there.state == "finished"
