"""A process that ends at one of its writes, as a machine does whose power is cut."""

from __future__ import annotations

import os
import sys

WRITES = ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree")
DIED = 77


def dies(place: str, at: int) -> None:
    """Let this process end, without any goodbye, at one of its writes below a place."""
    seen = 0

    def watch(event: str, arguments: tuple) -> None:
        nonlocal seen
        opened = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wxa+")
        if (opened or event in WRITES) and str(arguments[0]).startswith(place):
            seen += 1
            if seen == at:
                os._exit(DIED)

    sys.addaudithook(watch)
