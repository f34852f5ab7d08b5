"""Makes a record again, as it is asked or with some causes put back, and holds each making against it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from vispera import workspace
from vispera.reproduction.cause import changed
from vispera.reproduction.making import Bench, Made, placed, with_threads, with_values
from vispera.reproduction.outcome import Part, compare
from vispera.reproduction.side import Side
from vispera.reproduction.worktree import checkout
from vispera.secret import MARK

IDENTICAL, WITHIN, DIFFERENT, CANNOT = "identical", "within the tolerance", "different", "cannot be run"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """How a record is to be made again.

    Attributes
    ----------
    code
        That of the record, or the code that runs now.
    tolerance
        Largest difference of two numbers that still counts as reproduced.
    threads
        Another number of threads than recorded.
    data
        Where the source lies now; None: see `making.placed`.
    put_back
        Whether the cause of a difference is looked for by putting things back.
    """

    code: Literal["recorded", "current"] = "recorded"
    tolerance: float = 0.0
    threads: int | None = None
    data: str | None = None
    put_back: bool = True


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One making of the record: which causes were put back for it, and what came of it."""

    put_back: tuple[str, ...]
    run: str | None
    folder: Path
    verdict: str
    parts: tuple[Part, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def run_folder(self) -> Path:
        """Folder of the run that was made."""
        return self.folder / "experiments" / str(self.run)

    @property
    def restores(self) -> bool:
        """Whether it came out as recorded."""
        return self.verdict in (IDENTICAL, WITHIN)


class Maker:
    """Makes a record again, as often as asked; its code lies on disk until the object is left."""

    def __init__(self, recorded: Side, wanted: Wanted, folder: Path, say: Callable[[str], None]):
        self.recorded, self.wanted, self.folder, self.say = recorded, wanted, folder, say
        self._stack = ExitStack()
        self._count = 0

    def __enter__(self) -> Maker:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    @cached_property
    def recorded_code(self) -> Path:
        """The code of the record, in a worktree that goes with this object; Declined if it cannot be had."""
        return self._stack.enter_context(checkout(workspace.source(), self.recorded))

    @cached_property
    def retyped(self) -> Mapping[tuple[str, ...], tuple[Any, Any]]:
        """What the recorded words give otherwise in the recorded code than config.yaml says, by key: both."""
        words = [word for word in self.recorded.command if not word.lstrip("+~").startswith("search")]
        home, environment = self.folder / "composed", self.recorded.environment
        bench = Bench(code=self.recorded_code, home=home, environment=environment)
        pairs = changed(bench.composed(words), self.recorded.config)
        return {path: pair for path, pair in pairs.items() if MARK not in str(pair[1])}

    def attempt(self, put_back: tuple[str, ...], data: tuple[Path, str] | None = None) -> Attempt:
        """One making, held against the record; ``data``: a table's folder, and where the run looks for it."""
        self._count += 1
        home = self.folder / f"{self._count}-{'-'.join(put_back) or 'again'}"
        how = f"with the recorded {' and '.join(put_back)}" if put_back else "as it is asked"
        self.say(f"{self.recorded.record.id} is made again, {how}")
        bench = Bench(code=self._code(put_back), home=home, environment=self.recorded.environment)
        if data:
            kept, below = data
            shutil.copytree(kept, home / below)
        made = bench.make(self._config(put_back), self.recorded.command)
        return self._judged(put_back, home, made)

    def _code(self, put_back: tuple[str, ...]) -> Path:
        recorded = self.wanted.code == "recorded" or "code" in put_back
        return self.recorded_code if recorded else workspace.source()

    def _config(self, put_back: tuple[str, ...]) -> dict[str, Any]:
        config = placed(self.recorded.config, self.wanted.data)
        if "configuration" in put_back:
            config = with_values(config, {path: typed for path, (typed, _) in self.retyped.items()})
        threads = self.recorded.environment.get("threads") if "threads" in put_back else self.wanted.threads
        return with_threads(config, threads) if threads else config

    def _judged(self, put_back: tuple[str, ...], home: Path, made: Made) -> Attempt:
        record = made.record
        told = Attempt(put_back=put_back, run=record.id if record else None, folder=home, verdict=CANNOT)
        if record is None:
            return replace(told, faults=made.faults)
        # a gate's refusal is an answer; a failure is one only where the record failed too, a crash never
        answers = {"finished", "refused", self.recorded.record.state} - {"crashed"}
        if record.state not in answers:
            return replace(told, faults=made.faults or (record.error or f"it ended {record.state}",))
        parts = tuple(compare(self.recorded.record, record))
        return replace(told, verdict=verdict_of(parts, self.wanted.tolerance), parts=parts)


def verdict_of(parts: tuple[Part, ...], tolerance: float) -> str:
    """What the parts come to; where predictions are within a tolerance, a model's bytes are held to none."""
    if all(part.same for part in parts):
        return IDENTICAL
    measured = [part for part in parts if part.name != "model"]
    if tolerance and measured and all(part.within(tolerance) for part in measured):
        return WITHIN
    return DIFFERENT
