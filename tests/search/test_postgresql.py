"""A search whose memory is a PostgreSQL server: a journal's table, whatever is killed, and no secret told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from formula import SETTINGS, WINDOWS, Formula, Killed, search, searched, study_in, together
from postgresql import PASSWORD, Server, serving
from searched import SEARCH, begun, finished
from searched import table as table_of_journal
from typed import environment, train, workspace_in
from vispera.errors import UsageError, VisperaError
from vispera.record import read_all
from vispera.search import open_storage
from vispera.search.database import reached
from vispera.search.study import as_text, as_trial
from vispera.trial import Trial

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as started:
        yield started


@pytest.fixture
def place(server) -> str:
    """Address of an empty database."""
    return server.new()


@pytest.fixture
def opened() -> Iterator[Callable[[str], Any]]:
    """Opens a database by its address; its connections are closed after the test."""
    there = []

    def open_one(place: str) -> Any:
        there.append(open_storage(place, Path("unused")))
        return there[-1]

    yield open_one
    for storage in there:
        storage.engine.dispose()


def told(trial) -> None:
    """Nobody listens."""


@pytest.mark.parametrize("mode", ["repeatable", "fast"])
def test_a_study_in_postgresql_has_the_table_of_a_journal(tmp_path, place, opened, mode):
    asked = study_in(opened(place), replace(SETTINGS, mode=mode))
    search(asked, Formula(), WINDOWS, told)
    assert as_text(asked.trials()) == as_text(searched(tmp_path, mode=mode).trials())
    assert all(trial.run == f"run-{trial.number}" for trial in asked.trials() if trial.state == "finished")


@pytest.mark.parametrize("die_after", [0, 1, 5, 11])
def test_a_killed_study_goes_on_to_the_same_table(tmp_path, place, opened, die_after):
    first, second = Formula(die_after=die_after), Formula()
    with pytest.raises(Killed):
        search(study_in(opened(place)), first, WINDOWS, told)
    resumed = study_in(opened(place))
    search(resumed, second, WINDOWS, told)
    assert as_text(resumed.trials()) == as_text(searched(tmp_path).trials())
    ended = set(first.begun) - set(second.begun)
    assert len(ended) == die_after
    assert sorted({*ended, *second.begun}) == list(range(12))


@pytest.mark.parametrize("mode", ["repeatable", "fast"])
def test_processes_that_begin_together_in_an_empty_database_run_every_trial_once(place, opened, mode):
    ran = together(place, searchers=2, trials=25, mode=mode)
    assert sorted(number for numbers in ran for number in numbers) == list(range(25))
    found = study_in(opened(place)).trials()
    assert [trial.number for trial in found] == list(range(25))
    assert len({str(trial.values) for trial in found}) == 25


def test_processes_that_go_on_with_a_killed_search_share_what_it_left(place, opened):
    with pytest.raises(Killed):
        search(study_in(opened(place)), Formula(die_after=4), WINDOWS, told)
    ran = together(place)
    assert sorted(number for numbers in ran for number in numbers) == list(range(4, 12))


def test_what_one_searcher_writes_another_sees_at_once(place, opened):
    one, two = study_in(opened(place)), study_in(opened(place))
    asked = one.ask_up_to(2)
    assert two.left_behind() == []
    assert two.elsewhere() == 2
    one.report(0, 0, 0.25)
    assert two.trials()[0].so_far == (0.25,)
    one.leave()
    assert [trial.number for trial in two.left_behind()] == [trial.number for trial in asked]
    assert two.adopt(0)
    assert [trial.number for trial in one.left_behind()] == [1]
    assert two.ask_up_to(1)[0].number == 2
    assert len(one.trials()) == 3


class Losing(Formula):
    """Loses the server before the end of a trial, and has it again at once if ``back``."""

    def __init__(self, server: Server, before: int, back: bool = False):
        super().__init__()
        self.server, self.before, self.back = server, before, back

    def ended(self, reached):
        if self.done == self.before:
            self.server.stop()
            if self.back:
                self.server.start()
        return super().ended(reached)


def test_a_server_that_is_started_anew_meanwhile_is_gone_on_with(tmp_path, server, place, opened):
    asked = study_in(opened(place))
    search(asked, Losing(server, 5, back=True), WINDOWS, told)
    assert as_text(asked.trials()) == as_text(searched(tmp_path).trials())


def test_a_server_that_is_lost_costs_a_line_and_nothing_that_had_ended(tmp_path, server, place, opened):
    first, second = Losing(server, 5), Formula()
    losing = study_in(opened(place))
    with pytest.raises(VisperaError) as lost, reached():
        search(losing, first, WINDOWS, told)
    server.start()
    losing.leave()  # the end of its process says the same
    (line,) = lost.value.faults
    assert "the database was lost" in line
    assert "type the same again" in line
    assert "\n" not in line
    resumed = study_in(opened(place))
    search(resumed, second, WINDOWS, told)
    assert as_text(resumed.trials()) == as_text(searched(tmp_path).trials())
    assert len(set(first.begun) - set(second.begun)) == 5


@pytest.fixture(scope="module")
def by_journal(tmp_path_factory) -> str:
    """Table of the real command's search, by a journal."""
    home = workspace_in(tmp_path_factory.mktemp("whole") / "home")
    done = train(home, *SEARCH)
    assert done.returncode == 0, done.stderr
    return table_of_journal(home)


