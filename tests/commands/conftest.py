"""One search that nothing went wrong in, which others are held against; runs, and a report of them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from reported import own_report, own_runs, recorded, reported
from searched import SEARCH
from typed import train, workspace_in

__all__ = ["own_report", "own_runs", "recorded", "reported", "searched"]


@pytest.fixture(scope="session")
def searched(tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess]:
    """A workspace in which a search was made, and what it said."""
    home = workspace_in(tmp_path_factory.mktemp("searches") / "whole")
    done = train(home, *SEARCH)
    assert done.returncode == 0, done.stderr
    return home, done
