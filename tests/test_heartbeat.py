from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from vispera import heartbeat
from vispera.clock import now


def edit(folder: Path, **values) -> None:
    file = folder / heartbeat.FILE
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}))


def ago(seconds: float) -> str:
    return (now() - timedelta(seconds=seconds)).isoformat()


@pytest.fixture
def beating(tmp_path) -> Path:
    heartbeat.beat(tmp_path)
    return tmp_path


def test_the_process_that_beats_is_alive(beating):
    seen = json.loads((beating / heartbeat.FILE).read_text())
    assert seen["pid"] == os.getpid()
    assert heartbeat.is_alive(beating)


def test_two_minutes_without_a_beat_are_death_on_any_host(beating):
    edit(beating, time=ago(119))
    assert heartbeat.is_alive(beating)
    edit(beating, time=ago(121))
    assert not heartbeat.is_alive(beating)


def test_on_another_host_only_the_age_can_tell(beating):
    edit(beating, host="elsewhere", pid=2**22 + 1)
    assert heartbeat.is_alive(beating)
    edit(beating, time=ago(121))
    assert not heartbeat.is_alive(beating)


def test_on_this_host_a_process_that_is_gone_is_dead_at_once(beating):
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        token = heartbeat.start_token(child.pid)
        edit(beating, pid=child.pid, start=token)
        assert heartbeat.is_alive(beating)
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # dead, and not yet buried
        assert not heartbeat.is_alive(beating)
    finally:
        child.kill()
        child.communicate()
    assert not heartbeat.is_alive(beating)


def test_a_later_process_with_the_same_number_is_another(beating):
    edit(beating, start="00000000-1")
    assert not heartbeat.is_alive(beating)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"time": 3}', '{"time": "soon"}'])
def test_a_damaged_heartbeat_is_no_sign_of_life(tmp_path, content):
    assert not heartbeat.is_alive(tmp_path)
    (tmp_path / heartbeat.FILE).write_text(content)
    assert not heartbeat.is_alive(tmp_path)


def test_it_is_renewed_and_taken_away(tmp_path, monkeypatch):
    monkeypatch.setattr(heartbeat, "EVERY_SECONDS", 0.01)
    heartbeat.beat(tmp_path)
    edit(tmp_path, time=ago(3600))
    beats = heartbeat.Heartbeat(tmp_path)
    beats.start()
    deadline = now() + timedelta(seconds=10)
    while not heartbeat.is_alive(tmp_path) and now() < deadline:
        pass
    assert heartbeat.is_alive(tmp_path)
    beats.stop()
    assert list(tmp_path.iterdir()) == []
