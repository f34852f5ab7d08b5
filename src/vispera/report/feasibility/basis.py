"""Which recorded runs a report is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from vispera.choice import one
from vispera.decision import Decision
from vispera.errors import UsageError
from vispera.files import plain, read_json
from vispera.record import RunRecord
from vispera.report.feasibility.source import Source

PINNED = ("horizon_days", "capacity", "costs", "worth", "do_not_call", "own_rule", "ceiling", "slices")
"""Fields of a decision that numbers rest on: as the replay had them, or the numbers answer something else."""


@dataclass(frozen=True)
class Basis:
    """The runs of a report: a replay, the run of train that is judged, and those it is held against.

    ``once`` is a replay of the same nights whose models were never refitted, where there is one; ``refused``
    are runs that the leakage gate stopped.
    """

    problem: str
    simulated: bool
    replay: Source
    run: Source
    others: tuple[Source, ...] = ()
    once: Source | None = None
    refused: tuple[Source, ...] = ()

    @property
    def sources(self) -> tuple[Source, ...]:
        """All of them."""
        once = (self.once,) if self.once else ()
        return (self.replay, self.run, *self.others, *once, *self.refused)

    @property
    def names(self) -> dict[str, Any]:
        """Where each lies, by its part."""
        return {
            "replay": self.replay.name,
            "run": self.run.name,
            "others": [one.name for one in self.others],
            "once": self.once.name if self.once else None,
            "refused": [one.name for one in self.refused],
        }


def choose(records: Sequence[RunRecord], problem: str, replay: str | None, runs: Sequence[str]) -> Basis:
    """The runs that are named, and the newest fitting ones for those that are not; UsageError without any."""
    own = [record for record in records if record.problem == problem and record.trial is None]
    found = named(records, problem, replay) if replay else _newest_replay(own, problem)
    judged, *others = [_of_train(records, problem, name) for name in runs] or _fitting(own, found)
    told = read_json(found.folder / "replay.json")
    once = next((one for one in reversed(own) if _never_refitted(one, found, told)), None)
    refused = [record for record in own if record.state == "refused"]
    return Basis(
        problem,
        bool(told["simulated"]),
        _source(found),
        _source(judged),
        tuple(map(_source, others)),
        _source(once) if once else None,
        tuple(map(_source, refused)),
    )


def named(records: Sequence[RunRecord], problem: str, replay: str) -> RunRecord:
    """The replay of that id; UsageError if it is none of this problem, or did not finish."""
    found = one(records, replay)
    if found.verb != "replay" or found.state != "finished" or found.problem != problem:
        raise UsageError(
            f"replay={replay}: that is a {found.verb} of {found.problem} that is {found.state}; wanted a "
            f"finished replay of {problem}; type: vispera replay problem={problem}"
        )
    return found


def _newest_replay(own: Sequence[RunRecord], problem: str) -> RunRecord:
    found = next((one for one in reversed(own) if one.verb == "replay" and one.state == "finished"), None)
    if found is None:
        raise UsageError(
            f"problem '{problem}' has no finished replay, and a report says what lists are worth; "
            f"type: vispera replay problem={problem} run=best"
        )
    return found


def _of_train(records: Sequence[RunRecord], problem: str, name: str) -> RunRecord:
    found = one(records, name)
    if (
        found.verb != "train"
        or found.state != "finished"
        or found.problem != problem
        or found.trial is not None
    ):
        raise UsageError(
            f"runs: {found.id} is a {found.verb} of {found.problem} that is {found.state}; wanted a finished "
            f"run of train of {problem}; vispera runs lists them"
        )
    return found


def _fitting(own: Sequence[RunRecord], replay: RunRecord) -> list[RunRecord]:
    """The run whose recipe was replayed, or the newest of that model; then the best of each other model."""
    fits = [one for one in own if one.verb == "train" and one.state == "finished"]
    fits = [one for one in fits if replay.comparison_key in (None, one.comparison_key)] or fits
    if not fits:
        raise UsageError(
            f"problem '{replay.problem}' has no finished run of train; "
            f"type: python train.py problem={replay.problem} model={replay.model}"
        )
    parent = [one for one in fits if one.id == replay.parent]
    judged = (parent or [one for one in fits if one.model == replay.model] or fits)[-1]
    best: dict[str | None, RunRecord] = {}
    for fit in fits:
        if fit.model != judged.model and _tuning(fit) <= _tuning(best.get(fit.model)):
            best[fit.model] = fit
    return [judged, *sorted(best.values(), key=_tuning)]


def _tuning(record: RunRecord | None) -> float:
    """Log-loss on the tuning windows, by which alone anything is chosen."""
    value = (record.metric("log_loss", "tuning") or {}).get("value") if record else None
    return value if isinstance(value, int | float) else float("inf")


def _never_refitted(record: RunRecord, replay: RunRecord, told: dict[str, Any]) -> bool:
    if record.verb != "replay" or record.state != "finished" or record.id == replay.id:
        return False
    if (record.model, record.hashes.get("data")) != (replay.model, replay.hashes.get("data")):
        return False
    other = read_json(record.folder / "replay.json")
    same = ("nights", "capacity", "order", "costs", "knowledge", "control_share")
    return other["refit"] == "never" != told["refit"] and all(other[name] == told[name] for name in same)


def _source(record: RunRecord) -> Source:
    return Source(record.folder, f"experiments/{record.folder.name}")


def pinned(decision: Decision, basis: Basis) -> list[str]:
    """A line for each field that numbers rest on and that the replay had otherwise than declared now."""
    then: dict[str, Any] = basis.replay.at("config.yaml", "problem", "decision") or {}
    now = plain(asdict(decision))
    empty = plain(asdict(Decision()))
    return [
        f"problem.decision.{name} is {_short(now[name])}, and the replay was made with "
        f"{_short(then.get(name, empty[name]))}; type: vispera replay problem={basis.problem}"
        for name in PINNED
        if now[name] != then.get(name, empty[name])
    ]


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 90 else f"{text[:90]}..."
