"""What was learned since the last report."""

from __future__ import annotations

from markupsafe import Markup

from vispera.report.feasibility.prose import Teller, joined, table


def tell(teller: Teller) -> Markup:
    """The claims that changed, then and now; or that there was no report before, or no change."""
    since = teller.told.content["since"]
    if since is None:
        return teller.p("since.first")
    if not since["changed"]:
        return teller.p("since.none")
    answer = teller.say(f"answer.{teller.told.verdict['answer']}")
    return joined(
        teller.p("since.lead", answer=teller.say(f"answer.{since['answer']}")),
        table(
            teller.say("section.since"),
            teller.language.texts["report"]["since"]["columns"],
            (
                [teller.say(f"since.claim.{name}"), teller[f"before.{name}"], teller[name]]
                for name in since["changed"]
            ),
        ),
        teller.p("since.same") if since["same_answer"] else teller.p("since.other", answer=answer),
        "" if since["same_data"] else teller.p("since.other_data"),
    )
