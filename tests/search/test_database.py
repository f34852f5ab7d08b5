"""Databases that cannot be used: one line each that says what to type, before anything is tried."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from formula import WINDOWS, Formula, search, searched, study_in, together
from vispera.errors import UsageError
from vispera.redact import redact_text
from vispera.search import open_storage
from vispera.search.study import as_text

HIDDEN = "horse/Battery:11"


@pytest.mark.parametrize(
    ("place", "says"),
    [
        (f"postgrsql://ana:{HIDDEN}@db/hotel", "'postgrsql' is no database that SQLAlchemy knows"),
        (f"postgresql+nodriver://ana:{HIDDEN}@db/hotel", "'postgresql+nodriver' is no database"),
        (
            "mysql+pymysql://ana@db/hotel",
            "needs a driver that is missing; type: python -m pip install 'pymysql'",
        ),
        ("mysql://ana@db/hotel", "python -m pip install 'mysqlclient'"),
        (f"://ana:{HIDDEN}@db", "this is no URL of a database"),
        (f"postgresql+psycopg://ana:{HIDDEN}@db:port/hotel", "this is no URL of a database"),
        ("postgresql+psycopg://ana@127.0.0.1:1/hotel", "see that it runs and lets you in"),
        ("sqlite:////nowhere/at/all.db", "unable to open database file"),
    ],
)
def test_a_database_that_cannot_be_used_is_a_line_that_says_what_to_type(place, says):
    with pytest.raises(UsageError) as refusal:
        open_storage(place, Path("unused"))
    (line,) = refusal.value.faults
    assert line.startswith("search.storage: ")
    assert says in line
    assert "type" in line
    assert "\n" not in line
    assert "Battery" not in redact_text(line)


def test_a_driver_that_is_not_installed_is_told_with_its_package():
    program = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from vispera.search import open_storage\n"
        "open_storage('postgresql+psycopg://ana@db/hotel', None)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "type: python -m pip install 'psycopg[binary]'" in done.stderr.splitlines()[-1]


@pytest.fixture
def place(tmp_path) -> str:
    """Address of an SQLite database that is not there yet."""
    return f"sqlite:///{tmp_path / 'searches.db'}"


def test_a_study_in_sqlite_has_the_table_of_a_journal(tmp_path, place):
    storage = open_storage(place, tmp_path / "unused")
    asked = study_in(storage)
    search(asked, Formula(), WINDOWS, lambda trial: None)
    storage.engine.dispose()
    assert as_text(asked.trials()) == as_text(searched(tmp_path).trials())
    storage.engine.dispose()


def test_processes_that_begin_together_in_sqlite_run_every_trial_once(place):
    ran = together(place)
    assert sorted(number for numbers in ran for number in numbers) == list(range(12))
