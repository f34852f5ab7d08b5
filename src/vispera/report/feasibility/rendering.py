"""A report rendered in one language: from its record to notebook, page, figures and, where it can be, PDF."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vispera.errors import Declined
from vispera.files import write_bytes, write_json, write_text
from vispera.report.feasibility import page, pdf
from vispera.report.feasibility.execution import execute
from vispera.report.feasibility.front import headline
from vispera.report.feasibility.prose import Teller
from vispera.report.feasibility.template import Template
from vispera.report.feasibility.told import FILE, Told
from vispera.text import language

DRAWN = re.compile(
    r'<figure id="figure-([\w-]+)">.*?srcset="data:image/svg\+xml;base64,([^"]+)"'
    r'.*?src="data:image/svg\+xml;base64,([^"]+)"',
    re.DOTALL,
)


@dataclass(frozen=True)
class Rendered:
    """What was written; ``no_pdf`` says why there is none."""

    folder: Path
    page: Path
    no_pdf: str | None = None


def stem(told: Told, spoken: str) -> str:
    """Name of a report's files, by which it is known where it is sent to.

    >>> stem(Told({"number": 3}), "es")
    'feasibility-003-es'
    """
    return f"feasibility-{told.number:03d}-{spoken}"


def render(
    told: Told,
    spoken: str,
    template: Template,
    parameters: Mapping[str, Any],
    folder: Path,
    step: Callable[[str], None],
    printed: bool = True,
) -> Rendered:
    """The report in an empty folder, its PDF only if it is to be ``printed``; raises as `execute`.

    Where a cell fails, the notebook as far as it came lies in the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / FILE, told.content)
    name, teller = stem(told, spoken), Teller(told, language(spoken))
    step(f"execute {template.path.name} in {spoken}")
    notebook = execute(template, folder / f"{name}.ipynb", {**parameters, "report": FILE, "language": spoken})
    step("make the page")
    title = teller.say("document").striptags()
    text = page.html(
        notebook,
        language=teller.language,
        title=title,
        description=headline(teller).striptags(),
        simulated=told.simulated,
    )
    write_text(folder / f"{name}.html", text)
    (folder / "figures").mkdir(exist_ok=True)
    for figure, narrow, wide in DRAWN.findall(text):
        write_bytes(folder / "figures" / f"{figure}.svg", b64decode(wide), durable=False)
        write_bytes(folder / "figures" / f"{figure}-narrow.svg", b64decode(narrow), durable=False)
    why = None
    if printed:
        step("print it")
        try:
            pdf.write(text, folder / f"{name}.pdf")
        except Declined as reason:
            why = str(reason)
    return Rendered(folder, folder / f"{name}.html", why)