def trials(storage: Any) -> tuple[Trial, ...]:
    """Trials of the only search in a database."""
    import optuna

    (name,) = optuna.get_all_study_names(storage)
    return tuple(map(as_trial, optuna.load_study(study_name=name, storage=storage).trials))


def table(storage: Any) -> str:
    """The same without times."""
    return as_text(trials(storage))


def assert_untold(home: Path, *said: str) -> None:
    """The password stands in no file of a workspace, and in nothing that was said."""
    files = (path for path in home.rglob("*") if path.is_file() and not path.is_symlink())
    written = {path: path.read_bytes() for path in files}
    assert len(written) > 20
    for secret in (PASSWORD, quote(PASSWORD, safe=""), quote(PASSWORD)):
        assert [str(path) for path, content in written.items() if secret.encode() in content] == []
        assert not any(secret in text for text in said)


def test_a_killed_command_goes_on_to_the_table_of_a_journal(tmp_path, by_journal, place, opened):
    home = workspace_in(tmp_path / "home")
    broken = begun(home, "trial 2: ", *SEARCH, f"search.storage={place}")
    os.killpg(broken.pid, signal.SIGKILL)
    finished(broken)
    kept = {trial.number for trial in trials(opened(place)) if trial.state != "running"}
    assert kept
    again = train(home, *SEARCH, f"search.storage={place}")
    assert again.returncode == 0, again.stderr
    assert f"{len(kept)} trials of an earlier session are kept" in again.stderr
    assert table(opened(place)) == by_journal
    assert not list((home / "multirun").glob("*/journal.log"))
    full = [run for run in read_all(home / "experiments") if run.trial is None]
    assert [run.state for run in full] == ["finished"]
    assert_untold(home, again.stdout, again.stderr)


def test_the_password_is_told_to_nobody(tmp_path, place):
    home = workspace_in(tmp_path / "home")
    words = [word for word in SEARCH if word != "tracker=none"]
    words += ["tracker=wandb", "tracker.mode=offline", f"search.storage={place}"]
    broken = begun(home, "trial 1: ", *words)
    broken.send_signal(signal.SIGINT)
    out, err = broken.communicate(timeout=120)
    assert broken.returncode == 130, err
    assert "to go on with the rest, type: python train.py -m model=rule" in out
    assert "search.storage=postgresql+psycopg://searcher:<redacted>@127.0.0.1" in out
    done = train(home, *words)
    assert done.returncode == 0, done.stderr
    assert "8 of 8 trials" in done.stdout
    assert list(home.rglob("*.wandb"))
    assert any("searcher:<redacted>@" in path.read_text() for path in home.rglob("config.yaml"))
    assert_untold(home, out, err, done.stdout, done.stderr)


def test_a_password_from_the_environment_needs_none_in_the_address(tmp_path, server, opened, by_journal):
    from postgresql import USER

    place = server.new()
    bare = place.replace(f":{quote(PASSWORD, safe='')}", "")
    assert USER in bare
    assert PASSWORD not in bare
    home = workspace_in(tmp_path / "home")
    command = [sys.executable, str(Path(home / "src").resolve().parent / "train.py"), *SEARCH]
    done = subprocess.run(
        [*command, f"search.storage={bare}"],
        env={**environment(home), "PGPASSWORD": PASSWORD},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert table(opened(place)) == by_journal
    assert_untold(home, done.stdout, done.stderr)


def test_the_command_says_in_one_line_that_the_server_was_lost(tmp_path, server, by_journal, opened):
    place = server.new()
    home = workspace_in(tmp_path / "home")
    losing = begun(home, "trial 1: ", *SEARCH, f"search.storage={place}")
    server.stop()
    out, err = losing.communicate(timeout=120)
    server.start()
    assert losing.returncode == 1
    assert "Traceback" not in err
    (line,) = [line for line in err.splitlines() if line.startswith("error: ")]
    assert "the database was lost" in line
    assert "type the same again" in line
    again = train(home, *SEARCH, f"search.storage={place}")
    assert again.returncode == 0, again.stderr
    assert "trials of an earlier session are kept" in again.stderr
    assert table(opened(place)) == by_journal
    assert_untold(home, out, err, again.stdout, again.stderr)


@contextmanager
def away(server: Server) -> Iterator[None]:
    """The server is down while the block lasts."""
    server.stop()
    try:
        yield
    finally:
        server.start()


def refused(place: str) -> str:
    """The line with which an address is refused."""
    with pytest.raises(UsageError) as refusal:
        open_storage(place, Path("unused"))
    (line,) = refusal.value.faults
    assert line.startswith("search.storage: ")
    assert "\n" not in line
    return line


def test_each_refusal_is_a_line_that_says_what_to_type(server):
    wrong = refused(server.url("postgres", "horse/Battery:11"))
    assert "password authentication failed" in wrong
    assert "PGPASSWORD" in wrong
    assert "no password supplied" in refused(server.url("postgres", None))
    assert 'database "nowhere" does not exist' in refused(server.url("nowhere"))
    with away(server):
        gone = refused(server.url("postgres"))
        assert "refused" in gone
        assert "type the same again" in gone


def test_the_command_refuses_a_wrong_password_in_one_line(tmp_path, server):
    home = workspace_in(tmp_path / "home")
    done = train(home, *SEARCH, f"search.storage={server.url('postgres', 'horse/Battery:11')}")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "password authentication failed" in line
    assert "horse" not in done.stderr + done.stdout
