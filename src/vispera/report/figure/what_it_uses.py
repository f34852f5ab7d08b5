"""What the model uses: importance by feature, as the model's own method tells it."""

from __future__ import annotations

from vispera.report.figure.material import Material
from vispera.report.figure.style import BLUE, GREY, INK, MARGIN, RULE, SKY, Canvas, percent_axis, shortened

SHOWN = 14
"""Features with a bar of their own; the others share one."""

LONGEST = 44
"""Characters of a feature's name beside its bar; more would take the room of the bars."""

NAMED = 2
"""Features that the title names."""


def draw(material: Material) -> Canvas | None:
    """Bars of the most used features; None where the model tells nothing."""
    shares = _shares(material)
    if material.importance is None or not shares:
        return None
    say, language = material.language.say, material.language
    named = list(shares)[:NAMED]
    title = say(
        "figure.what_it_uses.title" if len(named) > 1 else "figure.what_it_uses.title_one",
        names=language.names([shortened(name, LONGEST) for name in named]),
        share=language.percent(sum(shares[name] for name in named)),
        model=material.model,
    )
    method = material.importance.method
    known = f"figure.what_it_uses.method.{method}"
    told = say(known) if language.has(known) else method
    subtitle = say("figure.what_it_uses.subtitle", method=told)
    bars = dict(list(shares.items())[:SHOWN])
    rest = len(shares) - len(bars)
    if rest:
        bars[say("figure.what_it_uses.others", number=str(rest))] = sum(list(shares.values())[SHOWN:])
    words = material.words("what_it_uses", title, subtitle, say("figure.what_it_uses.note"))
    canvas = Canvas(words, 0.7 + 0.25 * len(bars))
    labels = [shortened(name, LONGEST) for name in bars]
    axes = canvas.axes(MARGIN + 0.1 + canvas.widest(labels), 0.55, 0.75, 0.05)
    places = range(len(bars) - 1, -1, -1)
    colors = [BLUE if name in named else SKY if name in shares else RULE for name in bars]
    axes.barh(places, list(bars.values()), 0.72, color=colors)
    for y, share in zip(places, bars.values(), strict=True):
        axes.annotate(
            language.percent(share, 1),
            (share, y),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            color=GREY,
            size=8,
        )
    axes.set_yticks(list(places), labels, color=INK)
    axes.set_ylim(-0.6, len(bars) - 0.4)
    axes.grid(visible=False, axis="y")
    percent_axis(axes.xaxis, 1.05 * max(bars.values()))
    axes.set_xlabel(say("figure.what_it_uses.x"))
    return canvas


def _shares(material: Material) -> dict[str, float]:
    """Share of the total by feature, most first; nothing where no feature is used."""
    values = material.importance.values if material.importance else {}
    sizes = {name: abs(float(value)) for name, value in values.items() if value}
    total = sum(sizes.values())
    return {name: sizes[name] / total for name in sorted(sizes, key=lambda name: (-sizes[name], name))}
