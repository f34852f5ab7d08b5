"""Optuna's journal file, which a process that is killed neither damages nor leaves locked.

Optuna 5.0 writes each entry as a line and appends to what is there; after a line that was cut off the file
can no longer be read. Its lock is a file, which a killed process leaves for half a minute. Here the lock is
the kernel's, and ends with the process; and a line without its end is taken away before the next one is
written or the first is read: it was never acted on.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def journal(path: Path) -> Any:
    """Optuna's storage over a file, made if need be."""
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    class Lock:
        """The kernel's lock on a file beside the journal, in the form that Optuna asks for."""

        def acquire(self) -> bool:
            """True, after waiting for whoever has it."""
            import fcntl

            descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o644)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            self._held = descriptor
            return True

        def release(self) -> None:
            """Let the next one have it."""
            os.close(self._held)

    class Backend(JournalFileBackend):
        """The journal's file, mended before every entry."""

        def append_logs(self, logs: list[dict[str, Any]]) -> None:
            """Append entries, each whole."""
            # an entry that another process was cut off in would swallow these
            self.mend()
            super().append_logs(logs)

        def mend(self) -> None:
            """Take away an end that is no whole line."""
            if _ends_whole(path):
                return
            self._lock.acquire()
            try:
                content = path.read_bytes()
                with path.open("r+b") as file:
                    file.truncate(content.rfind(b"\n") + 1)
            finally:
                self._lock.release()

    class Journal(JournalStorage):
        """Optuna's storage, in which searchers wait for each other's turn."""

        @contextmanager
        def turn(self, study: int) -> Iterator[None]:
            """No other searcher is in such a block; within it entries are written as ever."""
            with locked(f"{path}.turn"):
                yield

    path.parent.mkdir(parents=True, exist_ok=True)
    lock: Any = Lock()
    backend = Backend(str(path), lock_obj=lock)
    backend.mend()
    return Journal(backend)


@contextmanager
def locked(path: str) -> Iterator[None]:
    """The kernel's lock on a file, waited for; it ends with the block, or with the process."""
    import fcntl

    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
