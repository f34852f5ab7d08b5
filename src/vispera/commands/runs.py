"""``vispera runs``: a table of the runs, newest first, and what is done to them by hand.

records -> those asked for -> sorted, trials folded -> table or JSON
                           -> noted, archived, restored or deleted
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

from vispera import garbage, workspace
from vispera.choice import chosen
from vispera.commands import keeping
from vispera.errors import UsageError
from vispera.field import field
from vispera.files import plain
from vispera.invocation import Invocation
from vispera.listing import folded, sorted_by, table
from vispera.record import RunRecord, read_all, read_archived
from vispera.redact import Redactor
from vispera.where import conditions


@dataclass(frozen=True, kw_only=True)
class Arguments(keeping.Changes):
    """What ``vispera runs`` takes beside the changes that it makes.

    Attributes
    ----------
    limit
        How many lines are shown, the newest unless ``sort`` says otherwise; None shows all.
    where, runs
        Conditions, and ids or what tells one: both narrow what is shown or changed.
    trials
        Whether trials of searches are shown one by one; None: where ``runs`` or ``where`` asks for them.
    archived
        The archived runs instead of the others.
    """

    limit: int | None = 20
    sort: str | None = None
    json: bool = False
    trials: bool | None = None

    def __post_init__(self):
        told = self.faults()
        if self.limit is not None and self.limit < 1:
            told.append(f"limit={self.limit}: wanted 1 or more, or null for all; type limit=20")
        if self.json and self.actions:
            told.append(f"json=true shows runs and {self.actions[0]} changes them; type one of them")
        if told:
            raise UsageError(*told)
        if self.sort is not None:
            field(self.sort.removeprefix("-"), key="sort", example="-test.roc_auc")

    @property
    def one_by_one(self) -> bool:
        """Whether a trial is a line of its own."""
        if self.trials is not None:
            return self.trials
        asked = {of.name for of, _, _ in conditions(self.where)} if self.where is not None else set()
        return bool(self.runs) or bool(asked & {"sweep", "trial"})


def run(arguments: Arguments, invocation: Invocation) -> int:
    """0, after the table is printed, or the change made; a run that cannot be read is one marked line."""
    with garbage.put_off():
        return _run(arguments, invocation)


def _run(arguments: Arguments, invocation: Invocation) -> int:
    place = workspace.experiments()
    put_away = arguments.archived or arguments.restore
    records = read_archived(place) if put_away else read_all(place)
    found = chosen(records, arguments.named, arguments.where)[::-1]
    if arguments.actions:
        return keeping.change(arguments, found, records, invocation)
    if arguments.json:
        return show_json(arguments, found, invocation)
    if not records and put_away:
        print(f"no archived runs in {place}; type: vispera runs archive=true runs=[ID]")
    elif not records:
        print(f"no runs yet in {place}; type: python train.py model=catboost")
    elif not found:
        print(f"none of the {len(records)} runs is meant; type: vispera runs, which lists them")
    else:
        show_table(arguments, found, invocation)
    return 0


def show_table(arguments: Arguments, found: Sequence[RunRecord], invocation: Invocation) -> None:
    """Print the runs, newest first or sorted, and what was left out with what to type for it."""
    lines = sorted_by(found if arguments.one_by_one else folded(found), arguments.sort)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    print(table(lines[: arguments.limit], width))
    if hidden := len(lines) - len(lines[: arguments.limit]):
        print(f"{left_out(hidden, arguments.sort)} not shown; type: {again(invocation, 'limit=null')}")
    if len(lines) < len(found):
        print(f"the trials of a search are one line; type: {again(invocation, 'trials=true')}")


def show_json(arguments: Arguments, found: Sequence[RunRecord], invocation: Invocation) -> int:
    """0, after the records have been printed as one array; what was left out is told beside it."""
    kept = [record for record in found if record.trial is None or arguments.one_by_one]
    shown = sorted_by(kept, arguments.sort)[: arguments.limit]
    redactor = Redactor()
    array = [redactor.value(plain(record, finite=True)) for record in shown]
    print(json.dumps(array, indent=1, ensure_ascii=False))
    if hidden := len(kept) - len(shown):
        told = left_out(hidden, arguments.sort)
        print(f"{told} left out; type: {again(invocation, 'limit=null')}", file=sys.stderr)
    if hidden := len(found) - len(kept):
        are = "trial is" if hidden == 1 else "trials are"
        print(f"{hidden} {are} left out; type: {again(invocation, 'trials=true')}", file=sys.stderr)
    return 0


def left_out(hidden: int, sort: str | None) -> str:
    """``2 older runs are``."""
    return f"{hidden} {'older' if sort is None else 'more'} {'run is' if hidden == 1 else 'runs are'}"


def again(invocation: Invocation, word: str) -> str:
    """The command that was typed, with one word changed or added."""
    key = word.partition("=")[0]
    kept = (typed for typed in invocation.overrides if typed.partition("=")[0] != key)
    return replace(invocation, overrides=(*kept, word)).command
