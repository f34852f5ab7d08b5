"""What mattered in a search: how clearly each searched key tells the best trials from the others."""

from __future__ import annotations

from vispera.report.figure.search.subject import Subject
from vispera.report.figure.style import BLUE, DASHES, GREY, INK, MARGIN, SKY, Canvas, halo
from vispera.report.mattered import FEWEST, LEAST_TOP, Mattered

SHOWN = 14
"""Keys with a bar."""

LONGEST = 40
"""Characters of a key beside its bar; more would take the room of the bars."""

NAMED = 2
"""Keys that the title names."""


def draw(subject: Subject) -> Canvas | None:
    """Bars of importance over luck by key, those that luck explains pale; None where nothing was searched."""
    found, say, language = subject.mattered, subject.language.say, subject.language
    if not subject.space or not subject.done:
        return None
    if found is None:
        return _too_few(subject)
    bars = dict(list(found.times_luck.items())[:SHOWN])
    told = {"top": language.count(found.top), "judged": language.count(found.judged)}
    subtitle = say("figure.search_importance.subtitle", **told)
    words = subject.words("search_importance", title(subject, found), subtitle, _note(subject, found))
    canvas = Canvas(words, 0.95 + 0.27 * len(bars))
    labels = [subject.named(key, LONGEST) for key in bars]
    axes = canvas.axes(MARGIN + 0.1 + canvas.widest(labels), 0.55, 0.75, 0.3)
    places = range(len(bars) - 1, -1, -1)
    axes.barh(places, list(bars.values()), 0.72, color=[BLUE if key in found.clear else SKY for key in bars])
    axes.axvline(1.0, color=GREY, linewidth=1, linestyle=DASHES, path_effects=halo())
    for y, times in zip(places, bars.values(), strict=True):
        axes.annotate(
            language.number(times, 1),
            (times, y),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            color=GREY,
            size=8,
            path_effects=halo(),
        )
    axes.text(
        1.0, len(bars) - 0.4, say("figure.search_importance.luck"), color=GREY, ha="center", va="bottom"
    )
    axes.set_yticks(list(places), labels, color=INK)
    axes.set_ylim(-0.6, len(bars) - 0.4)
    axes.set_xlim(0.0, 1.05 * max(1.5, *bars.values()))
    axes.grid(visible=False, axis="y")
    _ticks(axes, subject)
    axes.set_xlabel(say("figure.search_importance.x"))
    return canvas


def title(subject: Subject, found: Mattered) -> str:
    """The keys that are told from luck, or that none is."""
    say, clear = subject.language.say, found.clear
    if not clear:
        return say("figure.search_importance.title_none")
    shown = [subject.named(key, LONGEST) for key in clear[:NAMED]]
    if len(clear) > NAMED:
        return subject.counted(
            "figure.search_importance.title_more", len(clear) - NAMED, names=", ".join(shown)
        )
    form = "title" if len(shown) > 1 else "title_one"
    return say(f"figure.search_importance.{form}", names=subject.language.names(shown))


def _note(subject: Subject, found: Mattered) -> str:
    parts = [subject.language.say("figure.search_importance.note")]
    if found.pruned:
        parts.append(subject.counted("figure.search_importance.pruned", found.pruned))
    if hidden := max(0, len(found.importance) - SHOWN):
        parts.append(subject.counted("figure.search_importance.hidden", hidden))
    return " ".join(parts)


def _too_few(subject: Subject) -> Canvas:
    say = subject.language.say
    least = {"least": str(FEWEST), "top": str(LEAST_TOP)}
    why = say("figure.search_importance.too_few_why", counts=subject.counts, **least)
    return subject.blank("search_importance", say("figure.search_importance.too_few"), why)


def _ticks(axes, subject: Subject) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda times, _: subject.value(float(times))))
