"""Tonight's model and extract: looked for, waited for until a deadline, and checked beforehand."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vispera.clock import iso, local_moment, now
from vispera.errors import GateRefused, UsageError, VisperaError
from vispera.model.artefact import MANIFEST, read
from vispera.problem import Problem
from vispera.problem.extract import Extract, find_extract
from vispera.registry.pulled import read_pulled
from vispera.tonight.scoring import Scoring

FRESH = 3
"""Days by which the knowledge of any model may be old: a weekend."""


@dataclass(frozen=True, kw_only=True)
class Wait:
    """Until when both are waited for, and how often they are looked for.

    Attributes
    ----------
    deadline
        Local time of the morning after the night, such as 06:00; None: no waiting.
    """

    deadline: str | None = None
    every_seconds: float = 30.0

    def __post_init__(self):
        if not self.every_seconds > 0:
            raise UsageError(f"wait.every_seconds={self.every_seconds:g}: wanted more than 0, such as 30")
        self.seconds_left(0)

    def seconds_left(self, night: int) -> float:
        """Seconds from now to the deadline; UsageError if that is no time of the day."""
        if self.deadline is None:
            return 0.0
        try:
            return (local_moment(night + 1, self.deadline) - now()).total_seconds()
        except ValueError:
            raise UsageError(
                f"wait.deadline={self.deadline}: wanted a time of the morning, such as wait.deadline=06:00"
            ) from None


@dataclass(frozen=True)
class Ready:
    """The model, its version where it was pulled, and the extract.

    ``lacking`` tells what is not there and what to type, ``reasons`` the same in a few words for a reader of
    the hand-off, who knows no folder of this machine.
    """

    scoring: Scoring | None
    version: int | None
    extract: Extract | None
    lacking: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Sought:
    """Where both are looked for, and how many days before the night a model may have learned last.

    ``model_days`` None: as many as it has learned to bridge, and ``FRESH`` in any case.
    """

    problem: Problem
    artefact: Path
    extract: Path
    model_days: int | None

    def find(self, night: int) -> Ready:
        """Both, as far as they are there now; ContractBroken for an extract that is not whole."""
        lacking, reasons, scoring, version = [], [], None, None
        try:
            scoring, version = self._model(night)
        except VisperaError as refusal:
            lacking += refusal.faults
            reasons.append("no valid model")
        extract = find_extract(self.extract, iso(night))
        if extract is None:
            lacking.append(f"there is no extract of {iso(night)} at {self.extract}")
            reasons.append(f"no extract of {iso(night)}")
        else:
            extract.check()
        return Ready(scoring, version, extract, tuple(lacking), tuple(reasons))

    def wait(self, night: int, wait: Wait, say: Callable[[str], None]) -> Ready:
        """Both, when they are there or the deadline has come; ``say`` is told what is waited for."""
        told = ""
        while True:
            found = self.find(night)
            left = wait.seconds_left(night)
            if not found.lacking or left <= 0:
                return found
            if (lacking := "; ".join(found.lacking)) != told:
                say(f"wait until {wait.deadline}: {lacking}")
                told = lacking
            time.sleep(min(wait.every_seconds, left))

    def _model(self, night: int) -> tuple[Scoring, int | None]:
        """The model that scores and its version; VisperaError where there is no valid one."""
        place, version = self.artefact, None
        if not place.is_dir():
            raise UsageError(f"there is no model at {place}; type vispera pull to={place}")
        if not (place / MANIFEST).is_file():
            place, card = read_pulled(place)
            version = card.version
        scoring = Scoring.of(read(place), self.problem)
        age, most = night - scoring.until, self.model_days
        if most is None and age > max(scoring.stale_days, FRESH):
            raise VisperaError(
                f"the model's rates and counts are of {iso(scoring.until)}, {age} days before {iso(night)}, "
                f"and it has learned with such of up to {scoring.stale_days} days, so its probabilities "
                "would be wrong; pull a newer one, or train with model.stale_days=31, or type "
                f"model_days={age}"
            )
        if most is not None and age > most:
            raise VisperaError(
                f"the model has learned until {iso(scoring.until)}, {age} days before {iso(night)}, and at "
                f"most {most} may lie between; pull a newer one, or type model_days={age}"
            )
        return scoring, version


def refuse_seen(scoring: Scoring, night: int, in_sample: bool) -> None:
    """Nothing, if the model has not seen the night or that is asked for; GateRefused else."""
    if night <= scoring.until and not in_sample:
        raise GateRefused(
            f"the model has learned from guests who arrived until {iso(scoring.until)}, so it has seen how "
            f"{iso(night)} ended; score a later night, or type in_sample=true, which labels the list"
        )
