"""Work of the W&B SDK in a process of its own, which is ended when nothing moves any more.

When its server goes away the SDK may wait for ever, whatever timeouts it was given (`Run.finish`), or try for
twenty minutes and keep the process that long even after an error (downloads). Nothing but a kill ends that.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from vispera.redact import redact_text

TOLD = "told"
"""File into which the process writes what its work comes to."""
SAID = "said"
"""What it says otherwise, such as the traceback of a fault."""


def worked(
    module: str, words: list[str], place: Path, watched: Path, patience: float, **environ: str
) -> int | None:
    """Exit code of a module that works in the folder ``place``; None if it was ended.

    That happens after so many seconds of ``patience`` in which what is ``watched`` did not grow, and when we
    end.
    """
    with (
        (place / TOLD).open("wb") as told,
        (place / SAID).open("wb") as said,
        subprocess.Popen(
            [sys.executable, "-P", "-m", module, *words],
            stdin=subprocess.PIPE,  # closed when we end, however that is
            stdout=told,
            stderr=said,
            env={**os.environ, **environ},
        ) as process,
    ):
        try:
            return process.returncode if _while_it_grows(process, watched, patience) else None
        finally:
            process.kill()


def told(place: Path) -> list[str]:
    """The whole lines that the process has written."""
    text = (place / TOLD).read_text(errors="replace")
    return text[: text.rfind("\n") + 1].splitlines()


def last_words(place: Path) -> str:
    """Why a process ended that wrote nothing of its work, as far as it is known."""
    said = (place / SAID).read_text(errors="replace").split("\n")
    words = next((" ".join(line.split()) for line in reversed(said) if line.strip()), "")
    return redact_text(words)[:300] or "no answer came for too long"


def tell(line: str) -> None:
    """Write one line to whoever started this process."""
    sys.stdout.write(f"{' '.join(line.split())}\n")
    sys.stdout.flush()


def work(main: Callable[..., int]) -> NoReturn:
    """End this process with what ``main`` gives for its words, or with the one that started it."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        code = main(*sys.argv[1:])
    finally:
        sys.stdout.flush()
    os._exit(code)  # threads of the SDK may still be trying


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


def _while_it_grows(process: subprocess.Popen[bytes], watched: Path, patience: float) -> bool:
    """Whether the process came to an end by itself."""
    size, since = -1, time.monotonic()
    while True:
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            now = _size(watched)
            if now != size:
                size, since = now, time.monotonic()
            elif time.monotonic() - since > patience:
                return False
        else:
            return True


def _size(watched: Path) -> int:
    total = 0
    for path in (watched, *watched.rglob("*")):
        with suppress(FileNotFoundError):  # it may just have got its name
            total += path.lstat().st_size
    return total
