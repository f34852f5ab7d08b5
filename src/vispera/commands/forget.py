"""``vispera forget``: a guest taken out of every list and prediction of the workspace, and the proof of it.

tables, extracts -> the guest -> every place: looked at -> rewritten -> looked at again -> proof
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from vispera import workspace
from vispera.alone import alone
from vispera.commands.data import DataSettings
from vispera.errors import Declined, UsageError, VisperaError
from vispera.forgetting.folder import Task
from vispera.forgetting.guest import Guest, find
from vispera.forgetting.look import Look, look_at
from vispera.forgetting.picture import FIGURE, Picture
from vispera.forgetting.place import Place, Workplace, places
from vispera.forgetting.proof import Proof, Seen, keep, stamp
from vispera.invocation import Invocation
from vispera.problem import Problem
from vispera.problem.extract import Extract, find_extract
from vispera.problem.store import held
from vispera.progress import Progress
from vispera.pseudonym import FILE as KEY
from vispera.pseudonym import pseudonyms
from vispera.registry import Registry
from vispera.registry.folder import FolderRegistry
from vispera.registry.forgotten import MAY_LOSE
from vispera.registry.wandb import WandbRegistry
from vispera.table import Table

EXAMPLE = "type guest=ID, as the table has it"


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """What ``vispera forget`` takes; see conf/forget.yaml."""

    problem: Problem
    data: DataSettings
    registry: Registry
    guest: str | None = field(default=None, repr=False)
    dry_run: bool = False
    extract: Path | None = None
    to: Path = Path("handoff")
    seed: int = 0

    @property
    def column(self) -> str:
        """Column that names guests; Declined if the problem knows none."""
        decision = self.problem.decision
        if decision.guest is None:
            raise Declined(
                f"problem '{self.problem.name}' names no guests, so nothing can be found of one; "
                "if its table does, type problem.decision.guest=COLUMN"
            )
        if told := decision.faults(self.problem.schema):
            raise UsageError(*told)
        return decision.guest

    @property
    def work(self) -> Workplace:
        """Where everything lies."""
        root, name = workspace.root(), self.problem.name
        of_folders = self.registry if isinstance(self.registry, FolderRegistry) else None
        return Workplace(
            root=root,
            problem=name,
            handoff=self.to.expanduser().absolute(),
            registry=of_folders.folder(name) if of_folders else None,
        )


def run(arguments: Arguments, invocation: Invocation) -> int:
    """0, after nothing of the guest is left, or was; VisperaError with each place that is not proven."""
    guest, column = (arguments.guest or "").strip(), arguments.column
    if not guest:
        raise UsageError(f"guest has no value; {EXAMPLE}")
    work = arguments.work
    with alone(work.root, "forgets in"), Progress(label="forget") as progress:
        progress.step("read the tables")
        known = known_as(arguments, work, guest, column)
        proof = proven(arguments, work, Task(known, stamp(), redrawn), progress)
        file = None if arguments.dry_run else keep(proof, work.root, work.problem)
    print(*page(proof, known, arguments, file), sep="\n")
    if proof.open:
        raise VisperaError(*proof.open)
    return 0


def known_as(arguments: Arguments, work: Workplace, guest: str, column: str) -> Guest:
    """How lists and predictions name the guest."""
    pseudonym = pseudonyms().of([guest])[0] if (work.root / KEY).is_file() else ""
    tables = list(unlike(work, [arguments.problem.load(), *kept_tables(arguments.problem, work)]))
    return find(arguments.problem, guest, column, pseudonym, tables, extracts(arguments, work))


def kept_tables(problem: Problem, work: Workplace) -> Iterator[Table]:
    """Canonical tables of all sources that the workspace has seen and still holds."""
    for cache in (problem.cache_folder, *(home / "data" / problem.name for home in work.benches)):
        yield from held(problem, cache)


def unlike(work: Workplace, tables: Iterable[Table]) -> Iterator[tuple[str, Table]]:
    """Each table once, whatever number of times it is held, under the names of its folders."""
    held_in: dict[str, list[str]] = {}
    first: dict[str, Table] = {}
    for table in tables:
        folder = table.folder or Path(table.source)
        told = work.named(folder)
        there = held_in.setdefault(first.setdefault(table.content_hash, table).content_hash, [])
        there += [] if told in there else [told]
    yield from ((", ".join(held_in[content]), table) for content, table in first.items())


def extracts(arguments: Arguments, work: Workplace) -> Iterator[tuple[str, Extract]]:
    """Extracts of the nights of which scores are kept, each once."""
    if arguments.extract is None:
        return
    place, seen = arguments.extract.expanduser().absolute(), set()
    for night in sorted({path.name[:10] for path in work.scores.glob("[!.]*")}):
        if (found := find_extract(place, night)) is not None and found.bookings not in seen:
            seen.add(found.bookings)
            yield work.named(found.bookings), found


def proven(arguments: Arguments, work: Workplace, task: Task, progress: Progress) -> Proof:
    """Looks at every place, before and after it was cleaned."""
    there = [*places(work, task), *away(arguments.registry, work.problem, task)]
    progress.step(f"look at {len(there):,} places")
    before = [seen(place) for place in there]
    if arguments.dry_run:
        return Proof(before)
    due = [place for place, one in zip(there, before, strict=True) if one.look.rows or one.look.pending]
    progress.step(f"rewrite {len(due):,} of them")
    faults = [fault for place in due for fault in cleaned(place)]
    progress.step("look at all of them again")
    after = [*places(work, task), *away(arguments.registry, work.problem, task)]
    return Proof(before, [seen(place) for place in after], tuple(faults))


def away(registry: Registry, problem: str, task: Task) -> Iterator[Place]:
    """Versions that lie where nothing can be rewritten: they are looked at, and what to do is told."""
    if isinstance(registry, WandbRegistry):
        for name, seal in registry.versions(problem).items():
            look = partial(held_away, registry, name, seal, task.guest)
            yield Place("versions", name, look, stays)


def held_away(registry: WandbRegistry, name: str, seal: str, guest: Guest) -> Look:
    """What a version in W&B holds of a guest."""
    try:
        files = registry.read(name, seal).files
    except VisperaError as damage:
        return Look(1, faults=damage.faults)
    return look_at([(one, partial(files.__getitem__, one)) for one in MAY_LOSE if one in files], guest)


def stays() -> None:
    """VisperaError with what is left to a person."""
    raise VisperaError(
        "W&B keeps what it has taken as it is, so that no row can be taken out of it here. If an alias names "
        "this version promote another one; then delete it in W&B, with its links. The history keeps its "
        "entry, and vispera pull and production verify=true refuse the version from then on"
    )


def seen(place: Place) -> Seen:
    """What a look finds at a place."""
    return Seen(place.area, place.name, place.look())


def cleaned(place: Place) -> list[str]:
    """Why a place could not be cleaned; nothing if it was."""
    try:
        place.clean()
    except VisperaError as refusal:
        return [f"{place.name}: {fault}" for fault in refusal.faults]
    except OSError as refusal:
        return [f"{place.name}: {refusal}"]
    return []


def redrawn(told: bytes, spoken: str) -> Picture:
    """The figure of a replay's night from what is told of it now."""

    from vispera.report.figure.replay import draw

    with tempfile.TemporaryDirectory() as place:
        drawn = next(one for one in draw(json.loads(told), Path(place), spoken) if one.name == FIGURE)
        return Picture(drawn.path.read_bytes(), drawn.title, drawn.alt)


def page(proof: Proof, guest: Guest, arguments: Arguments, file: Path | None) -> Iterator[str]:
    """The table of the proof, what it comes to, and where the guest still is."""
    yield from proof.lines()
    if not proof.found:
        yield "nothing is held of this guest"
    elif arguments.dry_run:
        yield f"rows that would go: {proof.found:,}; nothing was changed"
    else:
        yield f"rows that are gone: {proof.found - proof.left:,}; that are left: {proof.left:,}"
    if file is not None:
        yield f"proof    {file}"
    if others := arguments.work.others:
        yield f"note     not looked at: problem {', '.join(others)}; type problem=NAME for each"
    for name, count in guest.bookings.items():
        if count:
            yield f"source   {name} stays as it is; bookings of this guest in it: {count:,}"
