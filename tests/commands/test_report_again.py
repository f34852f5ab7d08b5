"""The commands that a report gives make it again, in a workspace where nothing is."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from reported import OWN, folder_of, reported, typed
from typed import workspace_in

__all__ = ["reported"]

pytestmark = pytest.mark.slow


def words_of(command: str) -> tuple[str, ...]:
    """A command line as the door takes it, the tracker and threads of these tests added."""
    program, *rest = shlex.split(command)
    words = ["train", *rest[1:]] if program == "python" else rest
    own = ("tracker=none",) if words[0] == "report" else OWN
    return (*words, *(word for word in own if word not in words))


def claims_of(home: Path) -> dict[str, object]:
    """What a report claims, but for what names the runs."""
    told = json.loads((folder_of(home) / "report.json").read_text("utf-8"))
    named = ("run_", "report_", "refused_")
    return {name: one["value"] for name, one in told["claims"].items() if not name.startswith(named)}


def test_the_commands_of_a_report_make_it_again_where_nothing_is(reported, tmp_path):
    told = json.loads((folder_of(reported) / "report.json").read_text("utf-8"))
    home = workspace_in(tmp_path / "home")
    again = [words_of(command) for command in told["facts"]["making"]["commands"]]
    verbs = [words[0] for words in again]
    assert verbs == ["train", "train", "replay", "reproduce", "report"]
    typed(home, *(words for words in again if words[0] != "reproduce"))
    assert claims_of(home) == claims_of(reported)
