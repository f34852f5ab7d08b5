"""A report in a notebook: opened from its record, shown section by section."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vispera import workspace
from vispera.errors import UsageError, nearest
from vispera.report.feasibility.told import FILE, Told
from vispera.text import language


@dataclass(frozen=True)
class Shown:
    """Part of a report as a notebook displays it."""

    name: str
    html: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return f"<{self.name} of a report>"


class Report:
    """A report in one language."""

    def __init__(self, told: Told, spoken: str):
        from vispera.report.feasibility.prose import Teller

        self.told = told
        self._teller = Teller(told, language(spoken))

    def front(self) -> Shown:
        """Headline, the story in two sentences, number and day."""
        from vispera.report.feasibility.front import masthead

        return Shown("front", str(masthead(self._teller)))

    def contents(self) -> Shown:
        """Links to the sections, and to the roles by their questions."""
        from vispera.report.feasibility.front import contents

        return Shown("contents", str(contents(self._teller)))

    def section(self, name: str) -> Shown:
        """A section by its name, such as ``verdict``; UsageError if there is none."""
        from vispera.report.feasibility.section import SECTIONS, section

        if name not in SECTIONS:
            raise UsageError(f"a report has no section '{name}'; {nearest(name, SECTIONS)}")
        return Shown(name, str(section(name, self._teller)))

    def __repr__(self) -> str:
        return f"<report {self.told.name} on {self.told.content['problem']}>"


def open_report(report: str, language: str = "en") -> Report:
    """A report by its ``report.json``, its folder, or the folder of all, which gives the newest.

    The path counts from here, or else from the workspace. UsageError if nothing is there.
    """
    here, home = Path(report).expanduser(), workspace.root() / report
    for path in (here, here / FILE, home, home / FILE):
        if path.is_file():
            return Report(Told.read(path), language)
    numbered = sorted(place for folder in (here, home) for place in folder.glob(f"[0-9]*/{FILE}"))
    if not numbered:
        raise UsageError(f"report={report}: there is no {FILE}; type: vispera report")
    return Report(Told.read(numbered[-1]), language)
