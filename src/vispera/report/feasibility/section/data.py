"""The data: where from, how much, what is missing, how it leaks, what was refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup

from vispera.report.feasibility.gather.table import GAPS
from vispera.report.feasibility.prose import Teller, element, facts, first_upper, items, joined, table


def tell(teller: Teller) -> Markup:
    """Size, sources, what broke the contract or is missing, what no night may see, what the check found."""
    return joined(
        teller.p("data.lead", "lead"),
        teller.p("data.open"),
        teller.p("data.where"),
        facts(
            (first_upper(worded(teller, "source", name)), teller.quoted(f"source_{name}"))
            for name in teller.told.facts["decision"]["sources"]
        ),
        *_contract(teller),
        *_missing(teller),
        *_leaks(teller),
    )


def _contract(teller: Teller) -> Iterable[Markup]:
    table_facts = teller.told.facts["table"]
    for name in ("quarantined", "flagged"):
        if teller.value(name):
            yield teller.p(f"data.{name}")
            yield items(_counted(teller, name, key) for key in table_facts[name])
        elif name == "quarantined":
            yield teller.p("data.quarantined_none")


def _counted(teller: Teller, name: str, key: str) -> Markup:
    return Markup("{}: {}").format(worded(teller, "flag", key), teller[f"{name}.{key}"])


def _missing(teller: Teller) -> Iterable[Markup]:
    told = teller.told.facts["table"]
    if not told["missing"]:
        yield teller.p("data.missing_none" if told["counts_missing"] else "data.missing_unknown")
    head = teller.language.texts["report"]["data"]["missing_columns"]
    for gap in (kind for kind in GAPS if told[kind]):
        rows = (
            [element("code", name), teller[f"{gap}.{name}"], teller[f"{gap}_share.{name}"]]
            for name in told[gap]
        )
        yield table(teller.say(f"data.gap.{gap}"), head, rows)


def _leaks(teller: Teller) -> Iterable[Markup]:
    told = teller.told.facts["table"]
    yield teller.p("data.leaks")
    hidden = {known: names for known, names in told["columns"].items() if known != "booking" and names}
    yield facts(
        (teller.say(f"data.hidden.{known}"), named_columns(teller, names)) for known, names in hidden.items()
    )
    yield teller.p(f"data.{_checked(told)}")
    if not told["audit_skipped"]:
        yield (
            items(worded(teller, "check", check) for check in told["checks"])
            if told["checks"]
            else Markup("")
        )
    yield teller.p("data.refused" if teller.value("refused") else "data.refused_none")
    if teller.value("refused"):
        refused = range(int(teller.value("refused")))
        yield items(
            Markup("{}: {}").format(teller[f"refused_id_{n}"], teller[f"refused_{n}"]) for n in refused
        )


def _checked(told: Mapping[str, Any]) -> str:
    """Text about what came of the leakage check."""
    if told["audit_skipped"]:
        return "findings_skipped"
    if told["waived"]:
        return "findings_waived"
    return "findings" if told["checks"] else "findings_none"


def named_columns(teller: Teller, names: Iterable[str]) -> Markup:
    """Columns in a row, as they are called in the data."""
    return Markup(", ").join(element("code", name) for name in names)


def worded(teller: Teller, kind: str, name: str) -> Markup:
    """What a flag, a source or a check is called in words; its own name where there are none."""
    key = f"data.{kind}.{name}"
    return teller.say(key) if teller.has(key) else Markup("{}").format(name.replace("_", " "))
