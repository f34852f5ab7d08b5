"""What it is worth under which assumptions, and how it moves with them."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from vispera.report.feasibility.gather.decision import COSTS
from vispera.report.feasibility.picture import figure
from vispera.report.feasibility.prose import Teller, facts, joined, table


def tell(teller: Teller) -> Markup:
    """Value a night, its range under changed assumptions, and the assumptions, none of them measured."""
    return joined(
        teller.p("value.lead", "lead"),
        teller.p("verdict.no_call"),
        _range(teller),
        figure(teller, "sensitivity", **extremes(teller)),
        teller.p("value.assumed"),
        facts((teller.say(f"value.cost.{name}"), cost(teller, name)) for name in COSTS),
        _capacities(teller),
    )


def extremes(teller: Teller) -> dict[str, Markup]:
    """The least and the greatest value with one assumption changed; as assumed, where none was."""
    calls = teller.told.facts["calls"]
    worst, best = calls["worst"], calls["best_case"]
    return {
        "least": teller[f"under_{worst['under']}"] if worst else teller["list_value"],
        "most": teller[f"under_{best['under']}"] if best else teller["list_value"],
    }


def _range(teller: Teller) -> Markup | str:
    calls = teller.told.facts["calls"]
    if not calls["worst"]:
        return ""
    whole = set(calls["together"]) == {"pessimistic", "optimistic"}
    return teller.p("value.range" if whole else "value.range_alone", **extremes(teller))


def cost(teller: Teller, name: str) -> Markup:
    """An assumption as it was made, with its unit."""
    claim = teller.told.claims[f"cost_{name}"]
    return teller.say(f"value.unit.{claim.form}", value=claim)


def _capacities(teller: Teller) -> Markup | str:
    if not teller.told.facts["calls"]["capacities"]:
        return ""
    return table(
        teller.say("value.calls"), teller.language.texts["report"]["value"]["calls_columns"], _rows(teller)
    )


def _rows(teller: Teller) -> Iterable[list[Markup]]:
    for number in range(teller.told.facts["calls"]["capacities"]):
        name = f"calls_up_to_{number}"
        yield [
            teller[f"capacity_{number}"],
            teller[name],
            teller.range(name),
            teller[f"capacity_calls_{number}"],
        ]
