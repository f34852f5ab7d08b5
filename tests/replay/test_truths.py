"""The ladder where the truth is known: it says rule, stop, and model."""

from __future__ import annotations

import json

import pytest

from commands.test_replay import newest, vispera
from typed import workspace_in

SAID = {"rule": ("rule",), "noise": ("stop",), "interaction": ("trees",)}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("truth", SAID)
def test_the_ladder_finds_what_the_world_was_made_of(truth, seed, tmp_path):
    home = workspace_in(tmp_path / "home")
    words = (
        f"problem.settings.truth={truth}",
        f"problem.settings.seed={seed}",
        "tracker=none",
        "refit=never",
    )
    vispera(home, "replay", "model=gradient_boosting", *words)
    told = json.loads((newest(home).folder / "replay.json").read_text("utf-8"))
    assert told["ladder"]["verdict"] in SAID[truth]
