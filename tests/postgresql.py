"""A PostgreSQL server of the tests' own: on 127.0.0.1, behind a password, and gone after them."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

USER, PASSWORD = "searcher", "battery/Staple:47"
"""The password has what stands otherwise in URLs."""
DEBIAN = Path("/usr/lib/postgresql")
SETTINGS = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off")


@dataclass
class Server:
    """A server over a folder of its own; ``databases`` counts those that were made in it."""

    folder: Path
    binaries: Path
    port: int
    process: subprocess.Popen | None = None
    databases: int = field(default=0)

    def start(self) -> None:
        """Serve, and let in."""
        command = [str(self.binaries / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port)]
        command += [word for setting in SETTINGS for word in ("-c", setting)]
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, **unprivileged(self.folder))
        self._wait_for_it()

    def stop(self) -> None:
        """Stop serving at once: who is connected is cut off."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)  # what PostgreSQL calls a fast shutdown
        self.process.wait(30)

    def url(self, database: str, password: str | None = PASSWORD) -> str:
        """Address of a database as ``search.storage`` takes it."""
        secret = f":{quote(password, safe='')}" if password else ""
        return f"postgresql+psycopg://{USER}{secret}@127.0.0.1:{self.port}/{database}"

    def new(self) -> str:
        """Address of an empty database."""
        self.databases += 1
        with self.connected() as connection:
            connection.execute(f"CREATE DATABASE searches_{self.databases}")
        return self.url(f"searches_{self.databases}")

    def connected(self) -> Any:
        """A connection, to be used as a context."""
        import psycopg

        where = {"host": "127.0.0.1", "port": self.port, "dbname": "postgres", "connect_timeout": 5}
        return psycopg.connect(user=USER, password=PASSWORD, autocommit=True, **where)

    def _wait_for_it(self) -> None:
        import psycopg

        for _ in range(300):
            try:
                self.connected().close()
                return
            except psycopg.OperationalError:
                assert self.process is not None
                assert self.process.poll() is None, (self.folder / "log").read_text()
                time.sleep(0.1)
        raise AssertionError((self.folder / "log").read_text())


@contextmanager
def serving() -> Iterator[Server]:
    """A running server, stopped with the block; skips where PostgreSQL is not installed."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # not below pytest's folders, which are closed to others
    try:
        server = Server(folder, _binaries(), _free_port())
        _initialise(server)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def unprivileged(folder: Path) -> dict[str, Any]:
    """How to start a process over a folder that will not run as root."""
    if os.getuid() != 0:
        return {"cwd": folder}
    there = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = there.get("postgres") or there.get("nobody")
    if user is None:
        pytest.skip("PostgreSQL does not run as root, and there is no user postgres or nobody: make one")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"cwd": folder, "user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _binaries() -> Path:
    """Folder of the server's programs, the newest of Debian's if they are not on the PATH."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).resolve().parent] if on_path else sorted(DEBIAN.glob("*/bin"), key=_version)
    if not found or not (found[-1] / "postgres").exists():
        pytest.skip("no PostgreSQL server is installed: sudo apt-get install postgresql")
    return found[-1]


def _version(folder: Path) -> int:
    return int(folder.parent.name)


def _initialise(server: Server) -> None:
    start = unprivileged(server.folder)
    secret = server.folder / "password"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)  # the server's user reads it too; the folder is closed to all others
    command = [str(server.binaries / "initdb"), "-D", str(server.folder / "data"), "-U", USER, "-N"]
    command += ["--auth=scram-sha-256", f"--pwfile={secret}", "--no-locale", "--encoding=UTF8"]
    subprocess.run(command, check=True, capture_output=True, **start)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
