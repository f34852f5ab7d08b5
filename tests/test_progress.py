"""Progress: plain lines without a terminal, a bar on one, and never silent for long."""

from __future__ import annotations

import io
import re
import threading
import time

import pytest

from vispera.progress import LONGEST_SILENCE, Progress


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self):
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


def test_each_step_is_a_line_with_the_time_left():
    stream, clock = io.StringIO(), Clock()
    with Progress(total=4, label="run", stream=stream, clock=clock) as progress:
        for window in ("tuning-1", "tuning-2", "test"):
            progress.step("fit", window)
            clock.now += 10
        progress.say("a remark")
    assert stream.getvalue().splitlines() == [
        "run 1/4: fit tuning-1",
        "run 2/4: fit tuning-2, about 30 s left",
        "run 3/4: fit test, about 20 s left",
        "a remark",
        "run: done in 30 s",
    ]


def test_the_total_may_become_known_later():
    stream = io.StringIO()
    with Progress(stream=stream, clock=Clock()) as progress:
        progress.step("read")
        progress.total = 2
        progress.step("fit")
    assert stream.getvalue().splitlines() == ["read", "2/2: fit", "done in 0 s"]


def test_a_long_step_is_told_again():
    stream = io.StringIO()
    with Progress(total=2, label="run", stream=stream, silence=0.05) as progress:
        progress.step("fit", "tuning-2")
        wait_for(lambda: "still" in stream.getvalue())
    assert re.search(r"^still run 1/2: fit tuning-2 \(\d+ s so far\)$", stream.getvalue(), re.MULTILINE)


def test_no_silence_is_longer_than_ten_seconds():
    # the ticker looks once a second at most
    assert LONGEST_SILENCE + 1 < 10


def test_a_failure_tells_where():
    stream = io.StringIO()

    def fail() -> None:
        with Progress(label="run", stream=stream, clock=Clock()) as progress:
            progress.step("fit", "test")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert stream.getvalue().splitlines()[-1] == "run: stopped after 0 s, in: fit test"


def test_the_ticker_ends_with_the_block():
    with Progress(stream=io.StringIO()):
        assert "progress" in {thread.name for thread in threading.enumerate()}
    assert "progress" not in {thread.name for thread in threading.enumerate()}


def test_a_closed_stream_does_not_stop_the_work():
    stream = io.StringIO()
    with Progress(stream=stream) as progress:
        stream.close()
        progress.step("fit")


@pytest.fixture
def terminal(monkeypatch) -> Terminal:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return Terminal()


def bar(stream: Terminal) -> str:
    with Progress(total=2, label="run", stream=stream) as progress:
        progress.step("fit", "tuning-1")
        progress.say("a [remark]")
        progress.step("score")
        wait_for(lambda: "score" in stream.getvalue())
    return stream.getvalue()


def test_a_terminal_gets_a_bar_in_colour(terminal):
    shown = bar(terminal)
    assert "\x1b[3" in shown
    assert "run 2/2: score" in shown
    assert "a [remark]\n" in shown
    assert "\nrun: done in" in shown or shown.rstrip().endswith("run: done in 0 s")


def test_no_color_is_honoured(terminal, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", bar(terminal))


def test_a_dumb_terminal_gets_lines(terminal, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in bar(terminal)


def wait_for(condition, seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
