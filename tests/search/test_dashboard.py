"""Optuna's dashboard over what a search leaves: it shows the study and its trials."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from formula import WINDOWS, Formula, search, searched, study_in
from postgresql import serving
from vispera.search import Study, open_storage

pytestmark = pytest.mark.slow

PROGRAM = Path(sys.executable).with_name("optuna-dashboard")


@contextmanager
def dashboard(storage: str, folder: Path) -> Iterator[str]:
    """Address of a dashboard over a storage, which ends with the block."""
    if not PROGRAM.exists():
        pytest.skip("no dashboard is installed: python -m pip install optuna-dashboard")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(PROGRAM), storage, "--host", "127.0.0.1", "--port", str(port), "--server", "wsgiref"]
    with (folder / "dashboard.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait_for(process, f"http://127.0.0.1:{port}/api/studies", folder / "dashboard.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(process: subprocess.Popen, address: str, log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        try:
            asked(address)
            return
        except URLError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())


def asked(address: str) -> Any:
    """What the dashboard answers."""
    with urlopen(address, timeout=30) as answer:  # noqa: S310  (an address of the test's own)
        return json.load(answer)


def assert_shown(address: str, study: Study) -> None:
    """The dashboard has the study with each trial's number, state and score."""
    (shown,) = asked(f"{address}/api/studies")["study_summaries"]
    assert shown["study_name"] == study.name
    trials = asked(f"{address}/api/studies/{shown['study_id']}")["trials"]
    states = {"Complete": "finished", "Pruned": "pruned"}
    told = [(one["number"], states[one["state"]]) for one in trials]
    assert told == [(trial.number, trial.state) for trial in study.trials()]
    scores = {one["number"]: one["values"][0] for one in trials if one["state"] == "Complete"}
    assert scores == {trial.number: trial.score for trial in study.trials() if trial.state == "finished"}


def test_the_dashboard_shows_a_search_from_its_journal(tmp_path):
    study = searched(tmp_path)
    with dashboard(str(tmp_path / "journal.log"), tmp_path) as address:
        assert_shown(address, study)


def test_the_dashboard_shows_a_search_from_postgresql(tmp_path):
    with serving() as server:
        place = server.new()
        storage = open_storage(place, tmp_path)
        try:
            study = study_in(storage)
            search(study, Formula(), WINDOWS, lambda trial: None)
            with dashboard(place, tmp_path) as address:
                assert_shown(address, study)
        finally:
            storage.engine.dispose()
