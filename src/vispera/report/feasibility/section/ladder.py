"""Do you need a model? The ladder of ways of calling."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from vispera.report.feasibility.picture import figure
from vispera.report.feasibility.prose import Teller, joined, table

ASIDE = ("rule", "own_rule", "foresight")


def tell(teller: Teller) -> Markup:
    """The simplest way that no other beats, those beside it, a chart and a table of all."""
    calls = teller.told.facts["calls"]
    return joined(
        _lead(teller),
        _behind(teller),
        figure(teller, "ladder", title=_title(teller)),
        *(teller.p(f"ladder.{name}") for name in ASIDE if f"{name}_value" in teller.told.claims),
        teller.p("ladder.order") if calls["order"] == "value" and "model_by_risk" in calls["ways"] else "",
        table(
            teller.say("ladder.caption"), teller.language.texts["report"]["ladder"]["columns"], _rows(teller)
        ),
    )


def _lead(teller: Teller) -> Markup:
    name = teller.told.facts["calls"]["recommended"]
    if name is None:
        return teller.p("ladder.lead_stop", "lead")
    value = {"value": teller[f"{name}_value"], "range": teller.range(f"{name}_value")}
    return teller.p("ladder.lead", "lead", recommended=teller.prose(name), **value)


def _behind(teller: Teller) -> Markup | str:
    calls = teller.told.facts["calls"]
    name, best = calls["recommended"], calls["best"]
    if name in (None, best) or f"{name}_behind_best" not in teller.told.claims:
        return ""
    gap = {"gap": teller[f"{name}_behind_best"], "range": teller.range(f"{name}_behind_best")}
    return teller.p("ladder.behind", best=teller.prose(best), **gap)


def _title(teller: Teller) -> Markup:
    calls = teller.told.facts["calls"]
    if calls["recommended"] is None:
        return teller.say("figure.ladder.title_stop")
    form = "title_best" if calls["recommended"] == calls["best"] else "title"
    return teller.say(f"figure.ladder.{form}", recommended=teller.prose(calls["recommended"]))


def _rows(teller: Teller) -> Iterable[list[Markup | str]]:
    for name in teller.told.facts["calls"]["ways"]:
        counts = [f"{name}_{count}" for count in ("calls", "caught", "in_vain", "missed")]
        cells = [teller[count] if count in teller.told.claims else "–" for count in counts]
        yield [teller.way(name), teller[f"{name}_value"], teller.range(f"{name}_value"), *cells]
