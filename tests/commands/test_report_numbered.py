"""Numbers of reports: one for both languages, another for what has changed; none twice, none half there."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from report.feasibility.reading import read
from reported import REPLAY, REPORT, bytes_below, folder_of, page_of, typed, vispera
from typed import environment
from vispera.__main__ import main
from vispera.files import read_json
from vispera.record import read_all

pytestmark = pytest.mark.slow


def shelf_of(home: Path) -> list[str]:
    """Names on the shelf by number, without what a killed process may leave behind."""
    return sorted(path.name[:3] for path in (home / "reports" / "feasibility").glob("[!.]*"))


def whole(home: Path) -> None:
    """Every report on the shelf has its record, and every language of it its page, notebook and figures."""
    for folder in (home / "reports" / "feasibility").glob("[!.]*"):
        assert read_json(folder / "report.json")["claims"]
        languages = [path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
        assert languages
        for place in languages:
            name = f"feasibility-{folder.name[:3]}-{place.name}"
            assert (place / f"{name}.html").read_text("utf-8").endswith("</html>")
            assert read_json(place / f"{name}.ipynb")["cells"]
            assert len(list((place / "figures").iterdir())) >= 14


def begun(home: Path, *words: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "vispera", *REPORT, *words]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=environment(home), cwd="/", start_new_session=True, **streams)


def test_another_replay_gives_the_next_number_which_tells_what_has_changed(own_report, capfd):
    before = bytes_below(folder_of(own_report))
    typed(own_report, (*REPLAY, "run=last", "nights.last=2016-06-10", "refit=monthly"))
    assert main([*REPORT, "language=es"]) == 0
    content = read_json(folder_of(own_report, 2) / "report.json")
    assert bytes_below(folder_of(own_report)) == before
    assert content["since"]["before"] == f"reports/feasibility/{folder_of(own_report).name}"
    assert "nights" in content["since"]["changed"]
    assert content["since"]["same_data"] is True
    told = {one.name: one.text for one in read(page_of(own_report, "es", 2)).of("since")}
    assert (told["before.nights"], told["nights"]) == ("21", "15")
    assert told["before_number"] == "1"
    assert main([*REPORT, "language=en"]) == 0  # under the same number
    assert shelf_of(own_report) == ["001", "002"]
    capfd.readouterr()
    first = next(one for one in read_all(own_report / "experiments") if one.verb == "replay").id
    assert main([*REPORT, "language=en", f"replay={first}"]) == 0
    assert "report 003-" in capfd.readouterr().out  # the newest tells something else
    assert main([*REPORT, "check=2"]) == 0


def test_a_new_number_can_be_asked_for_and_is_not_given_again(own_report, capfd):
    assert main([*REPORT, "language=es", "new=true"]) == 0
    assert read_json(folder_of(own_report, 2) / "report.json")["since"]["changed"] == []
    assert main([*REPORT, "language=en"]) == 0  # beside the newest of those that tell the same
    assert sorted(path.name for path in folder_of(own_report, 2).iterdir()) == ["en", "es", "report.json"]
    shutil.rmtree(folder_of(own_report, 1))
    assert main([*REPORT, "language=en", "new=true"]) == 0
    assert shelf_of(own_report) == ["002", "003"]
    capfd.readouterr()


@pytest.mark.parametrize(
    "words", [(("language=es",), ("language=es",)), (("language=es",), ("language=en",))]
)
def test_two_at_once_give_one_number(own_runs, words):
    both = [begun(own_runs, *one) for one in words]
    said = [process.communicate(timeout=300) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert shelf_of(own_runs) == ["001"]
    whole(own_runs)
    languages = {word.partition("=")[2] for one in words for word in one}
    assert {path.name for path in folder_of(own_runs).iterdir() if path.is_dir()} == languages
    if len(languages) == 1:
        assert sum("is there in this language" in out for out, _ in said) == 1


def rendered(home: Path, name: str) -> Callable[[], bool]:
    """Whether the run of the report has got so far."""
    return lambda: any((home / "experiments").glob(f"*-report-*/report/{name}"))


MOMENTS = {
    "before the kernel": lambda home: rendered(home, "report.json"),
    "while cells run": lambda home: rendered(home, "*.ipynb"),
    "when the page is there": lambda home: rendered(home, "*.html"),
    "while it is put on the shelf": lambda home: (
        lambda: any((home / "reports" / "feasibility").glob(".*.tmp"))
    ),
    "when it is on the shelf": lambda home: lambda: any((home / "reports" / "feasibility").glob("0*")),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_one_that_is_killed_leaves_nothing_half_made_and_the_next_one_works(own_runs, moment):
    there, process = MOMENTS[moment](own_runs), begun(own_runs, "language=es")
    try:
        until = time.monotonic() + 120
        while not there() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.0005)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    whole(own_runs)
    assert shelf_of(own_runs) in ([], ["001"])
    vispera(own_runs, *REPORT, "language=es")
    assert shelf_of(own_runs) == ["001"]
    whole(own_runs)
    vispera(own_runs, *REPORT, "check=1")
