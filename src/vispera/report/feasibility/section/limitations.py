"""What the numbers cannot say."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from vispera.report.feasibility.prose import Teller, items
from vispera.report.feasibility.section.data import worded
from vispera.report.feasibility.section.value import extremes


def tell(teller: Teller) -> Markup:
    """A list, the weightiest first."""
    return items(_limits(teller))


def _limits(teller: Teller) -> Iterable[Markup]:
    yield teller.say("limitations.real_calls")
    if teller.told.facts["calls"]["worst"]:
        yield teller.say("limitations.assumption", **extremes(teller))
    yield teller.say("limitations.noise")
    if teller.value("ceiling") is not None:
        yield teller.say("limitations.ceiling")
    yield teller.say("limitations.vain")
    absent = _absent(teller)
    if absent:
        yield teller.say("limitations.absent", names=teller.names(absent))
    yield teller.say("limitations.frozen")
    if teller.told.facts["calls"]["knowledge"] == "nightly":
        yield teller.say("limitations.knowledge")
    if teller.value("do_not_call"):
        yield teller.say("limitations.do_not_call")


def _absent(teller: Teller) -> list[Markup]:
    """Sources that are declared and of which the table holds no row, the bookings apart."""
    declared, there = teller.told.facts["decision"]["sources"], teller.told.facts["table"]["sources"]
    return [worded(teller, "source", name) for name in declared if name not in (*there, "bookings")]
