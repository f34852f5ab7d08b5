"""What docs/first-conversation.md shows is what the problems declare, and no decision is left unasked."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest
import yaml

from test_readme import words_of
from vispera import workspace
from vispera.decision import Costs, Decision
from vispera.door.application import composed
from vispera.text import language

ROOT = workspace.source()
PAGE = (ROOT / "docs" / "first-conversation.md").read_text()
BLOCKS = re.findall(r"```yaml\n# (\S+)\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = re.findall(r"^\$ (.+)$", PAGE, re.MULTILINE)
SHOWN = [(file, yaml.safe_load(text)) for file, text in BLOCKS]
TELLS_EVERYTHING = "conf/problem/shared/bookings.yaml"


def differences(shown, declared, where: str = "") -> list[str]:
    """Paths at which what is shown is not what is declared; mappings may be shown in part."""
    if isinstance(shown, dict) and isinstance(declared, dict):
        return [
            line for key in shown for line in differences(shown[key], declared.get(key), f"{where}.{key}")
        ]
    return [] if shown == declared else [f"{where}: {shown!r} is not {declared!r}"]


def asked(name: str) -> list[dict]:
    """Every block's part of the decision that has this field."""
    return [shown["decision"][name] for _, shown in SHOWN if name in shown.get("decision", {})]


def test_every_block_names_its_file():
    assert PAGE.count("```yaml") == len(BLOCKS) > len(fields(Decision))


@pytest.mark.parametrize(("file", "text"), BLOCKS, ids=[f"{i}-{file}" for i, (file, _) in enumerate(BLOCKS)])
def test_a_block_is_what_stands_in_the_file(file, text):
    declared = yaml.safe_load((ROOT / file).read_text())
    assert differences(yaml.safe_load(text), declared) == []


@pytest.mark.parametrize("name", [one.name for one in fields(Decision)])
def test_every_field_of_a_decision_is_asked_for_once_and_whole(name):
    (shown,) = asked(name)
    file = next(file for file, block in SHOWN if name in block.get("decision", {}))
    assert shown == yaml.safe_load((ROOT / file).read_text())["decision"][name]


def test_every_cost_is_explained():
    (block,) = [text for _, text in BLOCKS if "costs:" in text]
    for cost in fields(Costs):
        assert re.search(rf"^ +{cost.name}: \S+ +# \S", block, re.MULTILINE), cost.name


def test_every_question_says_why_it_is_asked():
    questions = re.findall(r"^## \d+\. .*?\?\n\n(.*?)$", PAGE, re.MULTILINE)
    assert len(questions) == len(re.findall(r"^## \d+\.", PAGE, re.MULTILINE)) == 13
    assert all(line.startswith("*Why it is asked.*") for line in questions)


def test_every_stakeholder_has_a_question_and_those_of_the_report_are_its_own():
    declared = yaml.safe_load((ROOT / TELLS_EVERYTHING).read_text())["decision"]["stakeholders"]
    told = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE, re.MULTILINE))
    assert list(told) == declared
    assert len(told) == 8
    roles = language("en").texts["report"]["role"]
    shared = told.keys() & roles.keys()
    assert len(shared) == 7
    assert {name: roles[name]["question"] for name in shared} == {name: told[name] for name in shared}
    assert roles["data_scientist"]["question"] in PAGE


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_two_weeks_composes(command, monkeypatch, tmp_path):
    monkeypatch.setenv("VISPERA_DATA", str(tmp_path))
    verb, words = words_of(command) or ("", [])
    several = "-m" in words
    for word in (word for word in words if "=" in word):
        key, _, value = word.partition("=")
        for option in value.split(",") if several else [value]:
            assert composed(verb, [f"{key}={option}"]) is not None


def test_the_two_weeks_have_ten_days_and_end_with_the_report():
    assert [int(day) for day in re.findall(r"Days? (\d+)(?: and \d+)?\. ", PAGE)] == [
        1,
        2,
        3,
        4,
        5,
        6,
        8,
        9,
        10,
    ]
    assert COMMANDS[-1].startswith("vispera report ")


def test_the_three_answers_are_those_of_a_report():
    answers = re.findall(r"^- \*\*(Viable|Not viable|Not yet)\.\*\*", PAGE, re.MULTILINE)
    assert answers == ["Viable", "Not viable", "Not yet"]


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:conf|docs|tests)/[\w./-]+)`", PAGE))))
def test_a_path_of_the_page_exists(path):
    assert (ROOT / path).exists()
