"""The page: harmless whatever is in a note, reaching nothing, small at a thousand runs, whole in a wheel."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from zipfile import ZipFile

import pytest

from compared import DRAWS, candidates, config, kept
from vispera import workspace
from vispera.report.compare import Candidate, Comparison, compare
from vispera.report.compare.page import as_script, asset, page, plotly, write_page
from vispera.report.compare.payload import payload
from vispera.text import LANGUAGES, language

pytest.importorskip("jinja2", reason="the page is made with jinja2, which pyproject names")

HOSTILE = "</script><script>alert(1)</script><!--<script> & <img src=x onerror=alert(2)> {{ 7 * 7 }}"
LIMIT = 600_000
"""Bytes of a page of a thousand runs beside the plotting library."""


class Elements(HTMLParser):
    """Tags with their attributes, and what stands in each script."""

    def __init__(self, text: str):
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data):
        if self.lasttag == "script" and self.cdata_elem:
            self.scripts[-1] += data
        else:
            self.texts.append(data)


@pytest.fixture(scope="module")
def comparison(tmp_path_factory) -> Comparison:
    folder = tmp_path_factory.mktemp("experiments")
    runs = [
        kept(folder, 0.0, note=HOSTILE, settings=config(depth=6, kind=HOSTILE)),
        kept(folder, 1.5, name="rule", settings=config(name="rule", smoothing=50)),
        kept(folder, 0.3, settings=config(depth=8, kind="plain")),
        kept(folder, 0.0, key="b" * 16, settings={**config(), "problem": {"name": HOSTILE}}),
    ]
    return compare(candidates(runs), name="runs <&>", searches=Path("nowhere"), **DRAWS)


def html(comparison: Comparison, spoken: str = "en", library: str = "/* plotly */") -> str:
    return page(comparison, Path("/w/reports/compare/a.html"), Path("/w/experiments"), spoken, library)


def test_no_text_of_a_run_becomes_markup_or_script(comparison):
    told = Elements(html(comparison))
    assert len(told.scripts) == 3
    assert not [tag for tag, _ in told.tags if tag == "img"]
    assert not [name for _, attributes in told.tags for name in attributes if name.startswith("on")]
    assert "alert" not in told.scripts[1] + told.scripts[2]
    data = json.loads(told.scripts[0])
    assert any(HOSTILE[:40] in note for note in data["runs"]["note"]["words"])
    assert any(HOSTILE[:30] in text for text in told.texts), "the other problem's name, as a text"
    assert "49" not in [text.strip() for text in told.texts]


def test_data_in_a_script_holds_none_of_the_letters_that_html_reads():
    written = as_script({"note": HOSTILE, "odd": "\u2028\u2029"})
    assert not set(written) & set("<>&\u2028\u2029")
    assert json.loads(written) == {"note": HOSTILE, "odd": "\u2028\u2029"}


def test_the_page_may_reach_nothing_and_runs_only_its_own_scripts(comparison):
    told = Elements(html(comparison, library="let plot = '<a> & \u00e9';\n"))
    (policy,) = [a["content"] or "" for tag, a in told.tags if a.get("http-equiv")]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe-inline" not in policy.partition("style-src")[0]
    for script in told.scripts[1:]:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    links = [a.get(name) or "" for _, a in told.tags for name in ("src", "href") if a.get(name)]
    assert links
    assert not [link for link in links if re.match(r"[a-z]+:|//", link)]


def test_the_library_can_stand_in_a_script(comparison):
    library = plotly()
    assert len(library) > 1_000_000
    assert not re.search(r"</script|<!--", library, re.IGNORECASE)


def test_the_answer_stands_in_the_page_without_its_scripts(comparison):
    text = " ".join(Elements(html(comparison)).texts)
    assert "SIMULATED DATA" in text
    assert "worse by more than the noise" in text or "better than rule" in text or "within the noise" in text
    assert "0.1" in text


@pytest.mark.parametrize("code", LANGUAGES)
def test_links_lead_to_the_folders_and_the_language_is_told(comparison, code):
    told = Elements(html(comparison, code))
    assert told.tags[0] == ("html", {"lang": code})
    data = json.loads(told.scripts[0])
    assert data["folders"] == "../../experiments/"
    assert any(a.get("href") == f"../../experiments/{comparison.apart[0].runs[0]}/" for _, a in told.tags)


def test_equal_comparisons_give_equal_pages(comparison):
    assert html(comparison) == html(comparison)


def test_every_text_that_the_scripts_ask_for_is_there():
    scripts = "".join(asset(path.name) for path in sorted((Path(__file__).parents[2] / SCRIPTS).glob("*.js")))
    asked = set(re.findall(r"\btexts\.(\w+)", scripts)) - {"page", "verdict", "value"}
    texts = language("en").texts["compare"]["page"]
    assert asked <= set(texts)
    used = asked | set(re.findall(r"(?:compare\.page\.|titled\(\")(\w+)", asset("page.html")))
    used |= {name for name in texts if f'"{name}"' in scripts or name in OTHERWISE}
    assert set(texts) <= used, f"never said: {set(texts) - used}"


SCRIPTS = "src/vispera/report/compare/asset"
OTHERWISE = {
    f"{kind}{axis}" for kind in ("roc", "precision_recall", "calibration") for axis in ("", "_x", "_y")
}
OTHERWISE |= {"apart_runs", "apart_runs_one", "apart_more"}
"""Texts whose names are put together, or that `page` says."""


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dim, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dim + 0.05)


def palettes() -> list[dict[str, str]]:
    """The colours of the light page, the dark one and paper, by name; curves as ``curve-0`` and on."""
    blocks = re.findall(r":root[\w.]* \{(.*?)\}", asset("page.css"), re.DOTALL)
    found = [dict(re.findall(r"--(\w+): (#\w{6});", block)) for block in blocks]
    drawn = {
        kind: re.findall(r"#\w{6}", line)
        for kind, line in re.findall(r"const (LIGHT|DARK) = (.*)", asset("plot.js"))
    }
    for palette, kind in zip(found, ("LIGHT", "DARK", "LIGHT"), strict=True):
        palette.update({f"curve-{slot}": colour for slot, colour in enumerate(drawn[kind])})
    return found


def test_everything_written_or_drawn_stands_out_from_its_ground():
    for palette in palettes():
        assert len(palette) >= 10 + 8
        for name in set(palette) - {"paper", "panel", "rule"}:
            grounds = ("paper",) if name.startswith("curve") else ("paper", "panel")
            for ground in grounds:
                assert contrast(palette[name], palette[ground]) >= 4.5, (name, palette[name], ground)


def test_every_run_that_is_drawn_has_a_dash_of_its_own():
    (dashes,) = re.findall(r"const DASHES = \[(.*)\]", asset("plot.js"))
    drawn = [dash.strip() for dash in re.findall(r'"([^"]*)"', dashes)]
    (most,) = re.findall(r"MOST_DRAWN = (\d+)", asset("table.js"))
    assert len(set(drawn)) == len(drawn) == int(most)


def test_a_thousand_runs_with_curves_fit_beside_the_library(comparison):
    many = thousand(comparison)
    found = compare(many, name="many", searches=Path("nowhere"), most_pairs=0, **DRAWS)
    assert len(payload(found, language("en"))["runs"]["id"]) == 1000
    assert len(html(found, "es", "").encode()) < LIMIT


def thousand(comparison: Comparison) -> list[Candidate]:
    """A thousand full runs in the likeness of the first, each with numbers and settings of its own."""
    first, found = comparison.runs[0], []
    for number in range(1000):
        ends = [
            {**entry, **{end: round(entry[end] * (1 + number / 9973), 6) for end in ("value", "low", "high")}}
            for entry in first.record.headline
        ]
        run = f"20261124-{number:06}-catboost-{number * 7919 % 16**6:06x}"
        record = replace(first.record, id=run, headline=ends, note=f"attempt {number % 7}")
        values = {f"value_{key}": (number + 1) * 0.00123457 * (key + 1) for key in range(8)}
        found.append(Candidate(record, config(**values), first.data))
    return found


def test_the_page_is_written_whole_with_its_library(comparison, tmp_path):
    path = tmp_path / "new" / "a.html"
    beside = write_page(comparison, path, tmp_path / "experiments", "en")
    assert path.stat().st_size == beside + len(plotly().encode())
    assert [one.name for one in path.parent.iterdir()] == ["a.html"]


def test_a_wheel_holds_what_the_page_is_made_of(tmp_path):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=workspace.source(), check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    there = {Path(name).name for name in ZipFile(wheel).namelist() if "/report/compare/asset/" in name}
    assert there == {path.name for path in (Path(__file__).parents[2] / SCRIPTS).iterdir()}
