"""A process of the search's own: ``python -m vispera.door.worker`` runs trials that come as lines of JSON."""

from __future__ import annotations

import logging
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Iterator
from typing import IO, Any

from vispera.commands import trial
from vispera.commands.train import Arguments
from vispera.door.building import build
from vispera.redact import SecretFilter
from vispera.search.pool import GRACE_SECONDS


def main() -> int:
    """0 when no more jobs come."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    handler = logging.StreamHandler()
    handler.addFilter(SecretFilter())
    logging.basicConfig(
        level=logging.WARNING, handlers=[handler], format="%(levelname)s %(name)s: %(message)s"
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that runs end as interrupted
    try:
        trial.serve(arguments_of, jobs(sys.stdin), lambda line: _say(line, answers))
    except KeyboardInterrupt:
        return 130
    return 0


def jobs(lines: IO[str]) -> Iterator[str]:
    """Lines as they come; where they end, the searcher is gone, and the trial that is going on is ended."""
    heard: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_listen, args=(lines, heard), name="jobs", daemon=True).start()
    yield from iter(heard.get, None)


def _listen(lines: IO[str], heard: queue.Queue[str | None]) -> None:
    for line in lines:
        heard.put(line)
    heard.put(None)
    time.sleep(1.0)  # without a trial this process has ended by then
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)  # a fit that is not Python listens to no signal but the next
    end = os.killpg if os.getpgrp() == os.getpid() else os.kill
    end(os.getpid(), signal.SIGKILL)


def _say(line: str, answers: IO[str]) -> None:
    try:
        print(line, file=answers)
    except BrokenPipeError:  # the searcher is gone: no failure of the trial's
        raise KeyboardInterrupt from None


def arguments_of(config: dict[str, Any]) -> Arguments:
    """Typed arguments of a trial from its plain configuration."""
    return build(Arguments, config)


if __name__ == "__main__":
    sys.exit(main())
