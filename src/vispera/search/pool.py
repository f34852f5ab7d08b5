"""Persistent worker processes that take jobs and give answers, a line of JSON each, and may die."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Any

GRACE_SECONDS = 5.0


@dataclass
class Worker:
    """A process, the job that it has, and until when."""

    process: subprocess.Popen[str]
    job: int | None = None
    until: float = float("inf")


@dataclass(frozen=True)
class Answer:
    """What a worker said of its job; ``ended`` tells why no more will come, None while it goes on."""

    job: int
    said: dict[str, Any] = field(default_factory=dict)
    ended: str | None = None


class Pool:
    """So many worker processes; one that dies is replaced when there is a next job for it.

    Parameters
    ----------
    command
        Starts a worker, which reads a job a line from its stdin and answers on its stdout, the last answer to
        a job marked ``"last": true``.
    size
        Number of workers.
    timeout
        Seconds after which a job's worker is killed.
    """

    def __init__(self, command: Sequence[str], size: int, timeout: float | None = None):
        self._command, self._timeout = list(command), timeout
        self._workers: list[Worker | None] = [None] * size
        self._heard: queue.Queue[tuple[Worker, str | None]] = queue.Queue()

    @property
    def idle(self) -> int:
        """Workers without a job."""
        return sum(worker is None or worker.job is None for worker in self._workers)

    def send(self, number: int, job: dict[str, Any]) -> None:
        """Give a job to an idle worker; there must be one."""
        place = next(i for i, worker in enumerate(self._workers) if worker is None or worker.job is None)
        worker = self._workers[place]
        if worker is not None and worker.process.poll() is not None:
            self._bury(worker)
            worker = None
        if worker is None:
            worker = self._workers[place] = self._started()
        worker.job = number
        worker.until = time.monotonic() + self._timeout if self._timeout else float("inf")
        assert worker.process.stdin is not None  # noqa: S101  (it was asked to be a pipe)
        with suppress(BrokenPipeError):  # it is dead, which the end of its answers will tell
            worker.process.stdin.write(json.dumps(job) + "\n")
            worker.process.stdin.flush()

    def hear(self, within: float) -> Answer | None:
        """The next answer of any worker, None if none comes in so many seconds."""
        until = time.monotonic() + within
        while (now := time.monotonic()) < until:
            if late := self._late(now):
                return late
            next_stop = min([until, *(w.until for w in self._workers if w)])
            with suppress(queue.Empty):
                worker, line = self._heard.get(timeout=max(next_stop - now, 0.0) + 0.001)
                if (answer := self._answer(worker, line)) is not None:
                    return answer
            self._clear_away()
        return None

    def close(self) -> None:
        """End every worker; what it is doing is lost."""
        there = [worker for worker in self._workers if worker is not None]
        for worker in there:
            _signal(worker.process, signal.SIGTERM)
        for worker in there:
            try:
                worker.process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                _signal(worker.process, signal.SIGKILL)
            self._bury(worker)

    def _started(self) -> Worker:
        process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            start_new_session=True,  # Ctrl-C is the searcher's, who ends them in order
        )
        worker = Worker(process)
        threading.Thread(target=self._listen, args=(worker, process.stdout), daemon=True).start()
        return worker

    def _listen(self, worker: Worker, answers: IO[str]) -> None:
        with answers:
            for line in answers:
                self._heard.put((worker, line))
        self._heard.put((worker, None))

    def _answer(self, worker: Worker, line: str | None) -> Answer | None:
        if line is None:
            return self._lost(worker)
        job = worker.job
        try:
            said = json.loads(line)
        except ValueError:
            return None  # something that a library printed
        if job is None or not isinstance(said, dict) or said.get("job") != job:
            return None
        if said.get("last"):
            worker.job, worker.until = None, float("inf")
        return Answer(job, said)

    def _lost(self, worker: Worker) -> Answer | None:
        job, worker.job = worker.job, None
        if worker not in self._workers:  # buried already
            return None
        code = self._bury(worker)
        return None if job is None else Answer(job, ended=_death(code))

    def _clear_away(self) -> None:
        """End what a dead worker has left running: it may hold the pipe open on which the end is told."""
        for worker in self._workers:
            if worker is not None and worker.process.poll() is not None:
                _signal(worker.process, signal.SIGKILL)

    def _late(self, now: float) -> Answer | None:
        for worker in self._workers:
            if worker is not None and worker.job is not None and now >= worker.until:
                job, worker.job = worker.job, None
                _signal(worker.process, signal.SIGKILL)
                self._bury(worker)
                return Answer(job, ended=f"outran {self._timeout:g} s")
        return None

    def _bury(self, worker: Worker) -> int:
        """Exit code of a worker that is ending; then its place is free, and what it started is gone."""
        code = worker.process.wait()
        _signal(worker.process, signal.SIGKILL)
        if worker.process.stdin is not None:
            with suppress(BrokenPipeError):  # what it was still to be told
                worker.process.stdin.close()
        self._workers = [None if other is worker else other for other in self._workers]
        return code


def _signal(process: subprocess.Popen[str], sent: signal.Signals) -> None:
    """Signal a worker and all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, sent)


def _death(code: int) -> str:
    if code == -signal.SIGKILL:
        return "killed by the system, as it does when memory runs out"
    return f"its process ended with {code}" if code >= 0 else f"its process got {signal.Signals(-code).name}"
