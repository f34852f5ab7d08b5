"""Runs put away and brought back: nothing is lost, and looks at the test window go on counting."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from vispera import shelving
from vispera.archive import LOOKS, NAME, keep_looks, kept_looks, label_of, tar_of
from vispera.errors import UsageError
from vispera.packing import content_of
from vispera.record import RunRecord, next_test_look, read, read_all, read_archived
from vispera.run import start_run
from vispera.shelving import archive, delete, restore, size, ties

KEY = "0123456789abcdef"


class Killed(BaseException):
    """As if the process had ended here."""


@pytest.fixture
def place(tmp_path) -> Path:
    return tmp_path / "experiments"


def made(place: Path, look: int | None = None, **values) -> RunRecord:
    with start_run(place, name="rule", command=[], config={}, **values) as live:
        live.put_text("big.txt", "0123456789" * 20_000)
        if look:
            live.set(comparison_key=KEY, test_looks=look)
    return read(live.folder)


def test_an_archived_run_comes_back_byte_for_byte(place):
    run = made(place, look=1)
    before = content_of(run.folder)
    freed = archive(run, place)
    assert freed > 150_000
    assert read_all(place) == []
    (put_away,) = read_archived(place)
    assert (put_away.id, put_away.state, put_away.folder) == (run.id, "finished", tar_of(place, run.id))
    assert put_away.test_looks == 1
    restore(put_away, place)
    assert content_of(run.folder) == before
    assert read_all(place) == [run]
    assert read_archived(place) == []
    assert list((place / NAME).iterdir()) == [place / NAME / LOOKS]


def test_every_state_can_be_archived_but_a_running_one_cannot(place):
    with pytest.raises(ZeroDivisionError), start_run(place, name="a", command=[], config={}) as failed:
        raise ZeroDivisionError
    crashed, damaged, later = (made(place) for _ in range(3))
    (crashed.folder / "DONE").unlink()
    (damaged.folder / "record.json").write_text("{")
    raw = json.loads((later.folder / "record.json").read_text())
    (later.folder / "record.json").write_text(json.dumps({**raw, "schema": 2}))
    states = {record.id: record.state for record in read_all(place)}
    assert sorted(states.values()) == ["crashed", "failed", "unreadable", "unreadable"]
    for record in read_all(place):
        archive(record, place)
    assert {record.id: record.state for record in read_archived(place)} == states
    assert failed.id in states
    for record in read_archived(place):
        restore(record, place)
    assert {record.id: record.state for record in read_all(place)} == states
    with start_run(place, name="a", command=[], config={}) as live:
        for put_away in (archive, delete):
            with pytest.raises(UsageError, match="is running"):
                put_away(read(live.folder), place)
        assert read(live.folder).state == "running"
    assert live.folder.is_dir()


def test_a_link_to_a_folder_is_left_alone(place, tmp_path):
    run = made(place)
    run.folder.rename(tmp_path / "elsewhere")
    run.folder.symlink_to(tmp_path / "elsewhere")
    for put_away in (archive, delete):
        with pytest.raises(UsageError, match="is a link"):
            put_away(run, place)
    assert (tmp_path / "elsewhere" / "record.json").exists()


def test_deleting_frees_what_was_told(place):
    run = made(place, look=1)
    told = size(run, place)
    assert delete(run, place) == told > 200_000
    assert list(place.iterdir()) == [place / NAME]
    put_away = made(place)
    whole = size(put_away, place)
    assert archive(put_away, place) > 150_000
    (record,) = read_archived(place)
    told = size(record, place)
    assert 0 < told < whole - 150_000
    assert delete(record, place) == told
    assert read_archived(place) == []


def test_looks_at_the_test_window_go_on_counting(place):
    runs = [made(place, look=number) for number in (1, 2, 3)]
    made(place)
    assert next_test_look(place, KEY) == 4
    delete(runs[2], place)
    assert next_test_look(place, KEY) == 4
    archive(runs[1], place)
    delete(runs[0], place)
    assert next_test_look(place, KEY) == 4
    (record,) = read_archived(place)
    restore(record, place)
    assert next_test_look(place, KEY) == 4, "what came back does not count twice"
    archive(read(runs[1].folder), place)
    (record,) = read_archived(place)
    delete(record, place)
    assert next_test_look(place, KEY) == 4
    assert next_test_look(place, "other") == 1


def test_two_first_looks_are_two_after_they_are_gone(place):
    for run in [made(place, look=1), made(place, look=1)]:
        delete(run, place)
    assert next_test_look(place, KEY) == 3


def test_a_look_of_a_run_that_a_later_version_wrote_is_kept(place):
    run = made(place, look=5)
    raw = json.loads((run.folder / "record.json").read_text())
    (run.folder / "record.json").write_text(json.dumps({**raw, "schema": 2}))
    (record,) = read_all(place)
    delete(record, place)
    assert next_test_look(place, KEY) == 6


@pytest.mark.parametrize("cut", range(1, 60))
def test_a_look_that_was_cut_while_it_was_written_spoils_no_other(place, cut):
    keep_looks(place, "a", KEY, 1)
    whole = (place / NAME / LOOKS).read_bytes()
    keep_looks(place, "b", KEY, 2)
    written = (place / NAME / LOOKS).read_bytes()
    (place / NAME / LOOKS).write_bytes(written[: len(whole) + cut])
    keep_looks(place, "c", KEY, 3)
    assert {"a": 1, "c": 3}.items() <= kept_looks(place, KEY).items()


STEPS = ("pack", "write_label", "_put_down", "_remove", "rmtree")


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", STEPS)
def test_archiving_that_is_killed_loses_nothing(place, monkeypatch, step, after):
    run = made(place, look=1)
    before = content_of(run.folder)
    with killed_at(monkeypatch, step, after):
        archive(run, place)
    live, put_away = read_all(place), read_archived(place)
    assert [record.id for record in (*live, *put_away)] == [run.id], "it is in one place"
    assert next_test_look(place, KEY) == 2
    if live:
        archive(live[0], place)
    (record,) = read_archived(place)
    restore(record, place)
    assert content_of(run.folder) == before


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", ["unpack", "_remove_archived"])
def test_restoring_that_is_killed_loses_nothing(place, monkeypatch, step, after):
    run = made(place, look=1)
    before = content_of(run.folder)
    archive(run, place)
    (record,) = read_archived(place)
    with killed_at(monkeypatch, step, after):
        restore(record, place)
    live, put_away = read_all(place), read_archived(place)
    assert [record.id for record in (*live, *put_away)] == [run.id]
    if put_away:
        restore(put_away[0], place)
    assert content_of(run.folder) == before
    archive(read(run.folder), place)
    assert [record.id for record in read_archived(place)] == [run.id]
    assert next_test_look(place, KEY) == 2


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", ["_put_down", "_remove", "rmtree", "_remove_archived"])
def test_deleting_that_is_killed_loses_no_look_and_leaves_no_half_run(place, monkeypatch, step, after):
    run = made(place, look=1)
    before = content_of(run.folder)
    with killed_at(monkeypatch, step, after):
        delete(run, place)
    assert next_test_look(place, KEY) == 2
    if read_all(place):
        assert content_of(run.folder) == before


@contextmanager
def killed_at(monkeypatch: pytest.MonkeyPatch, step: str, after: bool) -> Iterator[None]:
    """Within it the process ends before, or after, a step of putting away."""
    room = shutil if step == "rmtree" else shelving
    real: Callable = getattr(room, step)

    def dies(*args, **options):
        if after:
            real(*args, **options)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(room, step, dies)
        with pytest.raises(Killed):
            yield


def test_an_archive_without_its_label_is_a_marked_line_and_comes_back(place):
    run = made(place)
    archive(run, place)
    label_of(place, run.id).write_text("{")
    (record,) = read_archived(place)
    assert record.state == "unreadable"
    assert "no readable label" in str(record.fault)
    restore(record, place)
    assert read_all(place) == [run]


def test_what_stays_behind_is_told(place):
    parent = made(place)
    children = [made(place, parent=parent.id) for _ in range(5)]
    trials = [made(place, sweep="s", trial=number) for number in range(3)]
    full = made(place, sweep="s")
    everything = read_all(place)
    assert list(ties([*children, full], everything)) == [
        "1 of the 4 runs of search s would go, 1 of them the full run of its best"
    ]
    (told,) = ties([parent, children[0]], everything)
    assert told.startswith(f"{parent.id} is the parent of ")
    assert told.endswith(" and 1 more, which would stay")
    assert list(ties([*trials, full], everything)) == []
    assert list(ties(trials[:2], everything)) == ["2 of the 4 runs of search s would go"]
