"""What of a run a W&B server has not: asked of the server, and compared with the run's folder and its log.

The SDK tells of no artifact that was lost, neither when a staged file is gone nor when the server refuses it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vispera.record import RunRecord
from vispera.tracker import wandb_content as content
from vispera.tracker import wandb_log

Home = tuple[str | None, str]
"""Entity (None: the account's own) and project."""


@dataclass(frozen=True)
class Lacking:
    """What is not there; it is false if nothing is missing.

    Attributes
    ----------
    run
        The run itself.
    rows
        Rows of the log, as they were logged, ``_step`` and ``_timestamp`` with them.
    media
        Names of tables and figures.
    artifacts
        Names of artifacts: their content, an alias, or that the run used or made them.
    end
        The run goes on for the server, or ended otherwise.
    """

    run: bool = False
    rows: tuple[Mapping[str, Any], ...] = ()
    media: tuple[str, ...] = ()
    artifacts: tuple[str, ...] = ()
    end: bool = False

    def __bool__(self) -> bool:
        return any((self.run, self.rows, self.media, self.artifacts, self.end))

    def __str__(self) -> str:
        return ", ".join(self._named()) or "nothing"

    def _named(self) -> Iterator[str]:
        if self.run:
            yield "the run"
        if self.rows:
            yield f"{len(self.rows)} row{'s' * (len(self.rows) > 1)}"
        if self.media:
            yield f"{len(self.media)} of its tables and figures ({_some(self.media)})"
        if self.artifacts:
            yield f"the artifact{'s' * (len(self.artifacts) > 1)} {_some(self.artifacts)}"
        if self.end:
            yield "how it ended"


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:2]) + (", ..." if len(names) > 2 else "")


def lacking(api: Any, home: Home, record: RunRecord, log: Path | None) -> Lacking:
    """What a server has not of a run; without a ``log`` of W&B's no row is missed."""
    rows, media = charted(log), content.media(record.folder)
    expected = [(artifact, aliases) for artifact, aliases in content.artifacts(record)]
    run = _found(api, home, record.id)
    if run is None:
        return Lacking(True, tuple(rows), media, tuple(artifact.name for artifact, _ in expected), True)
    last = run.lastHistoryStep
    return Lacking(
        rows=tuple(row for row in rows if row["_step"] > last),
        media=tuple(_absent(run, media)),
        artifacts=tuple(_lost(api, run, expected)),
        end=run.state != ("finished" if content.exit_code(record) == 0 else "failed"),
    )


def charted(log: Path | None) -> list[dict[str, Any]]:
    """Rows of a log that hold numbers, not tables or figures; flat, as they were logged."""
    rows = wandb_log.rows(log) if log else []
    return [row for row in rows if "window/number" in row]


def _found(api: Any, home: Home, run_id: str) -> Any:
    """The run on the server, None if it has none of that id."""
    from wandb.errors import CommError

    entity, project = home
    try:
        return api.run(f"{entity or api.default_entity}/{project}/{run_id}")
    except (ValueError, CommError) as error:
        if "could not find run" not in str(error).lower():
            raise
        return None


def _absent(run: Any, media: Iterable[str]) -> Iterator[str]:
    """Tables and figures that the run does not name, or whose file is not there."""
    files = {file.name for file in run.files()} if media else set()
    summary = run.summary_metrics
    for name in media:
        shown = summary.get(name)
        if not isinstance(shown, Mapping) or shown.get("path") not in files:
            yield name


def _lost(api: Any, run: Any, expected: Iterable[tuple[Any, list[str]]]) -> Iterator[str]:
    """Names of artifacts that are not there with content and alias, or that the run did not use."""
    used = {one.source_name.partition(":")[0] for one in run.used_artifacts()}
    for artifact, aliases in expected:
        there = _artifact(api, f"{run.entity}/{run.project}/{artifact.name}:{aliases[-1]}")
        whole = there is not None and there.digest == artifact.digest
        if not whole or (artifact.type == content.DATASET and artifact.name not in used):
            yield artifact.name


def _artifact(api: Any, path: str) -> Any:
    """The artifact that the server names so, None if it names none."""
    return api.artifact(path) if api.artifact_exists(path) else None
