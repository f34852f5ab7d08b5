"""A workspace with small real runs, as tests of promotion look at them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from typed import train, workspace_in
from vispera.record import RunRecord, read, read_all

SMALL = ("problem.settings.rows=6000", "evaluation.resamples=20", "threads=1", "tracker=none")


def trained(place: Path, *models: str, words: tuple[str, ...] = SMALL) -> dict[str, RunRecord]:
    """A finished run of each model, by its name, in a workspace of their own."""
    home = workspace_in(place)
    for model in models:
        done = train(home, f"model={model}", *words)
        assert done.returncode == 0, done.stderr
    return {str(record.model): record for record in read_all(home / "experiments")}


def changed(record: RunRecord, place: Path, **fields) -> RunRecord:
    """A copy of a run whose record says something else."""
    folder = place / record.id
    shutil.copytree(record.folder, folder)
    file = folder / "record.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **fields}))
    return read(folder)


def edited(folder: Path, name: str, **keys) -> None:
    """Change keys of a JSON file of a run."""
    file = folder / name
    file.write_text(json.dumps({**json.loads(file.read_text()), **keys}))
