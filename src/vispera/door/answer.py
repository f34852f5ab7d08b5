"""What a call answers when it does not end well: one line for each fault, and the exit code."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable

from vispera.errors import VisperaError
from vispera.redact import redact_text

INTERRUPTED = 130


def answer(action: Callable[[], int]) -> int:
    """Exit code of an action; its failures are told on stderr.

    Errors of the tree in ``errors.py`` become one line for each fault; anything else is a bug and shows in
    full, without what looks like a secret.
    """
    try:
        return action()
    except VisperaError as failure:
        tell(*failure.faults)
        return failure.exit_code
    except KeyboardInterrupt:
        tell("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # `vispera runs | head`: the reader has seen enough; nothing may be written at exit either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except Exception:
        say(traceback.format_exc().rstrip())
        return 1


def tell(*faults: str) -> None:
    """Prints each fault as one line on stderr."""
    for fault in faults:
        say(f"error: {' '.join(fault.split())}")


def say(text: str) -> None:
    """Prints a text on stderr, without what looks like a secret."""
    sys.stderr.write(redact_text(text) + "\n")
    sys.stderr.flush()
