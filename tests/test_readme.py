"""The README's commands are real: targets exist, commands compose, verbs and exit codes are told."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from vispera import workspace
from vispera.door.application import composed
from vispera.door.verb import VERBS

ROOT = workspace.source()
README = (ROOT / "README.md").read_text()
COMMANDS = [line[2:] for line in README.splitlines() if line.startswith("$ ")]
MAKEFILE = (ROOT / "Makefile").read_text()


def words_of(command: str) -> tuple[str, list[str]] | None:
    """Verb and words of a command of ours; None for another one."""
    words = shlex.split(command)
    if words[:2] == ["python", "train.py"]:
        return "train", words[2:]
    return (words[1], words[2:]) if words[0] == "vispera" else None


@pytest.mark.parametrize("command", [c for c in COMMANDS if words_of(c)])
def test_a_command_of_the_readme_composes(command, monkeypatch, tmp_path):
    monkeypatch.setenv("VISPERA_DATA", str(tmp_path))
    verb, words = words_of(command) or ("", [])
    for word in (word for word in words if word != "-m"):
        key, _, value = word.partition("=")
        for option in value.split(",") if "-m" in words else [value]:
            assert composed(verb, [f"{key}={option}"]) is not None


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake ([a-z]+)\b", README))))
def test_a_target_of_the_readme_exists(target):
    assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)


def test_continuous_integration_runs_the_test_command_of_the_readme():
    assert "$ make test" in README
    assert (ROOT / ".ci" / "run").read_text().splitlines()[-1] == "make test"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_told(verb):
    assert f"| `{verb}` |" in README


PATHS = sorted(set(re.findall(r"`((?:conf|src|experiments|reports)/[\w./]+)`", README)))


@pytest.mark.parametrize("path", PATHS)
def test_a_path_of_the_readme_exists(path):
    assert (ROOT / path).exists()


def test_no_placeholder_is_left():
    assert not re.search(r"[A-Z]+_(OUTPUT|RESULTS)", README)


def test_the_licence_of_code_and_data_is_named():
    assert "MIT" in (ROOT / "LICENSE").read_text()
    assert "CC BY 4.0" in README
    assert Path(ROOT / "CHANGELOG.md").read_text().startswith("# Changelog")
