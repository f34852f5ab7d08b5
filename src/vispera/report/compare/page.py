"""The page: one HTML file that holds all it needs and may reach nothing else."""

from __future__ import annotations

import hashlib
import json
import os
from base64 import b64encode
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

from vispera.files import write_text
from vispera.report.compare.answer import answer
from vispera.report.compare.comparison import Comparison
from vispera.report.compare.ground import Apart, Difference
from vispera.report.compare.payload import clipped, payload
from vispera.report.compare.setting import told
from vispera.text import Language, language

SCRIPTS = ("read.js", "table.js", "plot.js", "parallel.js", "history.js", "main.js")
"""In the order in which they run, each in one scope with those before it."""

FORBIDDEN = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
"""Letters that may not stand as they are in JSON within HTML: no text can end the element that holds it."""

SHOWN_APART = 5


def write_page(comparison: Comparison, path: Path, experiments: Path, spoken: str) -> int:
    """Bytes of the page beside the plotting library, after it is written whole."""
    library = plotly()
    text = page(comparison, path, experiments, spoken, library)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, text)
    return len(text.encode()) - len(library.encode())


def page(comparison: Comparison, path: Path, experiments: Path, spoken: str, library: str) -> str:
    """The page's HTML for a file at ``path``, from where the folders of the runs are linked.

    ``library`` is Plotly's JavaScript; with equal arguments the page is the same to the byte.
    """
    import jinja2
    from markupsafe import Markup

    words = language(spoken)
    room = jinja2.Environment(
        loader=jinja2.FunctionLoader(asset),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    room.globals["say"] = words.say
    data = {**payload(comparison, words), "folders": relative(experiments, path)}
    script = "".join(f"{asset(name)}\n" for name in SCRIPTS)
    parts = {
        "library": library,
        "script": f'(() => {{\n"use strict";\n{script}}})();',
        "data": as_script(data),
        "style": asset("page.css"),
    }
    return room.get_template("page.html").render(
        language=spoken,
        comparison=comparison,
        answer=answer(comparison, words),
        apart=[_apart(group, words) for group in comparison.apart],
        folders=data["folders"],
        level=words.percent(comparison.level),
        counts={name: words.count(number) for name, number in _counts(comparison).items()},
        baseline=comparison.baseline and comparison.labels[comparison.baseline.record.id],
        policy=policy(parts[name] for name in ("library", "script")),
        **{name: Markup(text) for name, text in parts.items()},  # noqa: S704 (ours)
    )


def asset(name: str) -> str:
    """Text of a file beside this module, its lines ended as HTML reads them."""
    return files("vispera.report.compare").joinpath("asset", name).read_text("utf-8").replace("\r\n", "\n")


def plotly() -> str:
    """Plotly's JavaScript as its package carries it, to be put into a page."""
    source = files("plotly").joinpath("package_data", "plotly.min.js").read_text("utf-8")
    return source.replace("\r\n", "\n")


def as_script(value: Any) -> str:
    """JSON of a value that no HTML parser takes for anything else, whatever texts are in it.

    >>> as_script({"note": "</script><script>alert(1)"})
    '{"note":"\\\\u003c/script\\\\u003e\\\\u003cscript\\\\u003ealert(1)"}'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for letter, written in FORBIDDEN.items():
        text = text.replace(letter, written)
    return text


def policy(scripts: Iterable[str]) -> str:
    """Content security policy under which only these scripts run and nothing is fetched or sent."""
    hashes = [b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(f"'sha256-{one}'" for one in hashes)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:; "
        "connect-src 'none'; base-uri 'none'; form-action 'none'"
    )


def relative(experiments: Path, page: Path) -> str:
    """The folder of the runs as a link from the page, with a slash at its end."""
    return quote(Path(os.path.relpath(experiments, page.parent)).as_posix()) + "/"


def _counts(comparison: Comparison) -> dict[str, int]:
    left_out = sum(len(group.runs) for group in comparison.apart)
    compared = len(comparison.runs)
    return {"compared": compared, "all": compared + left_out}


def _apart(group: Apart, words: Language) -> dict[str, Any]:
    """Runs of another key, and the reasons in words."""
    form, number = "apart_runs_one" if len(group.runs) == 1 else "apart_runs", words.count(len(group.runs))
    hidden = len(group.runs) - SHOWN_APART
    return {
        "title": words.say(f"compare.page.{form}", number=number, key=group.key),
        "runs": group.runs[:SHOWN_APART],
        "more": words.say("compare.page.apart_more", number=words.count(hidden)) if hidden > 0 else "",
        "reasons": [reason(one, words) for one in group.differences] or [words.say("compare.why.unknown")],
    }


def reason(difference: Difference, words: Language) -> str:
    """Why scores cannot be held against each other, in a line."""
    values: Mapping[str, str] = {
        side: clipped(told(getattr(difference, side)))[:60] for side in ("there", "here")
    }
    part = words.say(f"compare.why.part.{difference.part}")
    return words.say("compare.why.difference", part=part, key=difference.key, **values)
