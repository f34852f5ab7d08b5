"""Why a record did not come out again: what differs is put back, one thing after another, and it is run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vispera import workspace
from vispera.errors import Declined, VisperaError
from vispera.files import read_json
from vispera.reproduction.cause import CAUSES, Difference, differences
from vispera.reproduction.maker import Attempt, Maker
from vispera.reproduction.outcome import compare
from vispera.reproduction.side import Side, read_side


@dataclass(frozen=True, kw_only=True)
class Cause:
    """What is recorded otherwise under one cause; ``shown`` only if putting it back restored identity."""

    name: str
    differences: tuple[Difference, ...]
    shown: bool = False
    why: str = ""


class Search:
    """Looks for the cause of a difference; ``attempts`` and ``notes`` tell what was done and seen."""

    def __init__(self, maker: Maker, first: Attempt):
        self.maker, self.first, self.recorded = maker, first, maker.recorded
        self.here: Side = read_side(first.run_folder)
        self.attempts: list[Attempt] = []
        self.notes: list[str] = []

    def causes(self) -> tuple[Cause, ...]:
        """Every cause under which something differs, in the order of ``CAUSES``."""
        found = [*differences(self.recorded, self.here), *self._typed()]
        sorted_out = ((name, tuple(one for one in found if one.cause == name)) for name in CAUSES)
        causes = [Cause(name=name, differences=told) for name, told in sorted_out if told]
        if not self.maker.wanted.put_back:
            return tuple(replace(cause, why="nothing was put back, as put_back=false") for cause in causes)
        if not causes:
            self._make_once_more()
        return tuple(self._together([self._tried(cause) for cause in causes]))

    def _typed(self) -> Iterator[Difference]:
        """Where config.yaml is not what the recorded words give in the recorded code."""
        try:
            for path, (typed, kept) in self.maker.retyped.items():
                yield Difference("configuration", ".".join(path), typed, kept)
        except VisperaError as refusal:
            self.notes.append(f"whether config.yaml is what was typed cannot be told: {refusal.faults[0]}")

    def _tried(self, cause: Cause) -> Cause:
        """The cause after it was put back, or with the reason why it cannot be."""
        try:
            attempt = self._attempt((cause.name,))
        except VisperaError as refusal:
            return replace(cause, why=f"not put back: {refusal}")
        does = "restores" if attempt.restores else "does not restore"
        told = f"; {attempt.faults[0]}" if attempt.faults else ""
        return replace(
            cause, shown=attempt.restores, why=f"putting it back {does} it: {attempt.verdict}{told}"
        )

    def _together(self, causes: Sequence[Cause]) -> Sequence[Cause]:
        """The causes after all that can be were put back at once, where none alone was enough."""
        back = tuple(attempt.put_back[0] for attempt in self.attempts if attempt.put_back)
        if len(back) < 2 or any(cause.shown for cause in causes) or not self._attempt(back).restores:
            return causes
        why = f"putting back {' and '.join(back)} together restores it, none of them alone"
        return [replace(cause, shown=True, why=why) if cause.name in back else cause for cause in causes]

    def _attempt(self, back: tuple[str, ...]) -> Attempt:
        for name in back:
            self._check(name)
        attempt = self.maker.attempt(back, self._content() if "data" in back else None)
        self.attempts.append(attempt)
        return attempt

    def _check(self, name: str) -> None:
        """Nothing if that cause can be put back here; Declined with the reason otherwise."""
        recorded, here = (side.environment.get("threads") for side in (self.recorded, self.here))
        if name in ("packages", "machine"):
            raise Declined("this cannot be changed from here")
        if name == "code" and self.maker.wanted.code == "recorded":
            raise Declined("it was made with the recorded code already")
        if name == "configuration" and not self.maker.retyped:
            raise Declined("it was made with the recorded configuration already")
        if name == "threads" and recorded in (None, here):
            raise Declined("it was made with the recorded number of threads already")

    def _content(self) -> tuple[Path, str]:
        """Folder that holds the recorded table, and where the run has its own; Declined if it is gone."""
        problem = self.recorded.config.get("problem", {})
        name, content = str(problem.get("name")), self.recorded.data_hash
        caches = dict.fromkeys(
            [workspace.root() / "data", workspace.root() / str(problem.get("cache", "data"))]
        )
        kept = next((found for cache in caches if (found := _canonical(cache / name, content))), None)
        taken = _canonical(self.first.folder / "data" / name, self.here.data_hash)
        if kept is None or taken is None:
            raise Declined(f"the content {str(content)[:12]} is no longer kept in data/{name}")
        return kept, str(taken.relative_to(self.first.folder))

    def _make_once_more(self) -> None:
        """Note whether the run repeats here at all, where nothing that is recorded differs."""
        again = self.maker.attempt(())
        self.attempts.append(again)
        if again.run is None:
            return
        parts = compare(self.here.record, read_side(again.run_folder).record)
        same = bool(parts) and all(part.same for part in parts)
        told = "it is the same both times" if same else "it differs from itself: this run does not repeat"
        self.notes.append(f"nothing that is recorded differs; made twice here, {told}")


def _canonical(folder: Path, content: str | None) -> Path | None:
    """Folder of the canonical table with that content below a problem's folder; None if there is none."""
    for about in sorted(folder.glob("*/canonical.json")):
        try:
            if content and read_json(about)["content_hash"] == content:
                return about.parent
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None
