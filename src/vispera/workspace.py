"""Where the workspace is, whatever directory a command is typed in."""

from __future__ import annotations

import os
from pathlib import Path

from vispera.errors import UsageError


def root() -> Path:
    """Folder under which experiments/, data/ and reports/ lie, absolute.

    ``VISPERA_HOME`` if it is set, else the folder that holds conf/ and src/. UsageError if there is none.
    """
    named = os.environ.get("VISPERA_HOME")
    if not named:
        return source()
    home = Path(named).expanduser().resolve()
    if not home.is_dir():
        raise UsageError(f"VISPERA_HOME is '{named}', which is no folder; make it, or unset VISPERA_HOME")
    return home


def source() -> Path:
    """Folder that holds conf/ and src/ of the code that is running, absolute.

    For code that was installed without them, the nearest such folder upwards from the present
    directory. UsageError if there is none.
    """
    here = Path.cwd()
    for folder in (Path(__file__).resolve().parents[2], here, *here.parents):
        if (folder / "conf").is_dir() and (folder / "src").is_dir():
            return folder
    raise UsageError(
        f"no workspace at '{here}' or above it: go to the folder of a clone, or set VISPERA_HOME to it"
    )


def experiments() -> Path:
    """Folder of the runs, absolute; it may not exist yet."""
    return root() / "experiments"
