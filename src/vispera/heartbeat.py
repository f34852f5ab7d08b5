"""Whether the process behind a run is still there: a small file that it renews while it lives."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import threading
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from vispera.clock import now
from vispera.files import write_text

FILE = "heartbeat.json"
EVERY_SECONDS = 15.0
STALE_SECONDS = 120.0


class Heartbeat:
    """Renews the heartbeat file of a folder from a thread of its own, until it is stopped."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._keep_beating, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Beat from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Beat no more, and take the file away."""
        self._stopped.set()
        self._thread.join()
        (self.folder / FILE).unlink(missing_ok=True)

    def _keep_beating(self) -> None:
        while not self._stopped.wait(EVERY_SECONDS):
            with suppress(OSError):  # a full disk for a minute is no reason to be taken for dead
                beat(self.folder)


def beat(folder: Path) -> None:
    """Write who is running, and that it is alive at this moment."""
    pid = os.getpid()
    content = {"host": _host(), "pid": pid, "start": start_token(pid), "time": now().isoformat()}
    write_text(folder / FILE, json.dumps(content) + "\n", durable=False)


def is_alive(folder: Path) -> bool:
    """Whether a folder's heartbeat is younger than two minutes and, on this host, its process there."""
    try:
        seen = json.loads((folder / FILE).read_bytes())
        age = (now() - datetime.fromisoformat(seen["time"])).total_seconds()
        if age > STALE_SECONDS:
            return False
        return seen["host"] != _host() or start_token(int(seen["pid"])) == seen["start"]
    except (OSError, ValueError, KeyError, TypeError):
        return False


def start_token(pid: int) -> str | None:
    """What tells a process from a later one with the same number; None if there is no such process."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None if Path("/proc/self").exists() else _start_told_by_ps(pid)
    after_name = status.rpartition(")")[2].split()  # a process may have any name, brackets included
    state, start_ticks = after_name[0], after_name[19]
    if state in "ZX":  # killed, and not yet buried by its parent
        return None
    return f"{Path('/proc/sys/kernel/random/boot_id').read_text()[:8]}-{start_ticks}"


def _start_told_by_ps(pid: int) -> str | None:
    """Start time where there is no /proc, as on macOS."""
    command = ["ps", "-o", "lstart=", "-p", str(pid)]
    told = subprocess.run(command, capture_output=True, text=True, check=False, env={"LC_ALL": "C"})
    return told.stdout.strip() or None


def _host() -> str:
    """Name of this host and, in a container, of its space of process numbers."""
    try:
        return f"{platform.node()} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return platform.node()
