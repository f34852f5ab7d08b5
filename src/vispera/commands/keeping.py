"""What ``vispera runs`` does to runs: notes and tags, archiving and bringing back, deleting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vispera import workspace
from vispera.errors import UsageError, VisperaError
from vispera.invocation import Invocation
from vispera.listing import in_words
from vispera.noting import annotate, tags_of
from vispera.record import RunRecord
from vispera.redact import redact_text
from vispera.shelving import archive, delete, restore, size, ties
from vispera.where import read_where

MIRROR = "a mirror that the tracker holds is not changed by it"


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Which runs, and what is done to them.

    Attributes
    ----------
    note, tags
        What the record says from now on; an empty one takes it away.
    add_tags, remove_tags
        Changes of the tags that a run has.
    archive, restore, delete
        Pack the folder away, bring it back, take it away for good; ``yes`` makes the last one happen.
    """

    where: str | None = None
    runs: str | tuple[str, ...] = ()
    note: str | None = None
    tags: tuple[str, ...] | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    archived: bool = False
    archive: bool = False
    restore: bool = False
    delete: bool = False
    yes: bool = False

    @property
    def named(self) -> tuple[str, ...]:
        """The runs that were named, one or several."""
        return (self.runs,) if isinstance(self.runs, str) else self.runs

    @property
    def noted(self) -> bool:
        """Whether note or tags are to change."""
        return self.note is not None or self.tags is not None or bool(self.add_tags or self.remove_tags)

    @property
    def actions(self) -> list[str]:
        """What is to be done to the runs, as it was typed; without any they are shown."""
        asked = [f"{name}=true" for name in ("archive", "restore", "delete") if getattr(self, name)]
        return [*asked, "note or tags"] if self.noted else asked

    def faults(self) -> list[str]:
        """What keeps these words from meaning one thing."""
        asked = self.actions
        told = []
        if len(asked) > 1:
            told.append(f"{' and '.join(asked)} exclude each other; type one after the other")
        if asked and not self.named and self.where is None:
            told.append(f'{asked[0]}: of which runs? type runs=[ID,ID] or where="state=failed" beside it')
        if self.archived and (self.noted or self.archive):
            told.append(f"{asked[0]} changes no archived run; type restore=true runs=[ID] first")
        if self.yes and not self.delete:
            told.append("yes=true goes with delete=true; leave it out")
        if self.tags is not None and (self.add_tags or self.remove_tags):
            told.append("tags sets all tags, add_tags and remove_tags change them; type one of them")
        if self.where is not None:
            told += _refused(self.where)
        return told


def _refused(where: str) -> Sequence[str]:
    try:
        read_where(where)
    except UsageError as refusal:
        return refusal.faults
    return ()


def change(
    changes: Changes, found: Sequence[RunRecord], records: Sequence[RunRecord], invocation: Invocation
) -> int:
    """0, after what was asked has been done to each run that was found, and told; else UsageError first."""
    if not found:
        print(f"none of the {len(records)} runs is meant; nothing was done")
        return 0
    running = [record.id for record in found if record.state == "running"]
    if running:
        raise UsageError(
            *(f"{run} is running, so nothing was done; wait for its end, or leave it out" for run in running)
        )
    if changes.noted:
        return _note(changes, found)
    if changes.archive:
        return _archive(found)
    return _restore(found) if changes.restore else _delete(changes, found, records, invocation)


def _note(changes: Changes, found: Sequence[RunRecord]) -> int:
    unreadable = [f"{record.id}: {record.fault}" for record in found if record.state == "unreadable"]
    if unreadable:
        raise UsageError(*unreadable)
    for record in found:
        wanted: dict[str, Any] = {} if changes.note is None else {"note": changes.note or None}
        if changes.tags is not None or changes.add_tags or changes.remove_tags:
            wanted["tags"] = _tags(changes, record)
        annotate(record, wanted)
        print(redact_text(f"{record.id}: {', '.join(map(_said, wanted.items()))}"))
    print(f"{_runs(found)} changed; {MIRROR}")
    return 0


def _tags(changes: Changes, record: RunRecord) -> list[str]:
    if changes.tags is not None:
        return list(dict.fromkeys(changes.tags))
    tags = dict.fromkeys((*tags_of(record), *changes.add_tags))
    return [tag for tag in tags if tag not in changes.remove_tags]


def _said(item: tuple[str, object]) -> str:
    name, value = item
    said = " ".join(value) if isinstance(value, list) else value
    return f"{name} is now {said}" if said else f"{name} taken away"


def _archive(found: Sequence[RunRecord]) -> int:
    place, freed = workspace.experiments(), 0
    for record in found:
        one = _tried(record, lambda record: archive(record, place))
        freed += one
        print(f"archived {record.id}, {in_words(one)} freed")
    print(f"{_runs(found)} archived, {in_words(freed)} freed; type: vispera runs archived=true")
    return 0


def _restore(found: Sequence[RunRecord]) -> int:
    for record in found:
        _tried(record, lambda record: restore(record, workspace.experiments()))
        print(f"restored {record.id}")
    print(f"{_runs(found)} back in {workspace.experiments()}")
    return 0


def _delete(
    changes: Changes, found: Sequence[RunRecord], records: Sequence[RunRecord], invocation: Invocation
) -> int:
    place = workspace.experiments()
    if not changes.yes:
        sizes = {record.id: size(record, place) for record in found}
        for record in found:
            print(f"would delete {record.id}, {record.state}, {in_words(sizes[record.id])}")
        print(*ties(found, records), sep="\n", end="\n" if any(ties(found, records)) else "")
        print(f"{_runs(found)} would go, {in_words(sum(sizes.values()))} would be free; {MIRROR}")
        sure = replace(invocation, overrides=(*invocation.overrides, "yes=true")).command
        raise UsageError(f"nothing was deleted yet; type: {sure}")
    freed = sum(_deleted(found, place))
    print(f"{_runs(found)} deleted, {in_words(freed)} freed; {MIRROR}, nor are the looks at the test window")
    return 0


def _deleted(found: Sequence[RunRecord], place: Path) -> Iterable[int]:
    for record in found:
        freed = _tried(record, lambda record: delete(record, place))
        print(f"deleted {record.id}, {in_words(freed)} freed")
        yield freed


def _tried(record: RunRecord, do: Callable[[RunRecord], int | None]) -> int:
    """What a step gives; a disk that refuses it is one line, and says how far it came."""
    try:
        return do(record) or 0
    except OSError as failure:
        raise VisperaError(f"{record.id}: {failure}; those named above are done, this one is not") from None


def _runs(found: Sequence[RunRecord]) -> str:
    return "1 run" if len(found) == 1 else f"{len(found)} runs"
