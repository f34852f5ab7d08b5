"""The pipeline: what each stage says it depends on, and the real `dvc` at work in a clone."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml

from clinic import CLINIC, appointments
from test_layers import MODULES, SOURCE, imported, named
from vispera import workspace
from vispera.dvc import md5_of
from vispera.record import read_all

ROOT = workspace.source()
PIPELINE = yaml.safe_load((ROOT / "dvc.yaml").read_text())
COMMANDS = {"table": "data", "audit": "audit", "train": "train"}
"""The verb of each stage."""
BY_CONFIGURATION = {
    "table": ("problem",),
    "audit": ("problem", "model"),
    "train": ("problem", "model", "tracker", "text"),
}
"""Rooms from which the configuration of a stage picks modules by name, or which hold no module."""
FILES = {named(path): path for path in MODULES}


def needed(stage: str) -> set[Path]:
    """Files of the package that a stage's command may import, those that configuration picks included."""
    waiting = ["vispera.__main__", f"vispera.commands.{COMMANDS[stage]}"]
    waiting += [
        name for name in FILES if name.split(".")[1:2] and name.split(".")[1] in BY_CONFIGURATION[stage]
    ]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        while name not in FILES:  # an object of a module
            name = name.rpartition(".")[0]
        if name not in seen:
            seen.add(name)
            waiting += (
                [name.rpartition(".")[0], *imports(FILES[name])] if "." in name else imports(FILES[name])
            )
    return {FILES[name] for name in seen}


def imports(path: Path) -> Iterable[str]:
    """Everything of the package that a module names in an import, submodules imported by name too."""
    yield from (name for _, name in imported(path))
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("vispera"):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("stage", COMMANDS)
def test_a_stage_depends_on_what_its_command_imports_and_on_no_more(stage):
    told = [dep for dep in PIPELINE["stages"][stage]["deps"] if dep.startswith("src/vispera")]
    files = {
        path for dep in told for path in ([ROOT / dep] if dep.endswith(".py") else (ROOT / dep).rglob("*.py"))
    }
    missing = sorted(str(path.relative_to(SOURCE)) for path in needed(stage) - files)
    assert missing == []
    rooms = [*BY_CONFIGURATION[stage], "commands"]
    idle = [
        dep
        for dep in told
        if Path(dep).name not in rooms and not any(path.is_relative_to(ROOT / dep) for path in needed(stage))
    ]
    assert idle == []


@pytest.mark.parametrize("stage", COMMANDS)
def test_what_a_stage_depends_on_is_there(stage):
    values = PIPELINE["vars"][0]
    for dep in PIPELINE["stages"][stage]["deps"]:
        for name, value in values.items():
            dep = dep.replace(f"${{{name}}}", value)
        assert dep.startswith("data/pipeline/") or (ROOT / dep).exists(), dep


