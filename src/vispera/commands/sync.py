"""``vispera sync``: runs that were mirrored offline brought to the W&B server, with a verdict for each.

records -> those with a mirror in W&B, ended -> asked of the server -> what is missing, sent -> asked again
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from vispera import workspace
from vispera.alone import alone
from vispera.choice import chosen
from vispera.errors import UsageError
from vispera.invocation import Invocation
from vispera.progress import Progress
from vispera.record import RunRecord, read_all
from vispera.reproduction.side import read_side
from vispera.run import error_line
from vispera.tracker import Tracker
from vispera.tracker.wandb import Disabled, WandbTracker
from vispera.tracker.wandb_sync import Verdict, reach, sync_run
from vispera.wandb_session import Unreachable

RECORDED = ("project", "entity", "group", "job_type")
"""Settings that a run keeps from the day on which it was recorded."""


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """What ``vispera sync`` takes: which runs, and the tracker whose folder and timeouts are used."""

    tracker: Tracker
    where: str | None = None
    runs: list[str] = field(default_factory=list)


def run(arguments: Arguments, invocation: Invocation) -> int:
    """0 if every run is on the server, 1 if one is not; a line for each."""
    tracker, place = arguments.tracker, workspace.experiments()
    if not isinstance(tracker, WandbTracker):
        raise UsageError(f"tracker={tracker.name} has nothing to send; leave it out")
    records = [r for r in chosen(read_all(place), arguments.runs, arguments.where) if is_mirrored(r)]
    if not records:
        print(f"no run in {place} was mirrored in W&B and has ended; type: python train.py tracker=wandb")
        return 0
    own = tracker.place / "wandb"
    own.mkdir(parents=True, exist_ok=True)
    with alone(own, "syncs the runs in"):
        reach(tracker)
        states = Counter(verdict.state for verdict in verdicts(tracker, records))
    print(", ".join(f"{count} {state}" for state, count in states.items()))
    return 1 if states["failed"] else 0


def is_mirrored(record: RunRecord) -> bool:
    """Whether a run has ended that W&B was to mirror."""
    mirror = record.tracker
    wanted = mirror.get("name") == WandbTracker.name and mirror.get("where") != Disabled.where
    return wanted and record.state not in ("running", "unreadable")


def verdicts(tracker: WandbTracker, records: list[RunRecord]) -> Iterator[Verdict]:
    """That of each run, told as soon as it is known; once the server is gone the rest is not tried."""
    gone = None
    with Progress(label="sync", total=len(records)) as progress:
        for record in records:
            progress.step(record.id)
            try:
                verdict = gone or _one(tracker, record)
            except Unreachable as error:
                verdict = gone = Verdict("failed", str(error))
            print(f"{verdict.state:<6}  {record.id}  {verdict.told}", flush=True)
            yield verdict


def _one(tracker: WandbTracker, record: RunRecord) -> Verdict:
    try:
        config = read_side(record.folder).config
        return sync_run(recorded(tracker, config), record, config)
    except Unreachable:
        raise
    except Exception as error:  # the SDK raises whatever it likes, and the other runs can still be sent
        return Verdict("failed", error_line(error))


def recorded(tracker: WandbTracker, config: Mapping[str, Any]) -> WandbTracker:
    """The tracker with the settings that a run was recorded with."""
    kept = {name: value for name, value in config.get("tracker", {}).items() if name in RECORDED}
    return replace(tracker, **kept)
