"""The problem of a report where none is typed: that of the replay which it tells.

The words with which it was chosen are typed again, so that today's texts hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from vispera import workspace
from vispera.choice import one
from vispera.door.recipe import OF_THE_PROBLEM, group, key
from vispera.errors import VisperaError
from vispera.files import read_json
from vispera.record import RunRecord, read_all
from vispera.reproduction.side import read_side


def with_problem(words: Sequence[str]) -> list[str]:
    """The words after those that chose the problem of the replay; as they are where one is typed."""
    typed = {key(word): word.partition("=")[2] for word in words}
    if "problem" in typed:
        return list(words)
    replay = _replay(typed)
    if replay is None:
        return list(words)
    again = [word for word in read_side(replay.folder).command if group(word) in OF_THE_PROBLEM]
    known = {key(word) for word in words}
    return [*(word for word in again if key(word) not in known), *words]


def _replay(typed: dict[str, str]) -> RunRecord | None:
    """The replay that is named, that of the report that is checked, or the newest finished one."""
    records = read_all(workspace.experiments())
    name = typed.get("replay", "null")
    if name == "null" and typed.get("check", "null") != "null":
        name = _of_report(typed["check"])
    if name not in ("", "null"):
        with suppress(VisperaError):  # the command says what is wrong with it
            return one(records, name.strip("'\""))
        return None
    return next((one for one in reversed(records) if (one.verb, one.state) == ("replay", "finished")), None)


def _of_report(number: str) -> str:
    """Id of the replay that a report came from; ``null`` where that is not known."""
    found = list((workspace.root() / "reports" / "feasibility").glob(f"{number:0>3}-*/report.json"))
    return str(read_json(found[0])["basis_runs"]["replay"]).rpartition("/")[2] if found else "null"
