"""History of a search: what each trial reached, in order, and when the best was found."""

from __future__ import annotations

import numpy as np

from vispera.report.figure.search.marks import legend, mark, notes, score_axis, size_for
from vispera.report.figure.search.subject import Subject
from vispera.report.figure.style import BLUE, Canvas, above


def draw(subject: Subject) -> Canvas | None:
    """Trials by number against their log-loss, the best so far as steps; None where none has ended."""
    say, done, ranked = subject.language.say, subject.done, subject.ranked
    if not done:
        return None
    if all(subject.height(one) is None for one in done):
        return subject.blank("search_history", title(subject), subject.counts)
    note = " ".join([*notes(subject), *_caveats(subject)])
    canvas = Canvas(subject.words("search_history", title(subject), _subtitle(subject), note), 4.0)
    axes = canvas.axes(0.72, 0.58, 0.3, 0.52)
    first, last = done[0].number, done[-1].number
    room = 0.02 * (last - first) + 0.5
    axes.set_xlim(first - room, last + room)
    score_axis(axes, subject)

    size = size_for(len(done))
    pruned, _ = subject.pruned_drawn
    for kind, trials in (("pruned", pruned), ("finished", ranked)):
        mark(axes, kind, [one.number for one in trials], [subject.height(one) for one in trials], size)
    failed = [one.number for one in subject.of("failed")]
    foot = axes.get_ylim()[0]
    mark(axes, "failed", failed, [foot] * len(failed), size)
    if ranked:
        by_number = sorted(ranked, key=lambda one: one.number)
        so_far = np.minimum.accumulate([one.score for one in by_number if one.score is not None])
        at = [*(one.number for one in by_number), last]
        axes.plot(at, [*so_far, so_far[-1]], color=BLUE, linewidth=1.6, drawstyle="steps-post")
        mark(axes, "best", [ranked[0].number], [ranked[0].score], max(size + 2.5, 6.5), zorder=4)
    axes.grid(visible=False, axis="x")
    _whole_ticks(axes, subject)
    axes.set_xlabel(say("figure.search_history.x"))
    above(axes, say("figure.search_history.y"))
    shown = {"finished": ranked, "pruned": pruned, "failed": failed, "best": ranked, "best_so_far": ranked}
    legend(canvas, {kind: say(f"figure.search_trials.{kind}") for kind, some in shown.items() if some}, 0.72)
    return canvas


def title(subject: Subject) -> str:
    """When the best was found, and what came after it."""
    say, done, count = subject.language.say, subject.done, subject.language.count
    if not subject.ranked:
        return subject.counted("figure.search_trials.none", len(done))
    best = subject.ranked[0]
    told = {"trials": count(len(done)), "best": count(best.number)}
    later = sum(one.number > best.number for one in done)
    if len(done) == 1:
        return say("figure.search_history.title_only", score=subject.score(best.score))
    if later == len(done) - 1:
        return say("figure.search_history.title_first", trials=told["trials"])
    if not later:
        return say("figure.search_history.title_last", **told)
    return subject.counted("figure.search_history.title", later, **told)


def _subtitle(subject: Subject) -> str:
    if not subject.ranked or len(subject.done) == 1:
        return subject.counts
    first = min(subject.ranked, key=lambda one: one.number)
    best, at_first = subject.score(subject.ranked[0].score), subject.score(first.score)
    say = subject.language.say
    return say("figure.search_history.subtitle", best=best, first=at_first, counts=subject.counts)


def _caveats(subject: Subject) -> list[str]:
    told = ["note"] if len(subject.ranked) > 1 else []
    told += ["not_repeatable"] if subject.sweep.not_repeatable else []
    return [subject.language.say(f"figure.search_history.{name}") for name in told]


def _whole_ticks(axes, subject: Subject) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda number, _: subject.language.count(round(number))))
