"""What was learned since the last report."""

from __future__ import annotations

from markupsafe import Markup

from vispera.report.feasibility.prose import Teller, joined, table


def tell(teller: Teller) -> Markup:
    """The claims that changed, then and now; or that there was no report before, or no change."""
    since = teller.told.content["since"]
    if since is None:
        return teller.p("since.first")
    then, now = (teller.say(f"answer.{one}") for one in (since["answer"], teller.told.verdict["answer"]))
    if not since["changed"]:
        return teller.p("since.none" if since["same_answer"] else "since.answer_alone", then=then, now=now)
    head = teller.language.texts["report"]["since"]["columns"]
    rows = (
        [teller.say(f"since.claim.{name}"), teller[f"before.{name}"], teller[name]]
        for name in since["changed"]
    )
    return joined(
        teller.p("since.lead", answer=then),
        table(teller.say("section.since"), head, rows),
        teller.p("since.same" if since["same_answer"] else "since.other", answer=now),
        "" if since["same_data"] else teller.p("since.other_data"),
    )
