"""The skeleton of the page in a real browser: regions where they belong, wide and narrow, nothing fetched."""

from __future__ import annotations

import base64
import hashlib
import html as html_
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from compared import DRAWS, candidates, config, kept, trial
from vispera.report.compare import compare
from vispera.report.compare.page import write_page

pytest.importorskip("jinja2", reason="the page is made with jinja2, which pyproject names")

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next((found for name in NAMES if (found := shutil.which(name))), None)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--hide-scrollbars",
    "--virtual-time-budget=20000",
)
REGIONS = ("answer", "runs", "controls", "table", "legend", "roc", "precision_recall", "calibration",
           "parallel-plot", "history-plot", "how")  # fmt: skip
FRAME = """<!doctype html><body style="margin:0"><iframe style="border:0;width:{width}px;height:900px"
src="page.html"></iframe>"""
PROBE = """
const boxes = {}, right = (one) => one.getBoundingClientRect().right;
for (const id of %s) {
  const box = document.getElementById(id).getBoundingClientRect();
  boxes[id] = [box.left, box.top + scrollY, box.width, box.height].map(Math.round);
}
const told = { boxes, page: [document.documentElement.scrollWidth, innerWidth],
  rows: document.querySelectorAll("#table tbody tr").length,
  lines: document.querySelectorAll("#roc .scatterlayer path.js-line").length,
  marks: document.querySelectorAll("#history-plot .scatterlayer .point").length,
  answered: Math.max(...Array.from(document.querySelectorAll("#answer *"), (one) => right(one))),
  asked: performance.getEntriesByType("resource").map((one) => one.name) };
document.documentElement.dataset.told = JSON.stringify(told);
parent.postMessage(document.documentElement.dataset.told, "*");
"""
"""Added to a copy of the page for this test: it writes down where everything stands."""

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium here: apt-get install chromium")


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    """A page with four full runs and a search, in the language of the longer words."""
    place = tmp_path_factory.mktemp("look")
    experiments = place / "experiments"
    runs = [
        kept(experiments, noise, settings=config(depth=depth, rate=0.1 / depth))
        for depth, noise in ((4, 0.0), (6, 0.2), (8, 0.6))
    ]
    runs.append(kept(experiments, 1.5, name="rule", settings=config(name="rule", smoothing=50)))
    runs += [trial(experiments, "s", number, 0.4 - 0.01 * number) for number in range(6)]
    found = compare(candidates(runs), name="look", searches=place, **DRAWS)
    write_page(found, place / "page.html", experiments, "es")
    return place / "page.html"


def seen(page: Path, place: Path, width: int) -> dict[str, Any]:
    """What stands where on the page in a window of that width."""
    script = PROBE % json.dumps(REGIONS)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    text = page.read_text("utf-8").replace("script-src ", f"script-src 'sha256-{digest}' ", 1)
    (place / "page.html").write_text(text.replace("</body>", f"<script>{script}</script></body>"), "utf-8")
    # a window cannot be as narrow as a telephone: a frame can
    keeper = "<script>onmessage = (event) => { document.body.dataset.told = event.data; };</script>"
    (place / "frame.html").write_text(keeper + FRAME.format(width=width), "utf-8")
    told = re.search(r'data-told="([^"]*)"', dumped(place / "frame.html", place, width))
    assert told, "the page's scripts did not come to their end"
    return json.loads(html_.unescape(told[1]))


def dumped(page: Path, place: Path, width: int) -> str:
    """The document as the browser has it once its scripts are done."""
    command = [
        str(BROWSER),
        *FLAGS,
        f"--user-data-dir={place / 'profile'}",
        f"--window-size={max(width, 600)},900",
    ]
    command += ["--dump-dom", page.as_uri()]
    alone = {**os.environ, "HOME": str(place)}
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120, env=alone).stdout


@pytest.fixture(scope="module", params=[1400, 390])
def look(request, written, tmp_path_factory) -> tuple[int, dict[str, Any]]:
    return request.param, seen(written, tmp_path_factory.mktemp("browser"), request.param)


def test_nothing_is_wider_than_the_window(look):
    width, told = look
    assert told["page"][0] <= width
    inside = [name for name in REGIONS if name not in ("parallel-plot",)]  # that one scrolls in its own box
    for name in inside:
        left, _, wide, _ = told["boxes"][name]
        assert left >= 0, name
        assert left + wide <= width, name


def test_the_answer_stays_inside_its_own_frame(look):
    _, told = look
    left, _, wide, _ = told["boxes"]["answer"]
    assert told["answered"] <= left + wide + 1


def test_the_answer_comes_first_then_the_table_then_the_plots(look):
    _, told = look
    tops = [told["boxes"][name][1] for name in ("answer", "runs", "table", "legend", "roc", "parallel-plot")]
    assert tops == sorted(tops)
    assert told["boxes"]["answer"][1] < 100


def test_everything_is_drawn_and_of_a_size_to_be_read(look):
    _, told = look
    for name in REGIONS:
        assert told["boxes"][name][3] > 15, name
    assert told["rows"] == 10
    assert told["lines"] >= 4
    assert told["marks"] >= 6
    for name in ("roc", "precision_recall", "calibration"):
        assert told["boxes"][name][2] > 250, name


def test_curves_stand_side_by_side_where_there_is_room(look):
    width, told = look
    tops = [told["boxes"][name][1] for name in ("roc", "precision_recall", "calibration")]
    assert len(set(tops)) == (1 if width > 1000 else 3)


def test_the_page_asks_for_nothing(look):
    assert look[1]["asked"] == []
