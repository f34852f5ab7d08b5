"""The answer to "which is best, and beyond the noise?" in words, and the few differences that it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from vispera.report.compare.comparison import Comparison
from vispera.text import Language

SHOWN = 6
"""Rivals that the answer draws; the table has all."""
DIGITS = 4


@dataclass(frozen=True)
class Answer:
    """A sentence, what must be known beside it, and a row for each of the nearest rivals."""

    title: str
    lines: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]


def answer(comparison: Comparison, language: Language) -> Answer:
    """The answer in words of a language."""
    return Answer(
        title(comparison, language), tuple(_lines(comparison, language)), tuple(_rows(comparison, language))
    )


def title(comparison: Comparison, language: Language) -> str:
    """Which run is best, and whether by more than the noise, in a sentence."""
    form, values = _found(comparison)
    told = {key: language.count(one) if isinstance(one, int) else one for key, one in values.items()}
    return language.say(f"compare.answer.{form}", **told)


def _found(comparison: Comparison) -> tuple[str, dict[str, Any]]:
    """Name of the sentence, and what fills it."""
    best, baseline = comparison.best, comparison.baseline
    if best is None:
        trial = next((one for one in comparison.runs if one.record.state == "finished" and one.score), None)
        if trial is None or trial.record.trial is None:
            return "nothing", {}
        return "trial", {"number": trial.record.trial}
    named = {"best": comparison.labels[best.record.id]}
    if baseline is not None and baseline is not best:
        verdict = comparison.verdicts("tuning").get(best.record.id)
        form = {"better": "over_baseline", "within noise": "near_baseline"}.get(
            verdict or "", "unknown_baseline"
        )
        return form, {**named, "baseline": comparison.labels[baseline.record.id]}
    return _against_all(comparison, named)


def _against_all(comparison: Comparison, named: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """How the best, being the baseline, stands to all others."""
    rivals = comparison.rivals
    counts = Counter(comparison.verdicts("tuning").values())
    noise, worse = counts["within noise"], counts["worse"]
    if not rivals:
        return "alone", named
    held = len(rivals) - comparison.beyond
    told = {**named, "others": held if noise else len(rivals), "noise": noise, "worse": worse}
    if noise == 1 or (len(rivals) == 1 and worse):
        verdicts, wanted = comparison.verdicts("tuning"), "within noise" if noise else "worse"
        (other,) = (run for run, verdict in verdicts.items() if verdict == wanted)
        return ("tied_one" if noise else "clear_one"), {**named, "other": comparison.labels[other]}
    if noise:
        return "tied", told
    if not worse:
        return "unpaired", named
    return ("clear" if worse == len(rivals) else "clear_some"), told


def _lines(comparison: Comparison, language: Language) -> Iterator[str]:
    say, count, best = language.say, language.count, comparison.best
    for window in ("tuning", "test") if best else ():
        found = best.record.metric("log_loss", window) if best else None
        if found and found.get("value") is not None:
            name = say(f"compare.window.{window}")
            yield say("compare.answer.score", window=name, value=stated(found, language))
    if tested := comparison.verdicts("test"):
        counts = Counter(tested.values())
        kinds = {"better": "better", "noise": "within noise", "worse": "worse"}
        numbers = {key: count(counts[verdict]) for key, verdict in kinds.items()}
        name = comparison.labels[comparison.baseline.record.id] if comparison.baseline else ""
        yield say("compare.answer.test", baseline=name, **numbers)
    full = sum(one.full for one in comparison.runs)
    if full > 1:
        yield say("compare.answer.flatters", number=count(full))
    if comparison.beyond:
        held, left = count(len(comparison.gaps)), count(comparison.beyond)
        yield say("compare.answer.beyond", held=held, number=left)
    if comparison.apart:
        yield say("compare.answer.apart", number=count(sum(len(group.runs) for group in comparison.apart)))


def _rows(comparison: Comparison, language: Language) -> list[dict[str, Any]]:
    """The first rivals with their difference in tuning log-loss, placed on one scale in percent."""
    held = [
        (one, gap)
        for one in comparison.rivals
        if (found := comparison.gaps.get(one.record.id)) and (gap := found.of("tuning", "log_loss"))
        if gap["low"] is not None
    ][:SHOWN]
    ends = [abs(gap[end]) for _, gap in held for end in ("low", "high")]
    reach = max(ends, default=0.0) * 1.05 or 1.0

    def place(value: float) -> float:
        return round(50.0 + 50.0 * value / reach, 2)

    return [
        {
            "label": comparison.labels[one.record.id],
            "told": stated(gap, language, signed=True),
            "verdict": gap["verdict"].replace(" ", "_"),
            "low": place(gap["low"]),
            "width": round(place(gap["high"]) - place(gap["low"]), 2),
            "at": place(gap["value"]),
        }
        for one, gap in held
    ]


def stated(found: Mapping[str, Any], language: Language, signed: bool = False) -> str:
    """A value with its interval, if it has one."""

    def number(value: float) -> str:
        told = language.number(value, DIGITS)
        if not signed or value < 0:
            return told.replace("-", "−")
        return f"+{told}"

    if found.get("low") is None or found.get("high") is None:
        return number(found["value"])
    ends = {end: number(found[end]) for end in ("value", "low", "high")}
    return language.say("compare.value", **ends)
