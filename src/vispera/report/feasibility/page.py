"""The page: what the cells of an executed notebook display, as one HTML file that reaches for nothing.

nbconvert reads the notebook; the template, the stylesheet and the type are our own, beside this module in
``asset``. The type is three small files there and is not cut when a page is made: every version of the tools
gives the same bytes, and no page waits for it.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from vispera.errors import Declined

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from vispera.text import Language

POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; "
    "base-uri 'none'; form-action 'none'"
)
"""Content security policy: nothing runs, and nothing is fetched or sent."""

FACES = (("regular", 400, "normal"), ("bold", 700, "normal"), ("italic", 400, "italic"))
"""File, weight and style of each face of the text."""


def html(notebook: NotebookNode, *, language: Language, title: str, description: str, simulated: bool) -> str:
    """The page of an executed notebook; equal outputs give equal bytes.

    Only what code cells display as ``text/html`` is taken. Declined where a cell failed, or where none
    displays anything: a report that did not come to its end is not one to read.
    """
    from jinja2 import FunctionLoader
    from nbconvert.exporters import TemplateExporter

    _refuse_unfinished(notebook)
    notice = language.say("figure.simulated") if simulated else ""
    exporter = TemplateExporter(extra_loaders=[FunctionLoader(asset)], template_file="page.html.j2")
    exporter.environment.trim_blocks = True
    resources = {
        "language": language.code,
        "title": title,
        "description": description,
        "simulated": notice,
        "skip": language.say("page.skip"),
        "policy": POLICY,
        "style": typefaces() + asset("page.css") + asset("print.css") + running(title, notice),
    }
    text, _ = exporter.from_notebook_node(notebook, resources=resources)
    return text


def asset(name: str) -> str:
    """Text of a file beside this module, its lines ended as HTML reads them."""
    return _file(name).decode("utf-8").replace("\r\n", "\n")


@cache
def typefaces() -> str:
    """The faces of the text as CSS that holds them whole."""
    rules = []
    for name, weight, style in FACES:
        data = b64encode(_file(f"fonts/{name}.woff")).decode()
        rules.append(
            f'@font-face {{ font-family: "Vispera Text"; font-weight: {weight}; font-style: {style}; '
            f'src: url("data:font/woff;base64,{data}") format("woff"); }}\n'
        )
    return "".join(rules)


def running(title: str, notice: str) -> str:
    """The lines at the head of every printed page: the report's title, and that its data are simulated.

    >>> print(running("Informe 3", "DATOS SIMULADOS"))
    @page { @top-left { content: "Informe 3"; } @top-right { content: "DATOS SIMULADOS"; } }
    """
    boxes = {"top-left": title, "top-right": notice}
    told = " ".join(f"@{box} {{ content: {quoted(text)}; }}" for box, text in boxes.items() if text)
    return f"@page {{ {told} }}"


def quoted(text: str) -> str:
    r"""A text as a string of CSS that ends neither the string nor the element that holds it.

    >>> quoted('a "b" </style>')
    '"a \\22 b\\22  \\3c /style\\3e "'
    """
    told = "".join(letter if letter not in '"\\<>\n\r\f' else f"\\{ord(letter):x} " for letter in text)
    return f'"{told}"'


def _file(name: str) -> bytes:
    return files("vispera.report.feasibility").joinpath("asset", *name.split("/")).read_bytes()


def _refuse_unfinished(notebook: NotebookNode) -> None:
    outputs = [(cell, one) for cell in notebook.cells for one in cell.get("outputs", [])]
    for cell, output in outputs:
        if output.output_type == "error":
            number = notebook.cells.index(cell) + 1
            raise Declined(f"cell {number} of the notebook failed with {output.ename}: it is not made a page")
    if not any("text/html" in output.get("data", {}) for _, output in outputs):
        raise Declined("no cell of the notebook displays anything: execute it before it is made a page")
