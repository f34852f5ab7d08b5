"""The page in a real browser: on a desk, on telephones, on paper."""

from __future__ import annotations

import html as html_
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from report.feasibility.sample import notebook
from vispera.report.feasibility.page import html
from vispera.text import language

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next((found for name in NAMES if (found := shutil.which(name))), None)
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
         "--hide-scrollbars", "--virtual-time-budget=5000")  # fmt: skip
PROBE = """
addEventListener("load", () => {
  const all = [...document.body.querySelectorAll("*:not(script)")];
  const box = (one) => one.getBoundingClientRect(), start = (one) => one.outerHTML.slice(0, 80);
  const scrolls = (one) => one.closest(".scroll, pre") || one.closest("details") || one.matches(".skip");
  const own = (one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  const told = {
    page: document.documentElement.scrollWidth,
    wide: all.filter((one) => !scrolls(one) && box(one).right > innerWidth + 0.5).map(start),
    small: all.filter(own).filter((one) => !one.closest("details"))
      .map((one) => [parseFloat(getComputedStyle(one).fontSize), start(one)]),
    column: box(document.querySelector("main")).width,
    masthead: box(document.querySelector(".masthead")).width,
    pictures: [...document.images].map((one) => [one.naturalWidth, box(one).width]),
    type: document.fonts.check("16px 'Vispera Text'") && [...document.fonts].map((one) => one.status),
    asked: performance.getEntriesByType("resource").filter((one) => !one.name.startsWith("data:")),
  };
  scrollTo(0, 1500);
  told.band = box(document.querySelector("body > .simulated")).top;
  parent.postMessage(JSON.stringify(told), "*");
});
"""
"""Added to a copy of the page for this test: it tells how everything stands."""
FRAME = """<!doctype html><body style="margin:0"><script>
onmessage = (event) => {{ document.body.dataset.told = event.data; }};
</script><iframe style="border:0;width:{width}px;height:900px" src="page.html"></iframe>"""
"""A window cannot be as narrow as a telephone: a frame can."""

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium here: apt-get install chromium")


def page() -> str:
    told = {"title": "Informe de viabilidad 3", "description": "x"}
    return html(notebook("es"), language=language("es"), simulated=True, **told)


def browsed(place: Path, *options: str) -> str:
    command = [str(BROWSER), *FLAGS, f"--user-data-dir={place / 'profile'}", *options]
    alone = {**os.environ, "HOME": str(place)}
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120, env=alone).stdout


@pytest.fixture(scope="module", params=[1400, 768, 390, 320])
def look(request, tmp_path_factory) -> tuple[int, dict[str, Any]]:
    place, width = tmp_path_factory.mktemp("browser"), request.param
    text = page().replace("default-src 'none'", "default-src 'none'; script-src 'unsafe-inline'")
    text = text.replace("default-src &#39;none&#39;", "default-src 'none'; script-src 'unsafe-inline'")
    (place / "page.html").write_text(text.replace("</body>", f"<script>{PROBE}</script></body>"), "utf-8")
    (place / "frame.html").write_text(FRAME.format(width=width), "utf-8")
    options = (f"--window-size={max(width, 600)},900", "--dump-dom", (place / "frame.html").as_uri())
    told = re.search(r'data-told="([^"]*)"', browsed(place, *options))
    assert told, "the page did not come to its end"
    return width, json.loads(html_.unescape(told[1]))


def test_nothing_is_wider_than_the_screen(look):
    width, told = look
    assert told["page"] <= width
    assert told["wide"] == []


def test_everything_can_be_read_on_a_telephone(look):
    width, told = look
    least = 16 if width < 500 else 12
    assert [one for one in told["small"] if one[0] < least] == []


def test_the_text_stands_in_a_column_and_the_masthead_is_wider_where_there_is_room(look):
    width, told = look
    assert told["column"] <= 680
    assert (told["masthead"] > told["column"]) is (width > 750)


def test_a_telephone_is_shown_the_narrow_pictures(look):
    width, told = look
    assert {natural for natural, _ in told["pictures"]} == {360 if width <= 560 else 720}
    assert all(shown <= told["column"] for _, shown in told["pictures"])


def test_the_type_of_the_page_is_its_own_and_nothing_is_asked_for(look):
    _, told = look
    assert "loaded" in told["type"]
    assert told["asked"] == []


def test_what_is_simulated_stays_in_sight(look):
    assert look[1]["band"] == 0


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="no pdftotext here: apt-get install poppler-utils")
def test_every_page_that_a_browser_prints_says_so_with_its_number(tmp_path):
    (tmp_path / "page.html").write_text(page(), "utf-8")
    paper = tmp_path / "page.pdf"
    browsed(tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={paper}", (tmp_path / "page.html").as_uri())
    command = ["pdftotext", "-layout", str(paper), "-"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = told.removesuffix("\f").split("\f")
    assert len(found) >= 5
    for number, text in enumerate(found, 1):
        assert "DATOS SIMULADOS" in text
        assert "Informe de viabilidad 3" in text
        assert re.search(rf"\b{number} ?/ ?{len(found)}\b", text)
    assert all(f"model.parameter_{number}" in told for number in range(70))
