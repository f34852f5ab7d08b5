"""A report as it is kept: ``report.json``, from which all that is shown follows, in either language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from vispera import __version__
from vispera.errors import UsageError
from vispera.files import read_json
from vispera.report.feasibility.claim import Claim
from vispera.report.feasibility.source import OWN

FILE = OWN
SCHEMA = 1
RENDERS = ("jinja2", "matplotlib", "nbconvert", "numpy", "papermill")
"""Packages on which the bytes of a rendered report depend."""


@dataclass(frozen=True)
class Told:
    """What a report tells, language apart."""

    content: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> Told:
        """From its file; UsageError if a later version wrote it."""
        content = read_json(path)
        if content.get("schema", 0) > SCHEMA:
            raise UsageError(
                f"{path} was written with report schema {content['schema']}; this version reads up to "
                f"{SCHEMA}: update vispera"
            )
        return cls(content)

    @property
    def number(self) -> int:
        """Number of the report, one for both languages."""
        return self.content["number"]

    @property
    def date(self) -> str:
        """Day on which it was first made, ISO."""
        return self.content["date"]

    @property
    def name(self) -> str:
        """Name of its folder: ``001-2026-11-26``."""
        return named(self.number, self.date)

    @property
    def simulated(self) -> bool:
        """True if its bookings are made up."""
        return self.content["simulated"]

    @property
    def facts(self) -> Mapping[str, Any]:
        """Names of what the sections speak of, by part."""
        return self.content["facts"]

    @property
    def verdict(self) -> Mapping[str, Any]:
        """The answer, why, and what would change it."""
        return self.content["verdict"]

    @cached_property
    def claims(self) -> dict[str, Claim]:
        """Every number with its place in the records."""
        return {name: Claim.of(name, entry) for name, entry in self.content["claims"].items()}


def named(number: int, date: str) -> str:
    """Name of a report's folder.

    >>> named(7, "2026-11-26")
    '007-2026-11-26'
    """
    return f"{number:03d}-{date}"


def numbered(gathered: Mapping[str, Any], number: int, date: str) -> Told:
    """The report of that number and day; what it is rendered with goes in too."""
    own = {"number": number, "date": date, "problem": gathered["problem"]}
    claims = [
        Claim("report_number", number, "count", (f"{OWN}#/number",)),
        Claim("report_date", date, "date", (f"{OWN}#/date",)),
        Claim("problem", own["problem"], "code", (f"{OWN}#/problem",)),
    ]
    count = len(gathered["claims"]) + len(claims) + 1  # itself among them
    claims.append(Claim("claims", count, "count", (f"{OWN}#/claims",), how="size"))
    rendered = {"vispera": __version__, **{name: version(name) for name in RENDERS}}
    content = {"schema": SCHEMA, **own, **gathered, "rendered_with": rendered}
    return Told(
        {**content, "claims": {**{claim.name: claim.as_dict() for claim in claims}, **gathered["claims"]}}
    )
