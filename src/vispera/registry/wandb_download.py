"""Files of a version in W&B, in a process of its own that ends when nothing comes any more.

Asked for a file of a server that is gone, the SDK tries again for twenty minutes, and a process waits for it
even after an error. This one has a cache of its own, too: what it gives comes from the server.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from vispera.errors import ContractBroken, VisperaError

FILES, TOLD = "files", "told"
BROKEN = 5


def download(name: str, place: Path, home: Path, timeout: float) -> str:
    """What W&B's own check says against the files of a version, mostly nothing; they lie in ``place/files``.

    VisperaError if no further byte came for ``timeout`` seconds, or the server gave none.
    """
    (place / FILES).mkdir()
    environ = {**os.environ, "WANDB_CACHE_DIR": str(place / "cache")}
    words = [name, str(place / FILES), str(home), f"{timeout}"]
    with (
        (place / TOLD).open("wb") as told,
        subprocess.Popen(
            [sys.executable, "-P", "-m", __name__, *words],
            stdin=subprocess.PIPE,  # closed when we end, however that is
            stdout=told,
            stderr=subprocess.DEVNULL,
            env=environ,
        ) as child,
    ):
        try:
            whole = _while_it_grows(child, place, timeout)
        finally:
            child.kill()
    why = " ".join((place / TOLD).read_text(errors="replace").split())
    if not whole:
        raise VisperaError(
            f"no further byte of {name} came within {timeout:g} s; nothing was changed; type the same again, "
            f"or registry.transfer_timeout={timeout * 10:g}"
        )
    if child.returncode not in (0, BROKEN):
        raise VisperaError(why or f"{name} could not be downloaded; type the same again")
    return why


def _while_it_grows(child: subprocess.Popen[bytes], place: Path, timeout: float) -> bool:
    """Whether the process came to an end by itself."""
    size, since = -1, time.monotonic()
    while True:
        try:
            child.wait(0.1)
        except subprocess.TimeoutExpired:
            now = _size(place)
            if now != size:
                size, since = now, time.monotonic()
            elif time.monotonic() - since > timeout:
                return False
        else:
            return True


def _size(place: Path) -> int:
    total = 0
    for path in place.rglob("*"):
        with suppress(FileNotFoundError):  # it may just have got its name
            total += path.lstat().st_size
    return total


def main(name: str, folder: str, home: str, timeout: str) -> int:
    """0 after the download; ``BROKEN``, or 1, after a line that tells why not."""
    from vispera.registry.wandb_server import INSTEAD, asking
    from vispera.wandb_session import api

    try:
        with api(Path(home), float(timeout), INSTEAD) as found, asking(f"give {name}"):
            version = found.artifact(name)
            try:
                version.download(root=folder)
                version.verify(folder)
            except ValueError as damage:
                raise ContractBroken(str(damage)) from None
            except Exception as fault:
                if getattr(getattr(fault, "response", None), "status_code", None) in (404, 410):
                    raise ContractBroken("a file of it is gone") from None
                raise
    except VisperaError as refusal:
        sys.stdout.write(f"{refusal}\n")
        return BROKEN if isinstance(refusal, ContractBroken) else 1
    return 0


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    code = main(*sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)  # threads of the SDK may still be trying
