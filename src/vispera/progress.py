"""What is being done and how long it will still take: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

LONGEST_SILENCE = 8.0
"""Seconds after which a step that is still going on says so; people wait ten before they doubt."""


class Progress:
    """Tells on a stream which of ``total`` steps is under way, and estimates the time left.

    Parameters
    ----------
    total
        Number of steps; None while it is not known, then no time left is given. May be set later.
    label
        What the steps make up, such as a run's id.
    stream
        Where it is told; stderr by default, so that results on stdout can be piped.
    silence
        Seconds without a word after which the running step is told again.
    clock
        Seconds that only go up.

    Examples
    --------
    >>> import sys
    >>> with Progress(total=2, label="demo", stream=sys.stdout, clock=lambda: 0.0) as progress:
    ...     progress.step("fit", "tuning-1")
    ...     progress.step("score")
    demo 1/2: fit tuning-1
    demo 2/2: score
    demo: done in 0 s
    """

    def __init__(
        self,
        total: int | None = None,
        label: str = "",
        stream: TextIO | None = None,
        silence: float = LONGEST_SILENCE,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.total, self.label = total, label
        self._stream = stream if stream is not None else sys.stderr
        self._silence, self._clock = silence, clock
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._done = -1  # steps that have ended; the first step ends none
        self._what = ""
        self._began = self._step_began = self._last_word = clock()
        self._show: _Lines | _Bars = _Lines(self._stream)

    def __enter__(self) -> Self:
        self._began = self._step_began = self._last_word = self._clock()
        if _is_terminal(self._stream):
            self._show = _Bars(self._stream, self.label, self.total)
        self._ticker = threading.Thread(target=self._tick, name="progress", daemon=True)
        self._ticker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        self._ticker.join()
        took = _duration(self._clock() - self._began)
        where = self._what or "the start"
        ending = f"done in {took}" if kind is None else f"stopped after {took}, in: {where}"
        self._show.close(f"{self.label}: {ending}".lstrip(": "))

    def step(self, *what: object) -> None:
        """Begins a step, ending the one before; ``what`` is told, as in ``step("fit", "tuning-2")``."""
        with self._lock:
            self._done += 1
            self._what = " ".join(map(str, what))
            self._step_began = self._last_word = self._clock()
            self._show.begin(self._sentence(), self._done, self.total)

    def say(self, text: str) -> None:
        """Tells a line without beginning a step."""
        with self._lock:
            self._last_word = self._clock()
            self._show.line(text)

    def _sentence(self) -> str:
        """What is under way: ``run 2/7: fit tuning-2, about 40 s left``."""
        count = f" {self._done + 1}/{self.total}" if self.total else ""
        left = self._left()
        return f"{self.label}{count}: {self._what}".lstrip(": ") + (f", about {left} left" if left else "")

    def _left(self) -> str:
        """Time left, if the steps to come take as long as those that have ended; empty where unknown."""
        elapsed = self._clock() - self._began
        if not self.total or self._done < 1 or elapsed < 1:
            return ""
        return _duration(elapsed / self._done * (self.total - self._done))

    def _tick(self) -> None:
        while not self._closed.wait(min(self._silence / 4, 1.0)):
            with self._lock:
                now = self._clock()
                if now - self._last_word >= self._silence:
                    self._last_word = now
                    self._show.still(self._sentence(), _duration(now - self._step_began))


class _Lines:
    """Plain lines, for files, pipes and continuous integration."""

    def __init__(self, stream: TextIO):
        self.stream = stream

    def line(self, text: str) -> None:
        # the reader of a pipe may be gone; work goes on without it
        with suppress(BrokenPipeError, ValueError):
            self.stream.write(text + "\n")
            self.stream.flush()

    def begin(self, sentence: str, done: int, total: int | None) -> None:
        self.line(sentence)

    def still(self, sentence: str, so_far: str) -> None:
        self.line(f"still {sentence} ({so_far} so far)")

    close = line


class _Bars:
    """A bar that moves in place, for terminals; ``NO_COLOR`` is honoured by rich."""

    def __init__(self, stream: TextIO, label: str, total: int | None):
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            SpinnerColumn,
            TextColumn,
            TimeElapsedColumn,
        )

        columns = [SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(bar_width=24)]
        columns += [MofNCompleteColumn(), TimeElapsedColumn()]
        self.bar: Bar = Progress(*columns, console=Console(file=stream), transient=True)
        self.bar.start()
        self.task: TaskID = self.bar.add_task(label, total=total)

    def line(self, text: str) -> None:
        self.bar.console.print(text, markup=False, highlight=False)

    def begin(self, sentence: str, done: int, total: int | None) -> None:
        self.bar.update(self.task, description=sentence, completed=done, total=total)

    def still(self, sentence: str, so_far: str) -> None:
        self.bar.update(self.task, description=sentence)  # the clock in the bar is moving

    def close(self, text: str) -> None:
        self.bar.stop()
        self.line(text)


def _is_terminal(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM", "") not in ("dumb", "")


def _duration(seconds: float) -> str:
    """Rounded time in words.

    >>> _duration(3.4), _duration(135)
    ('3 s', '2 min 15 s')
    """
    whole = round(seconds)
    return f"{whole} s" if whole < 100 else f"{whole // 60} min {whole % 60} s"
