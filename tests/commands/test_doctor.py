"""``vispera doctor``: each thing that can be missing, and the command that mends it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from vispera import workspace
from vispera.commands import doctor
from vispera.commands.doctor import (
    Arguments,
    DataPlace,
    bookings,
    examine,
    free_space,
    locked_packages,
    program,
    run,
)
from vispera.invocation import Invocation


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("VISPERA_HOME", str(tmp_path))
    return tmp_path


def test_this_machine_lacks_nothing_that_a_run_needs(capsys):
    code = run(Arguments(least_free_gb=0), Invocation("doctor"))
    out = capsys.readouterr().out
    assert code == 0, out
    assert out.endswith("\nnothing is missing\n")


def test_what_is_missing_ends_in_exit_1_and_a_command(capsys):
    assert run(Arguments(least_free_gb=1e9), Invocation("doctor")) == 1
    out = capsys.readouterr().out
    assert "MISSING  disk" in out
    assert "type: du -sh" in out
    assert out.endswith("\nmissing: disk\n")


def test_everything_absent_comes_with_a_command():
    assert all(finding.mend for finding in examine(Arguments()) if finding.verdict != "ok")


def test_other_packages_than_the_locked_are_named(tmp_path):
    lock = tmp_path / "requirements.lock"
    lock.write_text(
        "# a comment\nnumpy==1.0 \\\n    --hash=sha256:00\nnot-there-at-all==2.0\n"
        "not-for-us==3.0 ; python_full_version < '3.0' \\\n    --hash=sha256:00\n"
    )
    [finding] = locked_packages(lock)
    assert finding.verdict == "missing"
    assert finding.found.startswith("not-there-at-all 2.0 is not installed; numpy is 2.")
    assert finding.mend == "make setup"
    [finding] = locked_packages(tmp_path / "none.lock")
    assert finding.verdict == "missing"


def test_the_lock_of_the_project_is_what_is_installed():
    [finding] = locked_packages(workspace.source() / "requirements.lock")
    assert finding.verdict == "ok", finding.found


def test_another_python_is_told(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 0, "final", 0))
    assert doctor.python().verdict == "missing"


def test_bookings_are_looked_for_where_they_were_named(tmp_path):
    assert bookings(None, tmp_path / "data").verdict == "optional"
    assert bookings(str(tmp_path / "nowhere"), tmp_path / "data").verdict == "optional"
    (tmp_path / "hotel_bookings.csv").write_text("hotel\n")
    assert bookings(str(tmp_path), tmp_path / "data").verdict == "ok"
    assert bookings(str(tmp_path / "hotel_bookings.csv"), tmp_path / "data").verdict == "ok"
    found = list(examine(Arguments(data=DataPlace(str(tmp_path)))))
    assert next(finding for finding in found if finding.what == "real bookings").verdict == "ok"


def test_a_program_that_is_not_there_or_does_not_start(tmp_path, monkeypatch):
    assert program("no-such-program", "--version", "nothing lacks").verdict == "optional"
    broken = tmp_path / "java"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    finding = program("java", "-version", "nothing lacks")
    assert (finding.verdict, finding.mend) == ("optional", "apt-get install default-jre")


def test_a_folder_that_cannot_be_written_is_told(tmp_path, monkeypatch):
    def refuse(dir):
        raise PermissionError(13, "Permission denied", str(dir))

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", refuse)  # root may write anywhere
    finding = doctor.writable(tmp_path / "experiments")
    assert finding.verdict == "missing"
    assert "VISPERA_HOME" in finding.mend
    assert free_space(tmp_path, 0).verdict == "ok"
