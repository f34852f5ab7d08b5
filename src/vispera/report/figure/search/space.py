"""Where a search looked: each key's values against what the trials reached, the best marked."""

from __future__ import annotations

import math
from collections.abc import Iterator

from vispera.report.figure.search.marks import legend, mark, notes, score_axis, size_for
from vispera.report.figure.search.scale import place, value_axis
from vispera.report.figure.search.subject import Subject
from vispera.report.figure.style import INK, VERMILION, WIDTH, Canvas, above
from vispera.report.mattered import LEAST_TOP
from vispera.space import holds
from vispera.trial import Trial

MOST = 8
"""Keys with a panel."""

COLUMNS = {1: 1, 2: 2, 4: 2}
"""Panels abreast, by how many there are; else three."""

LEFT, GAP, HEAD, PANEL = 0.72, 0.3, 0.5, 2.05
"""Inches: to the first panel, between two, above each for its name, and of each in all."""

EDGE = 0.1
"""Share of a range that counts as its end."""

NAMED = 2
"""Keys that the title names."""


def draw(subject: Subject) -> Canvas | None:
    """One panel a key, the most important first; None where nothing was searched or no trial has ended."""
    say = subject.language.say
    keys = _ranked(subject)
    if not keys or not subject.done:
        return None
    if all(subject.height(one) is None for one in subject.done):
        why = say("figure.search_space.nowhere", counts=subject.counts)
        return subject.blank("search_space", title(subject, keys), why)
    shown = keys[:MOST]
    columns = COLUMNS.get(len(shown), 3)
    rows = math.ceil(len(shown) / columns)
    note = " ".join([*_note(subject, len(keys) - len(shown)), *notes(subject)])
    words = subject.words("search_space", title(subject, keys), say("figure.search_space.subtitle"), note)
    canvas = Canvas(words, rows * PANEL + 0.3)
    width = (WIDTH - LEFT - 0.3 - (columns - 1) * GAP) / columns
    for i, key in enumerate(shown):
        row, column = divmod(i, columns)
        left = LEFT + column * (width + GAP)
        upper = 0.3 + row * PANEL
        axes = canvas.axes(left, canvas.body_height - upper - PANEL + 0.4, WIDTH - left - width, upper + HEAD)
        _panel(canvas, axes, subject, key, width, first=column == 0)
    kinds = {"finished": subject.ranked, "pruned": subject.of("pruned"), "best": subject.ranked}
    legend(canvas, {kind: say(f"figure.search_trials.{kind}") for kind, some in kinds.items() if some}, LEFT)
    return canvas


def title(subject: Subject, keys: list[str]) -> str:
    """The end of a range where the best trials crowd, else the settings of the best."""
    say, language = subject.language.say, subject.language
    if not subject.ranked:
        return subject.counted("figure.search_trials.none", len(subject.done))
    if at_end := _at_end(subject):
        names = language.names([subject.named(key, 30) for key in at_end[:NAMED]])
        return say("figure.search_space.title_edge", names=names)
    best = subject.ranked[0].values
    told = [key for key in keys if key in best][:NAMED]
    settings = [
        say("figure.search_space.setting", name=subject.named(key, 30), value=subject.value(best[key]))
        for key in told
    ]
    return say("figure.search_space.title", settings=language.names(settings))


def _panel(canvas: Canvas, axes, subject: Subject, key: str, width: float, first: bool) -> None:
    dimension = subject.space[key]
    score_axis(axes, subject)
    if not first:
        axes.tick_params(labelleft=False)
    value_axis(canvas, axes, subject, dimension, width)
    size = size_for(len(subject.done)) - 0.7
    pruned, _ = subject.pruned_drawn
    groups = (("pruned", pruned), ("finished", subject.ranked), ("best", subject.ranked[:1]))
    for kind, trials in groups:
        tried = list(_tried(trials, subject, key))
        at = [place(dimension, one.values[key], one.number) for one in tried]
        more = {"markersize": max(size + 2.5, 6.5), "zorder": 4} if kind == "best" else {}
        mark(axes, kind, at, [subject.height(one) for one in tried], size, **more)
    characters = int(width / 0.085)
    above(axes, subject.named(key, characters), points=18, color=INK, weight="bold")
    for one in _tried(subject.ranked[:1], subject, key):
        value = subject.language.say("figure.search_space.best", value=subject.value(one.values[key]))
        above(axes, value, points=6, color=VERMILION, size=7.5)


def _tried(trials: list[Trial], subject: Subject, key: str) -> Iterator[Trial]:
    """Trials that tried a value of the key that lies within what is searched."""
    return (one for one in trials if key in one.values and holds(subject.space[key], one.values[key]))


def _ranked(subject: Subject) -> list[str]:
    found = subject.mattered
    return list(found.times_luck) if found else list(subject.space)


def _at_end(subject: Subject) -> list[str]:
    """Keys that mattered and at one end of whose range most of the very best trials lie."""
    return [key for key in (subject.mattered.clear if subject.mattered else []) if _crowds(subject, key)]


def _crowds(subject: Subject, key: str) -> bool:
    dimension = subject.space[key]
    if dimension.choices:
        return False
    low, high = place(dimension, dimension.low), place(dimension, dimension.high)
    tried = list(_tried(subject.ranked[:LEAST_TOP], subject, key))
    shares = [(place(dimension, one.values[key]) - low) / (high - low) for one in tried]
    return max(sum(s <= EDGE for s in shares), sum(s >= 1 - EDGE for s in shares)) > len(shares) / 2


def _note(subject: Subject, hidden: int) -> list[str]:
    ranked = "note" if subject.mattered else "note_unranked"
    told = [subject.language.say(f"figure.search_space.{ranked}")] if len(subject.space) > 1 else []
    return [*told, *([subject.counted("figure.search_space.hidden", hidden)] if hidden else [])]
