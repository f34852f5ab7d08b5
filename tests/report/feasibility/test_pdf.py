"""The report on paper: what stands on each page, equal bytes, and one line where it cannot be made."""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from report.feasibility.sample import data, notebook
from vispera.errors import Declined
from vispera.report.feasibility.page import html
from vispera.report.feasibility.pdf import EPOCH, available, paper, write
from vispera.text import language

try:
    available()
except Declined as reason:  # the package, or a library of the system that it needs
    pytest.skip(str(reason), allow_module_level=True)

legible = pytest.mark.skipif(
    not shutil.which("pdftotext"), reason="no pdftotext here: apt-get install poppler-utils"
)

TITLE = {"es": "Informe de viabilidad 3", "en": "Feasibility report 3"}


def page(code: str, simulated: bool) -> str:
    told = {"title": TITLE[code], "description": "x"}
    return html(notebook(code), language=language(code), simulated=simulated, **told)


@pytest.fixture(scope="module")
def simulated() -> bytes:
    return paper(page("es", True))


def pages(pdf: bytes, place: Path) -> list[str]:
    """The words of each page."""
    path = place / "report.pdf"
    path.write_bytes(pdf)
    command = ["pdftotext", "-layout", str(path), "-"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return told.removesuffix("\f").split("\f")


@legible
def test_every_page_says_which_report_it_is_its_number_and_that_the_data_are_simulated(simulated, tmp_path):
    found = pages(simulated, tmp_path)
    assert len(found) >= 5
    for number, text in enumerate(found, 1):
        assert re.search(rf"\b{number} ?/ ?{len(found)}\b", text)
        assert "Informe de viabilidad 3" in text
        assert "DATOS SIMULADOS" in text


@legible
def test_what_is_folded_on_the_screen_is_open_on_paper(simulated, tmp_path):
    text = "".join(pages(simulated, tmp_path))
    assert all(f"model.parameter_{number}" in text for number in range(70))
    assert "Ir al contenido" not in text


@legible
def test_nothing_is_called_simulated_that_is_not(tmp_path):
    text = "".join(pages(paper(page("en", False)), tmp_path))
    assert "Not yet" in text
    assert "SIMULATED" not in text


def test_equal_pages_give_equal_bytes_at_any_time(simulated, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 2e9)
    assert paper(page("es", True)) == simulated
    assert EPOCH not in os.environ


def test_it_is_written_whole(simulated, tmp_path):
    write(page("es", True), tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes() == simulated
    assert [one.name for one in tmp_path.iterdir()] == ["report.pdf"]


def test_nothing_is_said_of_css_that_is_meant_for_screens(caplog, capfd):
    with caplog.at_level(logging.DEBUG, "weasyprint"):
        paper(page("en", False))
    assert not [one for one in caplog.records if one.name.startswith("weasyprint")]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("address", ["file:///etc/hostname", "http://127.0.0.1:9/x.png"])
def test_nothing_is_fetched_for_it(address):
    with pytest.raises(Declined, match="no PDF: weasyprint cannot draw the page: Failed to load image"):
        paper(f'<!doctype html><p>Words</p><img src="{address}" alt="x">')


def test_a_picture_that_cannot_be_read_is_told_in_a_line_and_no_pdf_is_without_it():
    broken = data(
        '<?xml version="1.0" encoding="utf-88"?><svg xmlns="http://www.w3.org/2000/svg"/>' + " " * 999
    )
    with pytest.raises(Declined, match=r"Failed to load image at 'data:image/svg\+xml…'") as told:
        paper(f'<!doctype html><p>Words</p><img src="{broken}" alt="x">')
    assert len(str(told.value)) < 200


WITHOUT = """
import sys
sys.path.insert(0, sys.argv[1])
from vispera.errors import Declined
from vispera.report.feasibility.pdf import paper
try:
    paper("<p>Words</p>")
except Declined as no:
    print(no)
"""


@pytest.mark.parametrize(
    ("module", "told"),
    [
        ("raise ModuleNotFoundError(\"No module named 'weasyprint'\")", "pip install 'vispera[pdf]'"),
        (
            "print('-----\\nfollow the installation steps')\nraise OSError('x.so')",
            "brew install pango",
        ),
    ],
    ids=["no weasyprint", "no Pango"],
)
def test_one_line_says_what_to_type_where_it_cannot_be_made(module, told, tmp_path):
    """In a process of its own, with a package in its way that ends as the real one does without its parts."""
    (tmp_path / "weasyprint.py").write_text(module)
    command = [sys.executable, "-c", WITHOUT, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1
    assert done.stdout.startswith("no PDF: weasyprint ")
    assert told in done.stdout
