"""``vispera doctor``: each thing that can be missing, and the command that mends it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import problem
from loopback import as_csv, published
from vispera import workspace
from vispera.commands import doctor
from vispera.commands.doctor import (
    Arguments,
    DataPlace,
    bookings,
    examine,
    free_space,
    half_downloads,
    left_behind,
    locked_packages,
    printing,
    program,
    run,
    tracking,
)
from vispera.environment import packages
from vispera.invocation import Invocation
from vispera.problem.fetch import HIDDEN
from vispera.problem.fetch.part import Part, Version


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
    assert bookings(None, tmp_path / "data").mend == "vispera data problem=hotel"
    nowhere = bookings(str(tmp_path / "nowhere"), tmp_path / "data")
    assert (nowhere.verdict, nowhere.mend) == ("optional", "export VISPERA_DATA=FILE_OR_FOLDER")
    (tmp_path / "hotel_bookings.csv").write_text("hotel\n")
    assert bookings(str(tmp_path), tmp_path / "data").verdict == "ok"
    assert bookings(str(tmp_path / "hotel_bookings.csv"), tmp_path / "data").verdict == "ok"
    found = list(examine(Arguments(data=DataPlace(str(tmp_path)))))
    assert next(finding for finding in found if finding.what == "real bookings").verdict == "ok"


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_bookings_that_are_there_are_told_with_form_rows_and_canonical_tables(tmp_path, monkeypatch, ending):
    monkeypatch.delenv("VISPERA_HOME")  # conf/ is needed
    table = published()
    body = as_csv(table) if ending == "csv" else table.assign(booking_id=1).to_parquet(index=False)
    (tmp_path / f"hotels.{ending}").write_bytes(body)
    form = "publication" if ending == "csv" else "extract"
    told = f"{tmp_path / f'hotels.{ending}'}: {form}, 1,000 rows; canonical form not made yet"
    assert bookings(None, tmp_path).found.startswith(told)
    problem("hotel", f"data.cache={tmp_path}", "~problem.counts").load()
    assert bookings(None, tmp_path).found.endswith("1,000 rows; canonical tables kept: 1")


def test_bookings_that_cannot_be_read_are_told(tmp_path):
    (tmp_path / "hotels.parquet").write_bytes(b"no table")
    finding = bookings(None, tmp_path)
    assert finding.verdict == "optional"
    assert finding.found.startswith("hotels.parquet cannot be read as a table: ")


def test_half_a_download_is_told_with_the_command_that_goes_on_with_it(tmp_path, capsys):
    data = tmp_path / "data"
    part = Part(data / HIDDEN / "0.part")
    part.path.parent.mkdir(parents=True)
    part.begin("https://example.org/hotels.csv", Version('"a"', None, 16_900_000))
    assert list(half_downloads(data)) == []
    part.path.write_bytes(bytes(5_000_000))
    [finding] = half_downloads(data)
    assert finding.found == "5.0 of 16.9 MB from https://example.org/hotels.csv"
    assert finding.mend == "vispera data problem=hotel"
    assert run(Arguments(least_free_gb=0), Invocation("doctor")) == 0
    assert "left     half download  5.0 of 16.9 MB" in capsys.readouterr().out
    (data / "hotels.csv").write_text("hotel\n")
    [finding] = half_downloads(data)
    subprocess.run(["sh", "-c", finding.mend], check=True)
    assert [path.name for path in data.iterdir()] == ["hotels.csv"]


def test_leftovers_of_killed_runs_are_told_with_a_command_that_takes_only_old_ones(tmp_path):
    experiments = tmp_path / "experiments"
    old = [
        experiments / ".20261123-195725-rule-5b67c3.starting",
        experiments / "20261123-195725-rule-5b67c4" / "figures" / ".roc.png.0a1b2c3d.tmp",
        tmp_path / "data" / "hotel" / ".0123456789abcdef.x1y2z3_4",
    ]
    young = [
        experiments / ".20261123-195725-rule-5b67c5.starting",
        experiments / "20261123-195725-rule-5b67c4" / ".metrics.json.0a1b2c3d.tmp",
    ]
    others = [experiments / "20261123-195725-rule-5b67c4" / "model.tmp", experiments / "README.md"]
    for path in (*old, *young, *others):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir() if path.suffix == ".starting" else path.write_text("x")
    (old[0] / ".record.json.00000000.tmp").write_text("x")
    assert list(left_behind(tmp_path)) == []
    for path in (*old, *others):
        os.utime(path, (0, 0))
    [finding] = left_behind(tmp_path)
    assert finding.found.startswith("3 of processes killed more than 10 minutes ago, the first ")
    subprocess.run(["sh", "-c", finding.mend], check=True)
    assert [path.exists() for path in (*old, *young, *others)] == [False] * 3 + [True] * 4
    assert list(left_behind(tmp_path)) == []


def test_the_mode_of_wandb_and_whether_it_has_a_key_are_told_and_never_the_key(monkeypatch, tmp_path):
    for name in ("WANDB_MODE", "WANDB_API_KEY", "WANDB_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    finding = tracking()
    assert (finding.what, finding.verdict) == ("wandb", "ok")
    assert finding.found.endswith("; offline, as WANDB_MODE is not set; no key is set")
    assert finding.found.startswith(f"{packages()['wandb']}; ")
    (tmp_path / "netrc").write_text("machine api.wandb.ai login user password canary\n")
    (tmp_path / "netrc").chmod(0o600)
    assert tracking().found.endswith("; a key is set")
    (tmp_path / "netrc").write_text("machine\n")
    assert tracking().found.endswith("; no key is set")
    monkeypatch.setenv("WANDB_MODE", "online")
    monkeypatch.setenv("WANDB_API_KEY", "canary" * 8)
    assert tracking().found.endswith("; online, by WANDB_MODE; a key is set")
    assert "canary" not in tracking().found


def test_a_wandb_that_cannot_be_imported_is_told_with_the_reason(monkeypatch, tmp_path):
    (tmp_path / "wandb.py").write_text("raise ImportError('half of it is missing')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    finding = tracking()
    assert (finding.verdict, finding.mend) == ("optional", "make setup")
    assert "cannot be imported: ImportError: half of it is missing" in finding.found


def test_whether_a_report_can_be_printed_is_told_with_what_to_type(monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    finding = printing()
    assert (finding.what, finding.verdict, finding.mend) == (
        "weasyprint",
        "optional",
        "pip install 'vispera[pdf]'",
    )
    monkeypatch.undo()
    try:
        import weasyprint
    except (ImportError, OSError):
        assert printing().verdict == "optional"
    else:
        assert (printing().verdict, printing().found) == ("ok", weasyprint.__version__)


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
