"""Runs a command on a machine with no network but its own loopback, and counts what tried to get out.

    python alone.py REPORT COMMAND ...

A new network namespace has no route anywhere: the kernel refuses each attempt at once and counts it, whoever
made it, children that do not load our libraries among them. Datagrams and connections within the loopback
count too. The counts that rose go to REPORT as JSON; exits as the command does, or 77 where the kernel gives
no namespace.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import socket
import struct
import subprocess
import sys
from pathlib import Path

NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000
SET_FLAGS, UP = 0x8914, 0x1
ATTEMPTS = ("IpOutNoRoutes", "IpOutRequests", "Ip6OutNoRoutes", "Ip6OutRequests", "TcpActiveOpens")
FORBIDDEN = 77


def main(report: str, *command: str) -> int:
    unshare = getattr(ctypes.CDLL(None), "unshare", lambda _: FORBIDDEN)  # Linux alone has it
    if unshare(NEW_NETWORK) and unshare(NEW_NETWORK | NEW_USER):
        return FORBIDDEN
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sH14x", b"lo", UP))
    before = counts()
    code = subprocess.run(command, check=False).returncode
    risen = {name: number - before.get(name, 0) for name, number in counts().items()}
    Path(report).write_text(json.dumps({name: risen[name] for name in ATTEMPTS if risen.get(name)}))
    return code


def counts() -> dict[str, int]:
    """The kernel's counters of this namespace, by name."""
    found = {}
    lines = Path("/proc/self/net/snmp").read_text().splitlines()
    for names, numbers in zip(lines[::2], lines[1::2], strict=True):
        protocol, *names = names.replace(":", "").split()
        found |= {protocol + name: int(n) for name, n in zip(names, numbers.split()[1:], strict=True)}
    six = Path("/proc/self/net/snmp6")
    if six.exists():
        found |= {name: int(number) for name, number in map(str.split, six.read_text().splitlines())}
    return found


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
