"""The comparison itself: which runs stand on one ground, which is best, and what is beyond the noise.

candidates -> ground (one comparison key) -> best, baseline -> paired differences -> `Comparison`
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vispera.evaluate.bootstrap import LEVEL
from vispera.metric import METRICS
from vispera.report.compare.candidate import Candidate, labels
from vispera.report.compare.gap import Gap, Pairing
from vispera.report.compare.ground import Apart, apart, compared_key
from vispera.report.compare.history import History, histories
from vispera.report.compare.setting import ABSENT, Setting, differing

WINDOWS = ("tuning", "test")


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Runs held against each other.

    Attributes
    ----------
    name
        What the page is called.
    runs
        Those of the compared key and those that have none, best first, then what has no score by its id.
    apart
        Those of other keys, and why they are not compared.
    best
        The finished full run of lowest tuning log-loss; None if there is none.
    baseline, chosen
        What the others are held against, and whether it was asked for.
    gaps
        Differences to the baseline by run; runs beyond ``most_pairs`` and those without predictions lack it.
    beyond
        How many runs could have been held against the baseline and were not, as there were too many.
    """

    name: str
    runs: tuple[Candidate, ...]
    apart: tuple[Apart, ...]
    best: Candidate | None
    baseline: Candidate | None
    chosen: bool
    key: str | None
    gaps: Mapping[str, Gap]
    beyond: int
    resamples: int
    seed: int
    settings: tuple[Setting, ...]
    searches: tuple[History, ...]
    level: float = LEVEL
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def simulated(self) -> bool:
        """Whether any run learned from simulated bookings."""
        return any(one.simulated for one in self.runs)

    @property
    def windows(self) -> list[str]:
        """Windows that a run was measured on, the tuning ones first."""
        there = dict.fromkeys(m.get("window") for one in self.runs for m in one.record.headline)
        known = [name for name in WINDOWS if name in there]
        return [*known, *(str(name) for name in there if name and name not in WINDOWS)]

    @property
    def metrics(self) -> list[str]:
        """Metrics that a run was measured by, in the order in which they are shown everywhere."""
        there = dict.fromkeys(m["name"] for one in self.runs for m in one.record.headline)
        return [*(name for name in METRICS if name in there), *(n for n in there if n not in METRICS)]

    @property
    def rivals(self) -> list[Candidate]:
        """Finished full runs with a score, but for the baseline; best first."""
        return [one for one in self.runs if one.full and one.score is not None and one is not self.baseline]

    def verdicts(self, window: str, metric: str = "log_loss") -> dict[str, str]:
        """Verdict on each run that was held against the baseline, by its id."""
        found = {run: gap.of(window, metric) for run, gap in self.gaps.items()}
        return {run: str(one["verdict"]) for run, one in found.items() if one}


def compare(
    candidates: Sequence[Candidate],
    *,
    name: str,
    searches: Path,
    baseline: Candidate | None = None,
    resamples: int = 200,
    seed: int = 0,
    most_pairs: int | None = 50,
    step: Callable[[str], None] = lambda what: None,
) -> Comparison:
    """The comparison of runs that were asked for.

    Parameters
    ----------
    baseline
        What the others are held against; the best if it is None.
    resamples, seed
        Of the arrival dates, or nights, behind the paired intervals.
    most_pairs
        How many runs are held against the baseline, best first; None for all.
    step
        Told of each pair before it is looked at.
    """
    key = compared_key(candidates, baseline)
    runs = ranked([one for one in candidates if one.record.comparison_key in (key, None)])
    best = next((one for one in runs if one.full and one.score is not None), None)
    against = baseline or best
    rivals = [one for one in runs if one.record.state == "finished" and one is not against and one.full]
    held = rivals if most_pairs is None else rivals[:most_pairs]
    gaps = paired(against, held, resamples, seed, step)
    reference = against or next((one for one in runs if one.record.comparison_key), None)
    return Comparison(
        name=name,
        runs=tuple(runs),
        apart=tuple(apart(candidates, key, reference)),
        best=best,
        baseline=against,
        chosen=baseline is not None,
        key=key,
        gaps=gaps,
        beyond=len(rivals) - len(held),
        resamples=resamples,
        seed=seed,
        settings=tuple(differing([one.config for one in runs])),
        searches=tuple(histories([one.record for one in runs], searches)),
        labels=labels(candidates),
    )


def paired(
    against: Candidate | None,
    held: Sequence[Candidate],
    resamples: int,
    seed: int,
    step: Callable[[str], None],
) -> dict[str, Gap]:
    """The gap of each run to the baseline, by its id."""
    if against is None:
        return {}
    pairing, found = Pairing(against.record, resamples, seed), {}
    for one in held:
        step(f"{one.record.id} against {against.record.id}")
        found[one.record.id] = pairing.against(one.record)
    return found


def ranked(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Best first: finished full runs, then finished trials, by score; then the rest, the newest first."""
    rest = sorted(candidates, key=lambda one: one.record.id, reverse=True)
    return sorted(rest, key=_place)


def _place(one: Candidate) -> tuple[int, float]:
    finished = one.record.state == "finished"
    if not finished or one.score is None:
        return (3 - finished, 0.0)
    return (0 if one.full else 1, one.score)


def as_plain(comparison: Comparison) -> dict[str, Any]:
    """The comparison as data: what ``json=true`` prints."""
    baseline, best = comparison.baseline, comparison.best
    return {
        "schema": 1,
        "name": comparison.name,
        "simulated": comparison.simulated,
        "comparison_key": comparison.key,
        "best": best and best.record.id,
        "baseline": baseline and baseline.record.id,
        "level": comparison.level,
        "resamples": comparison.resamples,
        "seed": comparison.seed,
        "not_paired": comparison.beyond,
        "settings": [setting.key for setting in comparison.settings],
        "runs": [_run(comparison, place) for place in range(len(comparison.runs))],
        "apart": list(comparison.apart),
        "searches": [one.sweep for one in comparison.searches],
    }


def _run(comparison: Comparison, place: int) -> dict[str, Any]:
    record = comparison.runs[place].record
    kept = ("id", "state", "model", "problem", "sweep", "trial", "started", "seconds", "note", "tags")
    gap = comparison.gaps.get(record.id)
    return {
        **{name: getattr(record, name) for name in kept},
        "error": record.error or record.fault,
        "metrics": record.headline,
        "settings": {s.key: s.values[place] for s in comparison.settings if s.values[place] != ABSENT},
        "against": gap and {"windows": gap.windows, "reason": gap.reason},
    }
