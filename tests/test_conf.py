"""Every option in ``conf/`` composes and becomes typed arguments; every verb has its root and its recipe."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

from vispera import workspace
from vispera.door.application import composed
from vispera.door.building import arguments
from vispera.door.verb import VERBS

CONF = workspace.source() / "conf"
ROOTS = {path.stem for path in CONF.glob("*.yaml")} - {"door"}


def options(group: str) -> list[str]:
    return sorted(path.stem for path in (CONF / group).glob("*.yaml"))


GROUPS = {path.name: options(path.name) for path in CONF.iterdir() if path.is_dir() and path.name != "hydra"}
CHOICES = [f"{group}={option}" for group, named in GROUPS.items() for option in named]
NEEDED = {"problem=table": ["data.path=somewhere.csv"]}
"""What an option cannot do without: a file of one's own has no default."""
OF_A_VERB = {"registry": "pull"}
"""The verb that chooses from a group, where that is not train."""


def made(verb: str, *words: str):
    recipe = import_module(f"vispera.commands.{verb}")
    return arguments(recipe.Arguments, composed(verb, words))


def test_every_verb_has_a_root_a_recipe_and_a_line():
    assert set(VERBS) == ROOTS
    for verb in VERBS:
        recipe = import_module(f"vispera.commands.{verb}")
        assert callable(recipe.run)
        assert recipe.Arguments.__dataclass_params__.frozen
        assert (recipe.__doc__ or "").startswith(f"``vispera {verb}``")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_composes(verb):
    assert made(verb) is not None


@pytest.mark.parametrize("choice", CHOICES)
def test_every_option_composes(choice):
    group, _, option = choice.partition("=")
    found = made(OF_A_VERB.get(group, "train"), choice, *NEEDED.get(choice, []))
    if group in ("problem", "model"):
        assert getattr(found, group).name == option


@pytest.mark.parametrize("model", GROUPS["model"])
def test_every_model_can_be_the_baseline(model):
    assert made("train", f"baseline={model}").baseline.name == model


@pytest.mark.parametrize("problem", GROUPS["problem"])
def test_every_problem_serves_the_verb_data(problem):
    assert made("data", f"problem={problem}", *NEEDED.get(f"problem={problem}", [])).problem.name == problem


def test_the_defaults_are_the_simulated_problem_and_our_own_setting_of_catboost():
    found = made("train")
    assert (found.problem.name, found.model.name, found.baseline.name) == ("simulated", "catboost", "rule")


@pytest.mark.parametrize("path", sorted(CONF.rglob("*.yaml")), ids=lambda path: str(path.relative_to(CONF)))
def test_no_path_of_one_machine_and_no_secret_stands_in_a_file(path):
    text = path.read_text()
    assert not re.search(r"/(home|Users|root|work|srv)/|\b(api_key|password):", text)
