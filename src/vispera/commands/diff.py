"""``vispera diff``: what differs between two runs, by what could be the cause, and whether results do."""

from __future__ import annotations

from dataclasses import dataclass

from vispera import workspace
from vispera.invocation import Invocation
from vispera.redact import redact_text
from vispera.reproduction.cause import differences
from vispera.reproduction.outcome import compare
from vispera.reproduction.page import diff_json, diff_lines, in_json
from vispera.reproduction.side import LAST, PREVIOUS, folder_of, read_side


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """What ``vispera diff`` takes; ``other`` is typed as ``with``."""

    run: str = PREVIOUS
    other: str = LAST
    json: bool = False


def run(arguments: Arguments, invocation: Invocation) -> int:
    """0, after the page about the two runs has been printed, whatever differs."""
    experiments = workspace.experiments()
    one, other = (read_side(folder_of(name, experiments)) for name in (arguments.run, arguments.other))
    found, parts = differences(one, other), compare(one.record, other.record)
    if arguments.json:
        print(in_json(diff_json(one, other, found, parts)))
    else:
        print(redact_text("\n".join(diff_lines(one, other, found, parts))))
    return 0
