"""What the page's scripts draw from: the comparison in columns, in as few letters as it takes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from vispera.metric import METRICS
from vispera.record import RunRecord
from vispera.redact import redact_text
from vispera.report.compare.candidate import Candidate
from vispera.report.compare.comparison import Comparison
from vispera.report.compare.curve import curves
from vispera.report.compare.history import History
from vispera.report.compare.pack import reals
from vispera.report.compare.setting import ABSENT, Setting, common, short_names, told
from vispera.text import Language

ENDS = ("value", "low", "high")
LETTERS = {"better": "b", "worse": "w", "within noise": "n", "not defined": "u"}
ENDED = {"finished": "d", "pruned": "p", "failed": "x", "running": "r"}
LONGEST = 300
"""Letters of a note or a reason; the whole text is in the run's folder."""
FIRST_DRAWN = 5


def payload(comparison: Comparison, language: Language) -> dict[str, Any]:
    """Everything that the page's scripts need, in the types of JSON."""
    runs = comparison.runs
    place = {one.record.id: at for at, one in enumerate(runs)}
    return {
        "schema": 1,
        "decimal": language.say("form.decimal"),
        "texts": {name: language.texts["compare"][name] for name in ("page", "state", "verdict", "value")},
        "metrics": [_metric(name, language) for name in comparison.metrics],
        "windows": [{"name": name, "title": window_title(name, language)} for name in comparison.windows],
        "runs": _columns(comparison),
        "values": _values(comparison),
        "gaps": _gaps(comparison, place),
        "settings": _settings(comparison.settings),
        "curves": curves(runs, comparison.windows),
        "searches": [_search(one, place) for one in comparison.searches],
        "best": place[comparison.best.record.id] if comparison.best else None,
        "baseline": place.get(comparison.baseline.record.id) if comparison.baseline else None,
        "drawn": _drawn(comparison, place),
    }


def window_title(name: str, language: Language) -> str:
    """A window's name in words."""
    key = f"compare.window.{name}"
    return language.say(key) if language.has(key) else name


def _metric(name: str, language: Language) -> dict[str, Any]:
    key, known = f"compare.metric.{name}", METRICS.get(name)
    title = language.say(key) if language.has(key) else name.replace("_", " ")
    return {"name": name, "title": title, "greater": bool(known and known.greater_is_better)}


def _columns(comparison: Comparison) -> dict[str, Any]:
    """Of each run what stands in the record, column by column; a list of names and places in it for words."""
    records = [one.record for one in comparison.runs]
    return {
        "id": [record.id for record in records],
        "folder": [None if r.folder.name == r.id else r.folder.name for r in records],
        "label": [_label(record, comparison.labels[record.id]) for record in records],
        "model": interned([record.model or "" for record in records]),
        "state": interned([record.state for record in records]),
        "trial": [record.trial for record in records],
        "started": [_started(record) for record in records],
        "seconds": [None if r.seconds is None else round(r.seconds, 1) for r in records],
        "note": interned([clipped(r.note or "") for r in records]),
        "error": interned([clipped(r.error or r.fault or "") for r in records]),
    }


def _label(record: RunRecord, label: str) -> str | None:
    """What a run is called; None where it is its model and the end of its id."""
    return None if label == f"{record.model} {record.id[-6:]}" else label


def _started(record: RunRecord) -> str | None:
    """The minute when a run began; None where its id tells the same."""
    told = (record.started or "")[:16]
    return None if told and re.sub(r"[-:]", "", told).replace("T", "-") == record.id[:13] else told


def clipped(text: str) -> str:
    """A text in one line, without secrets, of bounded length."""
    line = " ".join(redact_text(text).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def interned(words: Sequence[str]) -> dict[str, list]:
    """Each word once, and the place of each among them.

    >>> interned(["a", "b", "a"])
    {'words': ['a', 'b'], 'of': [0, 1, 0]}
    """
    places = {word: place for place, word in enumerate(dict.fromkeys(words))}
    return {"words": list(places), "of": [places[word] for word in words]}


def _values(comparison: Comparison) -> dict[str, dict[str, str]]:
    """Value, low and high end of each run by window and metric, packed."""
    records = [one.record for one in comparison.runs]
    return {
        window: {
            metric: reals(_ends([record.metric(metric, window) for record in records]))
            for metric in comparison.metrics
            if any(record.metric(metric, window) for record in records)
        }
        for window in comparison.windows
    }


def _ends(found: Sequence[Mapping[str, Any] | None]) -> list[float | None]:
    return [_number((one or {}).get(end)) for one in found for end in ENDS]


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) else None


def _gaps(comparison: Comparison, place: Mapping[str, int]) -> dict[str, Any]:
    """Differences of those held against the baseline, to six digits, and why others have none."""
    gaps = {run: gap for run, gap in comparison.gaps.items() if gap.windows}
    windows = {
        window: {
            metric: {
                "ends": reals(_ends([gap.of(window, metric) for gap in gaps.values()])),
                "verdicts": "".join(
                    LETTERS[(gap.of(window, metric) or {}).get("verdict", "not defined")]
                    for gap in gaps.values()
                ),
            }
            for metric in comparison.metrics
        }
        for window in comparison.windows
    }
    reasons = {place[run]: clipped(gap.reason) for run, gap in comparison.gaps.items() if gap.reason}
    return {"of": [place[run] for run in gaps], "windows": windows if gaps else {}, "reasons": reasons}


def _settings(settings: Sequence[Setting]) -> list[dict[str, Any]]:
    """Each setting's distinct values as numbers or texts, and which each run has, -1 for none.

    Where hardly two runs share a value there is one for each run instead, and no places.
    """
    short = short_names([setting.key for setting in settings])
    found = []
    for setting in settings:
        shared = common(setting)
        texts = [None if value == ABSENT else _typed(value, shared) for value in setting.values]
        distinct = list(dict.fromkeys(text for text in texts if text is not None))
        at = {text: place for place, text in enumerate(distinct)}
        of = [-1 if text is None else at[text] for text in texts]
        few = len(distinct) < len(texts) / 2
        told_once = {"values": distinct, "of": of} if few else {"values": texts, "of": None}
        found.append({"key": setting.key, "short": short[setting.key], **told_once})
    return found


def _typed(value: Any, shared: frozenset[str]) -> float | int | str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return clipped(told(value, shared))
    return float(f"{value:.6g}") if isinstance(value, float) else value


def _search(history: History, place: Mapping[str, int]) -> dict[str, Any]:
    trials = history.sweep.trials
    return {
        "id": history.sweep.id,
        "why": history.sweep.not_repeatable,
        "number": [trial.number for trial in trials],
        "state": "".join(ENDED[trial.state] for trial in trials),
        "height": reals([history.heights.get(trial.number) for trial in trials]),
        "run": [place.get(trial.run or "", -1) for trial in trials],
    }


def _drawn(comparison: Comparison, place: Mapping[str, int]) -> list[int]:
    """The runs that are drawn at first: the baseline and the best full ones."""
    first: list[Candidate] = [one for one in (comparison.best, comparison.baseline) if one is not None]
    first += comparison.rivals
    places = dict.fromkeys(place[one.record.id] for one in first if one.record.id in place)
    return list(places)[:FIRST_DRAWN]
