"""A record's run, in a process of its own: ``python -m vispera.door.again CONFIG [WORD ...]``.

The code that is asked is that of the record, which may be older or newer than the code that asks. So what
passes between them stays as it is: a configuration as YAML comes in, and lines of JSON go out. The first says
which code this is, the last how it ended. ``--compose WORD ...`` answers with the configuration that the
words of a command line give in this code.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import vispera
from vispera.door.answer import INTERRUPTED
from vispera.errors import VisperaError
from vispera.redact import SecretFilter, redact_text

GRACE_SECONDS = 5.0


def main(words: Sequence[str] | None = None) -> int:
    """Exit code, which is in the last line too."""
    words = sys.argv[1:] if words is None else words
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1) as answers:
        # neither the closing lines of a run nor what a library prints is an answer
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        handler = logging.StreamHandler()
        handler.addFilter(SecretFilter())
        logging.basicConfig(level=logging.WARNING, handlers=[handler], format="%(levelname)s: %(message)s")
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the run ends as interrupted
        threading.Thread(target=_end_with_the_caller, name="caller", daemon=True).start()
        _say({"code": str(Path(vispera.__file__).resolve().parent)}, answers)
        told = _answered(words)
        _say(told, answers)
        return told["exit"]


def _answered(words: Sequence[str]) -> dict[str, Any]:
    try:
        if words[:1] == ["--compose"]:
            return {"exit": 0, "faults": [], "config": _composed(words[1:])}
        return {"exit": _run(Path(words[0]), words[1:]), "faults": []}
    except VisperaError as failure:
        return {"exit": failure.exit_code, "faults": [redact_text(fault) for fault in failure.faults]}
    except KeyboardInterrupt:
        return {"exit": INTERRUPTED, "faults": ["interrupted"]}
    except Exception as bug:
        logging.getLogger(__name__).error(traceback.format_exc().rstrip())
        return {"exit": 1, "faults": [redact_text(f"{type(bug).__name__}: {bug}")]}


def _run(path: Path, words: Sequence[str]) -> int:
    import yaml

    from vispera.commands.train import Arguments, run
    from vispera.door.building import build
    from vispera.invocation import Invocation

    config = yaml.safe_load(path.read_text())
    return run(build(Arguments, config), Invocation("train", tuple(words), config))


def _composed(words: Sequence[str]) -> dict[str, Any]:
    from vispera.door.application import composed
    from vispera.door.building import as_plain, without_hydra

    return as_plain(without_hydra(composed("train", words)))


def _say(told: dict[str, Any], answers: IO[str]) -> None:
    print(json.dumps(told), file=answers)


def _end_with_the_caller() -> None:
    """End this process when the one that began it is gone, which closes what we read from."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)  # a fit that is not Python listens to no signal but the next
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
