"""Settings, seeds, versions, and the table of all claims."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from vispera.report.feasibility.claim import Claim
from vispera.report.feasibility.prose import Teller, element, facts, joined, table

SEEDS = ("seed", "replay_seed", "split_seed", "resamples", "replay_resamples", "threads")
VERSIONS = ("python", "platform", "lock")


def tell(teller: Teller) -> Markup:
    """What only those need who make the report again, folded away on a screen."""
    making = teller.told.facts["making"]
    packages = [(element("code", name), teller[f"package.{name}"]) for name in making["packages"]]
    return joined(
        _runs(teller, len(making["runs"])),
        _folded(
            teller,
            "settings",
            facts((element("code", n), teller[f"setting.{n}"]) for n in making["settings"]),
        ),
        _folded(
            teller, "seeds", facts((teller.say(f"appendix.seed.{name}"), teller[name]) for name in SEEDS)
        ),
        _folded(
            teller,
            "versions",
            facts([*((teller.say(f"appendix.version.{n}"), teller[n]) for n in VERSIONS), *packages]),
        ),
        _folded(teller, "claims", _claims(teller)),
    )


def _folded(teller: Teller, name: str, content: Markup) -> Markup:
    return element("details", joined(element("summary", teller.say(f"appendix.{name}")), content), name)


def _runs(teller: Teller, runs: int) -> Markup:
    names = ("id", "verb", "model", "commit", "data")
    rows = ([teller[f"run_{number}_{name}"] for name in names] for number in range(runs))
    head = teller.language.texts["report"]["appendix"]["runs_columns"]
    return table(teller.say("appendix.runs"), head, rows, "words")


def _claims(teller: Teller) -> Markup:
    claims = teller.told.claims
    head = teller.language.texts["report"]["appendix"]["claims_columns"]
    return joined(
        teller.p("appendix.claims_note"),
        table(teller.say("appendix.claims"), head, _lines(teller, claims.values())),
    )


def _lines(teller: Teller, claims: Iterable[Claim]) -> Iterable[list[Markup]]:
    for claim in claims:
        places = Markup(", ").join(element("code", place) for place in claim.places)
        yield [element("code", claim.name), teller.claim(claim), places, teller.say(f"how.{claim.how}")]
