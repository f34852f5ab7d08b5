"""Forgets a guest in a process that dies at a write: HOME GUEST AT."""

from __future__ import annotations

import sys

from dying import dies
from remembered import forgetting
from vispera.commands.forget import run

if __name__ == "__main__":
    home, guest, at = sys.argv[1:]
    given = forgetting(guest)
    dies(home, int(at))
    sys.exit(run(*given))
