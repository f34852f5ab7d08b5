"""Every place of a workspace that may hold a row of a guest, with how it is looked at and cleaned."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from vispera.errors import VisperaError
from vispera.forgetting import archived, handed, versions
from vispera.forgetting import folder as folders
from vispera.forgetting.folder import Task
from vispera.forgetting.look import UNREAD, Look
from vispera.record import read, read_all, read_archived

Area = Literal["runs", "archived runs", "runs made again", "versions", "published lists", "scores"]


@dataclass(frozen=True, kw_only=True)
class Workplace:
    """Where a problem's lists and predictions lie; all absolute.

    Attributes
    ----------
    root
        The workspace.
    problem
        Name of the problem.
    handoff
        Folder of its published lists.
    registry
        Folder of its versions; None where nothing is promoted.
    """

    root: Path
    problem: str
    handoff: Path
    registry: Path | None

    @property
    def scores(self) -> Path:
        """What is kept of the nights that were scored."""
        return self.root / "scores" / self.problem

    @property
    def benches(self) -> list[Path]:
        """Workspaces of their own in which records were made again."""
        return sorted(path.parent for path in (self.root / "reproduced").glob("*/*/experiments"))

    @property
    def others(self) -> list[str]:
        """Names of other problems of which the workspace holds runs, versions, lists or scores."""
        beside = (self.root / "scores", self.handoff.parent, self.registry.parent if self.registry else None)
        folders = {path.name for place in beside if place is not None for path in _folders(place)}
        runs = {record.problem for record in read_all(self.root / "experiments") if record.problem}
        return sorted((folders | runs) - {self.problem, self.handoff.name})

    def named(self, path: Path) -> str:
        """A path as it is told: from the workspace, where it lies in there."""
        return str(path.relative_to(self.root) if path.is_relative_to(self.root) else path)


@dataclass(frozen=True)
class Place:
    """A folder or file that is looked at as one; ``name`` is told from the workspace."""

    area: Area
    name: str
    look: Callable[[], Look]
    clean: Callable[[], None]


def places(work: Workplace, task: Task) -> Iterator[Place]:
    """Every place, in the order in which they are cleaned; what was already gone over changes no other."""
    guest, mirrors = task.guest, work.root / "wandb"
    for home in (work.root, *work.benches):
        area: Area = "runs" if home == work.root else "runs made again"
        experiments = home / "experiments"
        yield from _runs(area, experiments, work, task, mirrors)
        if home == work.root:
            yield from _archived(experiments, work, task, mirrors)
    for version in versions.numbers(work.registry) if work.registry else ():
        look, clean = partial(versions.look, version, guest), partial(versions.clean, version, task)
        yield Place("versions", work.named(version), look, clean)
    for folder in _folders(work.scores):
        look, clean = partial(folders.look, folder, guest), partial(folders.clean, folder, task)
        yield Place("scores", work.named(folder), look, clean)
    yield from _hidden("scores", work.scores, work)
    if work.handoff.is_dir():
        look, clean = partial(handed.look, work.handoff, guest), partial(handed.clean, work.handoff, guest)
        yield Place("published lists", work.named(work.handoff), look, clean)


def _runs(area: Area, experiments: Path, work: Workplace, task: Task, mirrors: Path) -> Iterator[Place]:
    for folder in _folders(experiments):
        state, problem = _told(folder)
        if problem not in (None, work.problem):
            continue
        look, clean = partial(folders.look, folder, task.guest), partial(folders.clean, folder, task, mirrors)
        if state == "running":
            look, clean = _going_on, partial(_refuse, folder)
        yield Place(area, work.named(folder), look, clean)
    yield from _hidden(area, experiments, work)


def _archived(experiments: Path, work: Workplace, task: Task, mirrors: Path) -> Iterator[Place]:
    others = {one.id for one in read_archived(experiments) if one.problem not in (None, work.problem)}
    for run in archived.tars(experiments):
        if run not in others:
            look = partial(archived.look, experiments, run, task.guest)
            clean = partial(archived.clean, experiments, run, task, mirrors)
            yield Place("archived runs", work.named(experiments / archived.NAME / run), look, clean)
    left = archived.abandoned(experiments)
    if left:
        look = partial(Look, len(left), pending=True)
        yield Place("archived runs", work.named(left[0]), look, partial(archived.sweep, experiments))
    yield from _hidden("archived runs", experiments / archived.NAME, work, left)


def _hidden(area: Area, folder: Path, work: Workplace, ours: Sequence[Path] = ()) -> Iterator[Place]:
    """What a killed process has left beside the folders, with rows that nobody reads any more."""
    for path in sorted(folder.glob(".*.tmp")):
        if path not in ours:
            yield Place(area, work.named(path), _left_behind, partial(_refuse, path))


def _folders(place: Path) -> list[Path]:
    return sorted(path for path in place.glob("[!.]*") if path.is_dir())


def _told(folder: Path) -> tuple[str, str | None]:
    """State of a run, and its problem; None where the record does not say."""
    try:
        record = read(folder)
    except UNREAD:
        return "unreadable", None
    return record.state, record.problem


def _going_on() -> Look:
    return Look(faults=("it is still going on; type the same again when it has ended",))


def _left_behind() -> Look:
    return Look(faults=("a killed process left it; take it away: see vispera doctor",))


def _refuse(path: Path) -> None:
    raise VisperaError(f"{path} was left as it is")
