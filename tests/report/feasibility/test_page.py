"""The page of a report: what its cells display, nothing else, the same to the byte, reaching for nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import pairwise
from zipfile import ZipFile

import pytest
from nbformat import v4

from report.feasibility.faces import SOURCES, face
from report.feasibility.sample import blocks, notebook
from vispera import workspace
from vispera.errors import Declined
from vispera.report.feasibility.page import FACES, asset, html
from vispera.text import LANGUAGES, language

HOSTILE = '</title></style><script>alert(1)</script>" \\'
ASSETS = workspace.source() / "src/vispera/report/feasibility/asset"


def page(code: str = "es", *, title: str = "Informe 3", simulated: bool = False, run: int = 0) -> str:
    told = {"title": title, "description": "38,6 € por noche"}
    return html(notebook(code, run=run), language=language(code), simulated=simulated, **told)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_block_stands_on_the_page_once_in_order_and_nothing_else_of_the_notebook(code):
    made = page(code)
    places = [made.find(block) for block in blocks(code)]
    assert places == sorted(places)
    assert min(places) > 0
    assert all(made.count(block) == 1 for block in blocks(code))
    for hidden in (
        "the source of a cell",
        "a warning on the way",
        "IPython.HTML",
        "Markdown of the template",
    ):
        assert hidden not in made
    assert f'<html lang="{code}">' in made


def test_what_is_told_of_a_run_but_in_its_outputs_changes_no_byte():
    assert notebook("es", run=1) != notebook("es", run=2)
    assert page(run=1) == page(run=2)


def test_a_page_holds_all_that_it_shows_and_may_reach_nothing():
    made = page(simulated=True)
    assert "<script" not in made
    assert not re.findall(r"\son\w+=", made)
    addresses = re.findall(r'(?:src|href|srcset)="([^"]*)"', made) + re.findall(
        r'url\(["\']?([^)]{0,40})', made
    )
    assert len(addresses) > 20
    assert {re.match(r"data:|#", one) is not None for one in addresses} == {True}
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', made)
    assert policy.startswith(
        "default-src &#39;none&#39;; img-src data:; style-src &#39;unsafe-inline&#39;; font-src data:"
    )
    assert "script-src" not in policy


def test_inner_links_lead_somewhere():
    made = page()
    there = set(re.findall(r'\sid="([^"]*)"', made))
    assert len(there) == len(re.findall(r'\sid="', made)), "an id stands twice"
    assert set(re.findall(r'href="#([^"]*)"', made)) <= there


def test_a_page_is_walked_by_its_landmarks_and_headings():
    made = page()
    body = made[made.index("<body") :]
    marks = re.findall(r"<(a class=\"skip\"|header|main|nav|/main)", body)
    assert marks == ['a class="skip"', "header", "nav", "nav", "main", "/main"]
    levels = [int(level) for level in re.findall(r"<h(\d)", body)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))
    images = re.findall(r"<img[^>]*>", body)
    assert len(images) == 2
    assert all(re.search(r'alt="[^"]+"', image) for image in images)


def test_simulated_data_are_told_at_once_and_on_every_printed_page():
    told, silent = page(simulated=True), page(simulated=False)
    assert '<body class="simulated">' in told
    assert '<p class="simulated" role="note">DATOS SIMULADOS</p>' in told
    assert '@top-right { content: "DATOS SIMULADOS"; }' in told
    assert "DATOS SIMULADOS" not in silent
    assert "<body>" in silent


def test_a_title_is_text_wherever_it_stands():
    made = page(title=HOSTILE)
    assert "<script" not in made
    assert made.count("</style>") == made.count("</title>") == 1
    assert "&lt;script&gt;alert(1)" in made


def test_a_failed_notebook_is_made_no_page():
    failed = notebook("en")
    failed.cells[4].outputs.append(
        v4.new_output("error", ename="KeyError", evalue="'x'", traceback=["a", "b"])
    )
    with pytest.raises(Declined, match="cell 5 of the notebook failed with KeyError"):
        html(failed, language=language("en"), title="t", description="d", simulated=False)


def test_a_notebook_that_was_not_executed_is_made_no_page():
    empty = v4.new_notebook(cells=[v4.new_code_cell("1")])
    with pytest.raises(Declined, match="execute it"):
        html(empty, language=language("en"), title="t", description="d", simulated=False)


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dim, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dim + 0.05)


def test_everything_written_stands_out_from_its_ground():
    (block,) = re.findall(r":root \{(.*?)\}", asset("page.css"), re.DOTALL)[:1]
    colours = dict(re.findall(r"--([\w-]+): (#\w{6});", block))
    grounds = {
        name: colours.pop(name) for name in [*colours] if name in ("paper", "panel") or "ground" in name
    }
    colours.pop("rule")
    assert len(grounds) == 5
    assert len(colours) >= 6
    for name, colour in colours.items():
        on = ["paper", "panel"] + [ground for ground in grounds if ground == f"{name}-ground"]
        for ground in on:
            assert contrast(colour, grounds[ground]) >= 4.5, (name, ground)
    for ground in grounds.values():
        for name in ("ink", "quiet", "link"):
            assert contrast(colours[name], ground) >= 4.5, (name, ground)


def test_no_colour_is_written_but_those_that_were_tested():
    style = asset("page.css") + asset("print.css")
    (block,) = re.findall(r":root \{(.*?)\}", asset("page.css"), re.DOTALL)[:1]
    assert set(re.findall(r"#[0-9a-f]{6}\b", style)) <= set(re.findall(r"#\w{6}", block))


def test_the_three_verdicts_differ_in_shape_and_not_by_colour_alone():
    marks = re.findall(r"\.verdict\.(\w+) \{ --mark: url\(\"(.*?)\"\); \}", asset("page.css"))
    assert [name for name, _ in marks] == ["viable", "not_viable", "not_yet"]
    shapes = {re.sub(r"%23\w+", "", mark) for _, mark in marks}
    assert len(shapes) == 3


@pytest.mark.parametrize("name", SOURCES)
def test_the_type_is_what_is_cut_from_the_fonts_of_matplotlib(name):
    """By content: another version of zlib or fontTools would write other bytes."""
    from io import BytesIO

    from fontTools.ttLib import TTFont

    with TTFont(ASSETS / "fonts" / f"{name}.woff") as kept, TTFont(BytesIO(face(name))) as cut:
        assert kept.getBestCmap() == cut.getBestCmap()
        assert set("áéíóúñü¿¡«»“”€×−–…") <= {chr(code) for code in kept.getBestCmap() or ()}
        assert kept["hmtx"].metrics == cut["hmtx"].metrics
        assert kept["glyf"].glyphs.keys() == cut["glyf"].glyphs.keys()
        assert "STIX Fonts" not in str(kept["name"].getDebugName(1))
        assert kept.flavor == "woff"


def test_the_licence_of_the_type_lies_beside_it():
    assert "SIL OPEN FONT LICENSE Version 1.1" in (ASSETS / "fonts" / "LICENSE").read_text()
    assert {f"{name}.woff" for name, *_ in FACES} | {"LICENSE"} == {
        one.name for one in (ASSETS / "fonts").iterdir()
    }


def test_a_wheel_holds_what_the_page_is_made_of(tmp_path):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=workspace.source(), check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    inside = "vispera/report/feasibility/asset/"
    there = {name.partition(inside)[2] for name in ZipFile(wheel).namelist() if inside in name}
    assert there == {one.relative_to(ASSETS).as_posix() for one in ASSETS.rglob("*") if one.is_file()}
