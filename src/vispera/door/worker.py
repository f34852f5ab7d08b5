"""A process of the search's own: ``python -m vispera.door.worker`` runs trials that come as lines of JSON."""

from __future__ import annotations

import logging
import os
import signal
import sys
from typing import Any

from vispera.commands import trial
from vispera.commands.train import Arguments
from vispera.door.building import build
from vispera.redact import SecretFilter


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
        trial.serve(arguments_of, sys.stdin, lambda line: print(line, file=answers))
    except (KeyboardInterrupt, BrokenPipeError):
        return 130
    return 0


def arguments_of(config: dict[str, Any]) -> Arguments:
    """Typed arguments of a trial from its plain configuration."""
    return build(Arguments, config)


if __name__ == "__main__":
    sys.exit(main())