class Clone:
    """A clone of the working tree with a pipeline of its own over a small table."""

    def __init__(self, place: Path):
        self.place = place
        ignored = shutil.ignore_patterns("__pycache__", ".venv", "data", "experiments", "multirun", "wandb")
        for name in ("conf", "src"):
            shutil.copytree(ROOT / name, place / name, ignore=ignored)
        (place / ".dvc").mkdir()
        kept = ("train.py", "requirements.lock", "pyproject.toml", ".gitignore", ".dvcignore", "dvc.yaml")
        for name in (*kept, ".dvc/config", ".dvc/.gitignore"):
            shutil.copy(ROOT / name, place / name)
        (place / "conf" / "problem" / "clinic.yaml").write_text(CLINIC)
        (place / "raw").mkdir()
        appointments().to_csv(place / "raw" / "citas.csv", index=False)
        described = yaml.safe_load((place / "dvc.yaml").read_text())
        described["vars"] = [
            {"problem": "clinic", "raw": "raw/citas.csv", "model": "logistic", "baseline": "prior"}
        ]
        (place / "dvc.yaml").write_text(yaml.safe_dump(described, sort_keys=False))
        self.run("git", "init", "-q")
        self.commit("a clone")

    def run(self, *command: str) -> str:
        """What a command says; an AssertionError with it all if it fails."""
        who = {
            f"GIT_{role}_{what}": "a@b.c" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        }
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        env = {
            **os.environ,
            **who,
            "PATH": path,
            "PYTHONPATH": str(self.place / "src"),
            "DVC_NO_ANALYTICS": "1",
        }
        env.pop("VISPERA_DATA", None)
        done = subprocess.run(
            command,
            cwd=self.place,
            env=env,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def dvc(self, *words: str) -> str:
        """What DVC says."""
        return self.run(sys.executable, "-m", "dvc", *words)

    def commit(self, message: str) -> None:
        """Commit everything that git does not ignore."""
        self.run("git", "add", "-A")
        self.run("git", "commit", "-q", "-m", message)

    def stages_run(self) -> set[str]:
        """Names of the stages that ``dvc repro`` ran."""
        said = self.dvc("repro")
        return {name for name in COMMANDS if f"Running stage '{name}'" in said}

    def change(self, path: str) -> None:
        """One byte of a file: another digit of a table's last price, a line's end more in anything else."""
        file = self.place / path
        content = file.read_bytes()
        if path.endswith(".csv"):
            at = content.rindex(b",atendida") - 1
            other = b"1" if content[at : at + 1] != b"1" else b"2"
            file.write_bytes(content[:at] + other + content[at + 1 :])
        else:
            file.write_bytes(content + b"\n")


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Clone:
    pytest.importorskip("dvc", reason="DVC is not installed")
    made = Clone(tmp_path_factory.mktemp("pipeline"))
    assert made.stages_run() == {"table", "audit", "train"}
    made.commit("the pipeline as it was run")
    return made


@pytest.mark.slow
def test_a_second_repro_does_nothing(clone):
    assert clone.stages_run() == set()
    assert clone.run("git", "status", "--short") == ""


@pytest.mark.slow
def test_the_record_names_the_data_as_dvc_does(clone):
    (record, *_) = read_all(clone.place / "experiments")
    lock = yaml.safe_load((clone.place / "dvc.lock").read_text())
    (table,) = lock["stages"]["table"]["outs"]
    assert record.hashes["dvc"] == table["md5"]
    told = json.loads((record.folder / "data.json").read_text())["dvc"]
    assert told == {"path": "data/pipeline/table", "md5": table["md5"]}


@pytest.mark.slow
def test_metrics_and_plots_show(clone):
    shown = json.loads(clone.dvc("metrics", "show", "--json"))
    (told,) = (found["data"] for found in shown[""]["data"].values())
    (record, *_) = read_all(clone.place / "experiments")
    test = record.metric("log_loss", "test")
    assert test is not None
    assert told["test"]["log_loss"] == pytest.approx(test["value"], rel=1e-5)
    clone.dvc("plots", "show", "-o", "plots")
    assert "ROC by window" in (clone.place / "plots" / "index.html").read_text()
    shutil.rmtree(clone.place / "plots")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "again"),
    [
        ("raw/citas.csv", {"table", "audit", "train"}),
        ("src/vispera/problem/table.py", {"table", "audit", "train"}),
        ("conf/model/logistic.yaml", {"audit", "train"}),
        ("src/vispera/audit/__init__.py", {"audit", "train"}),
        ("src/vispera/evaluate/__init__.py", {"train"}),
        ("conf/train.yaml", {"train"}),
        ("src/vispera/commands/runs.py", set()),
        ("conf/model/catboost.yaml", set()),
    ],
)
def test_a_changed_byte_runs_again_what_depends_on_it_and_nothing_else(clone, path, again):
    clone.change(path)
    ran = clone.stages_run()
    # a stage whose inputs come out the same is left out: a byte at the end of code changes no table
    assert ran <= again
    assert bool(ran) == bool(again)
    assert min(again, key=list(COMMANDS).index, default=None) in {*ran, None}
    clone.commit(f"{path} changed")


@pytest.mark.slow
def test_another_metric_shows_as_a_difference(clone):
    path = clone.place / "conf" / "model" / "logistic.yaml"
    kept = path.read_text()
    path.write_text(kept.replace("strength: ", "strength: 0.0001  # was "))
    assert path.read_text() != kept
    assert "train" in clone.stages_run()
    changed = json.loads(clone.dvc("metrics", "diff", "--json"))
    assert any("log_loss" in key for found in changed.values() for key in found)
    clone.commit("another strength")


@pytest.mark.slow
def test_what_was_pushed_comes_back_byte_for_byte(clone, tmp_path):
    place = clone.place / "data" / "pipeline"
    before = {name: md5_of(place / name) for name in ("table", "audit", "train/model", "train/metrics.json")}
    clone.dvc("remote", "add", "-d", "store", str(tmp_path / "store"))
    clone.dvc("push")
    shutil.rmtree(place)
    shutil.rmtree(clone.place / ".dvc" / "cache")
    clone.dvc("pull")
    assert {name: md5_of(place / name) for name in before} == before
    assert clone.stages_run() == set()
