"""The verdict on a record: whether it can be made again, whether it came out the same, and why not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from vispera.errors import NotReproduced, VisperaError
from vispera.files import file_hash
from vispera.forgotten import FILE as NOTE
from vispera.forgotten import lost
from vispera.reproduction.maker import CANNOT, DIFFERENT, IDENTICAL, WITHIN, Attempt, Maker, Wanted
from vispera.reproduction.outcome import comparable
from vispera.reproduction.putting_back import Cause, Search
from vispera.reproduction.side import Side

EXIT = {IDENTICAL: 0, WITHIN: 0, DIFFERENT: NotReproduced.exit_code, CANNOT: VisperaError.exit_code}


@dataclass(frozen=True, kw_only=True)
class Reproduction:
    """What came of a record. ``faults``: why it cannot be run; ``notes``: what else is to be known of it."""

    run: str
    verdict: str
    code: str
    tolerance: float
    folder: Path
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()
    attempts: tuple[Attempt, ...] = ()

    @property
    def exit_code(self) -> int:
        """Exit code of the verdict."""
        return EXIT[self.verdict]


def reproduce(recorded: Side, wanted: Wanted, folder: Path, say: Callable[[str], None]) -> Reproduction:
    """The verdict on a record; everything that is made for it lies below ``folder``.

    ``say`` is told before each making, as each takes as long as the run took.
    """
    told = Reproduction(
        run=recorded.record.id,
        verdict=CANNOT,
        code=wanted.code,
        tolerance=wanted.tolerance,
        folder=folder,
        notes=tuple(noted(recorded)),
    )
    if fault := out_of_question(recorded):
        return replace(told, faults=(fault,))
    with Maker(recorded, wanted, folder, say) as maker:
        try:
            first = maker.attempt(())
        except VisperaError as refusal:
            return replace(told, faults=refusal.faults)
        told = replace(told, verdict=first.verdict, faults=first.faults, attempts=(first,))
        if first.verdict != DIFFERENT:
            return told
        search = Search(maker, first)
        causes, notes = search.causes(), (*told.notes, *search.notes)
        return replace(told, causes=causes, notes=notes, attempts=(first, *search.attempts))


def out_of_question(recorded: Side) -> str | None:
    """Why a record cannot be made again whatever the code, or has left nothing to compare; else None."""
    record = recorded.record
    if record.state == "running":
        return f"run {record.id} is still going on; wait for its end"
    if not recorded.config:
        return f"config.yaml is not in {recorded.folder}: without it nobody knows what was run; put it back"
    if comparable(record):
        return None
    when = f" in phase '{record.phase}'" if record.phase else ""
    why = f": {record.error}" if record.error else ""
    ended = f"run {record.id} {record.state}{when}{why}"
    return f"{ended}; it left neither predictions nor metrics, so there is nothing to compare"


def noted(recorded: Side) -> Iterator[str]:
    """What is odd about a record, and bears on what a verdict on it means."""
    record = recorded.record
    if recorded.secrets:
        yield f"secrets stood in {', '.join(recorded.secrets)}; it is made again without them"
    predictions, known = record.folder / "predictions.parquet", record.hashes.get("predictions")
    if known and predictions.is_file() and file_hash(predictions) != known:
        yield "predictions.parquet was changed after the run: its hash is not that of the record"
    if predictions.is_file() and (gone := lost(record.folder, predictions.name, file_hash(predictions))):
        yield f"{gone:,} of its predictions were taken out since, as a guest was to be forgotten: see {NOTE}"
    if record.trial is not None:
        yield "a trial of a search is a light run: it has no predictions and no model, only its windows"
    elif record.state != "finished":
        yield f"the run is {record.state}; what it left, and is compared: {', '.join(comparable(record))}"
