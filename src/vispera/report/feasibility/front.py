"""The front of a report: headline, edition, contents, and the eight roles by their questions."""

from __future__ import annotations

from markupsafe import Markup

from vispera.report.feasibility.prose import Teller, element, items, joined
from vispera.report.feasibility.section import SECTIONS
from vispera.report.feasibility.section.roles import ROLES


def masthead(teller: Teller) -> Markup:
    """Headline with the verdict in it, the story in two sentences, number and day."""
    parts = (
        element("p", teller.say(f"answer.{teller.told.verdict['answer']}"), "kicker"),
        element("h1", headline(teller)),
        teller.p("standfirst", "standfirst"),
        teller.p("simulated_note") if teller.told.simulated else "",
        teller.p("edition", "edition"),
    )
    return element("header", joined("", *parts), "masthead")


def headline(teller: Teller) -> Markup:
    """The verdict as a headline."""
    return teller.say(f"title.{teller.told.verdict['answer']}")


def contents(teller: Teller) -> Markup:
    """Links to the sections, and to the eight roles by their questions."""
    links = (element("a", teller.say(f"section.{name}"), href=f"#{name}") for name in SECTIONS)
    own = joined("", element("h2", teller.say("contents")), items(links, "ol"), _roles(teller))
    return element("nav", own, "contents")


def _roles(teller: Teller) -> Markup:
    links = (
        element(
            "a",
            joined(
                element("span", teller.say(f"role.{role}.who"), "who"), teller.say(f"role.{role}.question")
            ),
            href=f"#role-{role}",
        )
        for role in ROLES
    )
    return element("nav", joined("", element("h2", teller.say("by_role")), items(links)), "roles")
