"""Runs brought to a W&B server, whatever of them is there already, and the proof of it.

What was mirrored offline, and what a lost server did not get, is logged again from the run's folder and the
rows of W&B's log: a run that the server knows is taken up where it ends. The SDK's own ``sync`` is not used.
Killed in the middle and started again it doubles the rows, and it says nothing of an artifact that it loses
because a staged file is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from vispera.record import RunRecord
from vispera.tracker import wandb_content as content
from vispera.tracker.wandb import WandbTracker, define_charts
from vispera.tracker.wandb_arrival import Lacking, charted, lacking
from vispera.wandb_session import api, ending, scratch, session

State = Literal["there", "sent", "failed"]
SYNCED = ".synced"
"""What the SDK puts beside a log that it has sent; with it a plain ``wandb sync`` does not send it again."""

COUNTED = ("_step", "_runtime")
"""What the SDK counts itself; the moment of a row, ``_timestamp``, is handed on."""
INSTEAD = "set WANDB_API_KEY"
NO_LOG = "; its rows are gone with W&B's log"


@dataclass(frozen=True)
class Verdict:
    """How it stands with a run: ``there`` before, ``sent`` now, or ``failed``; ``told`` says what and why."""

    state: State
    told: str


def reach(tracker: WandbTracker) -> None:
    """Nothing, if the server takes the key; Unreachable else."""
    with api(tracker.place, tracker.init_timeout, INSTEAD):
        pass


def sync_run(tracker: WandbTracker, record: RunRecord, config: Mapping[str, Any]) -> Verdict:
    """A run proven to be on the server, after what it lacked was sent.

    ``tracker`` has the entity and project that the run was recorded for.
    """
    log = log_of(tracker.place, record.id)
    changed = content.changed(record.folder)
    if changed:
        return Verdict("failed", f"changed after the run, or gone: {', '.join(changed)}; nothing was sent")
    before = _asked(tracker, record, log)
    if not before:
        _mark(log)
        return Verdict("there", "all of it was there")
    _send(tracker, record, config, before)
    after = _asked(tracker, record, log)
    if after:
        return Verdict("failed", f"sent, and the server has not: {after}")
    _mark(log)
    return Verdict("sent", f"sent and proven: {before}{'' if log else NO_LOG}")


def log_of(place: Path, run_id: str) -> Path | None:
    """W&B's log of a run, the one with the most rows if there are several; None if there is none."""
    found = place.glob(f"wandb/*run-*-{run_id}/run-{run_id}.wandb")
    return max(sorted(found), key=lambda path: len(charted(path)), default=None)


def _asked(tracker: WandbTracker, record: RunRecord, log: Path | None) -> Lacking:
    with api(tracker.place, tracker.init_timeout, INSTEAD) as made:
        return lacking(made, (tracker.entity or None, tracker.project), record, log)


def _send(tracker: WandbTracker, record: RunRecord, config: Mapping[str, Any], wanted: Lacking) -> None:
    """Log what is wanted; the run is closed whatever happens."""
    with scratch(tracker.place, "sync") as folder, session(tracker.place, "online"):
        run = tracker.again(record, config, folder)
        with ending(run, content.exit_code(record), online=True):
            define_charts(run)
            for row in wanted.rows:
                values = {name: value for name, value in row.items() if name not in COUNTED}
                run.log(values, step=row["_step"], commit=True)
            run.summary.update(content.summary(record))
            if wanted.artifacts:
                content.show_artifacts(run, record, tracker.finish_timeout)
            if wanted.media:
                content.show_media(run, record)


def _mark(log: Path | None) -> None:
    if log is not None:
        log.with_name(log.name + SYNCED).touch()
