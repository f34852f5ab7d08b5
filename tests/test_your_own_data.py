"""docs/your-own-data.md as a newcomer goes through it: its files, its commands, and what they say."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from vispera import workspace
from vispera.__main__ import main
from vispera.commands.report import SHELF
from vispera.record import read_all

ROOT = workspace.source()
FOLDER = ROOT / "docs" / "your-own-data"
PAGE = FOLDER.with_suffix(".md").read_text()
WAY, TROUBLE = PAGE.split("## What one meets on the way")
OUTLASTING = ("train -m", "replay", "report")
"""Steps of the way that take longer than somebody who tests would wait."""


@dataclass(frozen=True)
class Step:
    """A command of the page, and the lines that it shows; ``...`` stands for any, or any part of one."""

    command: str
    said: tuple[str, ...]

    @property
    def long(self) -> bool:
        return self.command.startswith(tuple(f"vispera {one}" for one in OUTLASTING))

    def matches(self, output: str) -> bool:
        """Whether an output is what is shown, from its first line to its last."""
        lines = [
            r"(?:.*\n)*?" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") + r"\n"
            for line in self.said
        ]
        return bool(re.fullmatch("".join(lines), output.removesuffix("\n") + "\n"))


def steps(text: str) -> list[Step]:
    """Commands of the console blocks of a text, in order."""
    found = []
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *said = part.splitlines()
            found.append(Step(command, tuple(said)))
    return found


MADE, QUICK = steps(WAY)[:2], [step for step in steps(WAY)[2:] if not step.long]
LONG = [step for step in steps(WAY) if step.long]
MET = [
    (int(code), *steps(rest))
    for code, rest in re.findall(
        r"^\*\*Exit (\d)[:,](.*?```console.*?```)", TROUBLE, re.DOTALL | re.MULTILINE
    )
]


def typed(command: str, home: Path) -> subprocess.CompletedProcess[str]:
    """A command of the page as a shell runs it in a workspace."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    variables = {name: value for name, value in os.environ.items() if not name.startswith("VISPERA_")}
    return subprocess.run(
        ["bash", "-c", command],
        cwd=home,
        env={**variables, "PATH": path, "VISPERA_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


def begun(home: Path) -> Path:
    """A workspace after the first two commands of the page."""
    shutil.copytree(FOLDER, home / "docs" / "your-own-data")
    for step in MADE:
        done = typed(step.command, home)
        assert done.returncode == 0, done.stderr
        assert done.stdout == ""
    return home


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return begun(tmp_path_factory.mktemp("casas"))


@pytest.fixture
def here(home, monkeypatch) -> Path:
    """The workspace, in which this process now is."""
    monkeypatch.chdir(home)
    monkeypatch.setenv("VISPERA_HOME", str(home))
    monkeypatch.delenv("VISPERA_DATA", raising=False)
    return home


def test_the_page_shows_the_files_that_it_speaks_of():
    shown = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert shown == [(FOLDER / name).read_text() for name in ("problem/casas.yaml", "model/casas_rule.yaml")]


def test_the_page_shows_the_first_lines_of_the_file(home):
    (shown,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert (home / "casas" / "reservas.csv").read_text("cp1252").startswith(shown)


def test_every_column_of_the_file_is_asked_about_and_described_as_the_owner_said(home):
    header = (home / "casas" / "reservas.csv").read_text("cp1252").splitlines()[0].split(";")
    rows = re.findall(r"^\| ([A-ZÑ][^|]+) \| [^|]+ \| `(\w+)`(?:, (\w+))? \|$", PAGE, re.MULTILINE)
    told = {name: (known, kind) for names, known, kind in rows for name in names.split(", ")}
    assert set(told) == set(header)
    described = yaml.safe_load((FOLDER / "problem" / "casas.yaml").read_text())
    of = {"booking_date": ("booking", "date"), "arrival_date": ("booking", "date")}
    for known, kinds in described["schema"]["columns"].items():
        of |= {name: (known, kind) for kind, names in kinds.items() for name in names}
    assert {name: of[described["rename"][name]] for name in header[:-2]} == {
        name: told[name] for name in header[:-2]
    }


@pytest.mark.parametrize("step", QUICK, ids=lambda step: step.command)
def test_a_short_step_of_the_way_says_what_the_page_shows(step, here, capsys):
    assert main(shlex.split(step.command)[1:]) == 0
    output = capsys.readouterr().out
    assert step.matches(output), output


@pytest.mark.parametrize(("code", "step"), MET, ids=[step.command for _, step in MET])
def test_what_one_meets_is_said_as_the_page_shows_it(code, step, here, capsys):
    assert main(shlex.split(step.command)[1:]) == code
    said = capsys.readouterr()
    assert step.matches(said.out if code in (0, 3) else said.err), said


@pytest.mark.parametrize("key", ["problem.csv.encoding=utf-8", "problem.csv.decimal='.'"])
def test_what_is_the_same_with_another_key_ends_the_same(key, here, capsys):
    assert f"`{key}`" in PAGE
    assert main(["data", "--config-dir", "casas", "problem=casas", key]) == 5
    assert key.partition("=")[0] in capsys.readouterr().err


def test_the_page_has_a_command_for_each_trouble():
    assert len(MET) == len(re.findall(r"^\*\*Exit ", TROUBLE, re.MULTILINE)) == 11
    assert QUICK
    assert [step.command.split()[1] for step in LONG] == ["train", "replay", "report", "report"]


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:conf|docs|tests)/[\w./-]+)`", PAGE))))
def test_a_path_of_the_page_exists(path):
    assert (ROOT / path).exists()


@pytest.mark.slow
def test_the_way_leads_from_the_file_to_a_report_in_both_languages(tmp_path):
    home = begun(tmp_path)
    for step in LONG:
        done = typed(step.command, home)
        assert done.returncode == 0, done.stderr
        assert step.matches(done.stdout) or step.matches(done.stderr), done.stdout + done.stderr
    runs = read_all(home / "experiments")
    assert [run.verb for run in runs] == ["train", "train", "replay", "report", "report"]
    (report,) = home.joinpath(*SHELF).glob("001-*")
    assert json.loads((report / "report.json").read_text())["verdict"]["answer"] == "not_viable"
    for language in ("es", "en"):
        page = (report / language / f"feasibility-001-{language}.html").read_text()
        decision = yaml.safe_load((FOLDER / "problem" / "casas.yaml").read_text())["decision"]
        assert decision["question"][language] in page
        assert "SIMULATED" not in page
