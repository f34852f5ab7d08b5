"""``vispera reproduce``: a record made again in a folder of its own, and a verdict on it."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from vispera import workspace
from vispera.errors import Declined, UsageError
from vispera.files import write_text
from vispera.invocation import Invocation
from vispera.redact import redact_text
from vispera.reproduction.kept import KEPT
from vispera.reproduction.maker import Wanted
from vispera.reproduction.page import in_json, verdict_json, verdict_lines
from vispera.reproduction.side import LAST, Side, folder_of, read_side
from vispera.reproduction.verdict import Reproduction, reproduce


@dataclass(frozen=True, kw_only=True)
class DataPlace:
    """``path``: where the source lies now; None: where it was recorded, or VISPERA_DATA, or data/."""

    path: str | None = None


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """What ``vispera reproduce`` takes; see `vispera.reproduction.maker.Wanted` for most of it."""

    run: str = LAST
    code: Literal["recorded", "current"] = "recorded"
    tolerance: float = 0.0
    threads: int | None = None
    data: DataPlace = field(default_factory=DataPlace)
    put_back: bool = True
    json: bool = False

    def __post_init__(self):
        if not 0 <= self.tolerance < 1:
            raise UsageError(
                f"tolerance={self.tolerance}: wanted 0 (no bit differs) or more, and less than 1"
            )
        if self.threads is not None and self.threads < 1:
            raise UsageError(f"threads={self.threads}: wanted 1 or more, or null for the recorded number")


def run(arguments: Arguments, invocation: Invocation) -> int:
    """Exit code of the verdict: 0 reproduced, 4 different, 1 cannot be run; the page goes to stdout."""
    recorded = read_side(folder_of(arguments.run, workspace.experiments()))
    if (verb := recorded.record.verb) != "train":
        again = Invocation(verb, recorded.command).command
        raise Declined(
            f"run {recorded.record.id} is a {verb}, and runs of train are made again; type: {again}"
        )
    wanted = Wanted(
        code=arguments.code,
        tolerance=arguments.tolerance,
        threads=arguments.threads,
        data=arguments.data.path,
        put_back=arguments.put_back,
    )
    told, shown = made_again(recorded, wanted)
    if arguments.json:
        print(shown)
    else:
        print(redact_text("\n".join(verdict_lines(told))))
    return told.exit_code


def made_again(recorded: Side, wanted: Wanted) -> tuple[Reproduction, str]:
    """The verdict on a record, and the JSON that is kept of it in the new folder."""
    told = reproduce(recorded, wanted, made_folder(recorded.record.id), say)
    shown = in_json(verdict_json(told, workspace.root()))
    write_text(told.folder / KEPT, f"{shown}\n")
    return told, shown


def say(text: str) -> None:
    """Tell on stderr what is being done; the run itself tells the rest there."""
    print(redact_text(text), file=sys.stderr)


def reproduced() -> Path:
    """Folder of the workspace below which records are made again; it may not exist yet."""
    return workspace.root() / "reproduced"


def made_folder(name: str) -> Path:
    """A new folder ``reproduced/<run>-<n>/`` of the workspace; nobody else has the same."""
    place, number = reproduced(), 1
    place.mkdir(exist_ok=True)
    while True:
        folder = place / f"{name}-{number}"
        try:
            folder.mkdir()
            return folder
        except FileExistsError:
            number += 1
