"""What a refused command line meant: for each word that does not fit, the nearest one that does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from hydra._internal.config_repository import IConfigRepository
from hydra.core.object_type import ObjectType
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import Container, DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from vispera.door.verb import ALIASES
from vispera.errors import nearest

Compose = Callable[[Sequence[str], RunMode], DictConfig]
NOT_COMPOSED = (HydraException, OmegaConfBaseException, YAMLError, OSError, ValueError)
"""What Hydra raises for words that it cannot place, or files that it cannot read."""
NOISE = ("full_key:", "object_type=", "reference_type=")
"""How lines begin in which OmegaConf tells of its inner life."""
SPACE = "space"
"""Node of a model that says what is searched; its keys repeat those of the values, and are seldom meant."""
ABSENT = object()
LIKELY = 0.7
"""Least similarity, 0 to 1, at which a name is offered as the one that was meant."""


def spelling_faults(
    repository: IConfigRepository, words: Sequence[str], compose: Compose, failure: Exception
) -> tuple[list[str], list[str]]:
    """One fault for each word that Hydra could not place, and the words that it could.

    Where no single word is to blame, the one fault is what Hydra said, in one line.
    """
    parsed, faults = parsed_words(words)
    groups = Groups(repository)
    chosen, keyed = [], []
    for word, override in parsed:
        if override.key_or_group in groups.options:
            fault = groups.fault(override)
            faults += fault
            chosen += [] if fault else [word]
        else:
            keyed.append((word, override))
    try:
        config = compose(chosen, RunMode.MULTIRUN)
    except NOT_COMPOSED:
        return faults or [in_one_line(failure)], []
    keys = dict.fromkeys([*_keys(config), *groups.names])
    for word, override in keyed:
        fault = _key_fault(word, override, config, keys)
        faults += fault
        chosen += [] if fault else [word]
    return faults or [in_one_line(failure)], chosen


def parsed_words(words: Sequence[str]) -> tuple[list[tuple[str, Override]], list[str]]:
    """Each word as Hydra reads it, and a fault for each that it cannot read."""
    parser = OverridesParser.create()
    parsed, faults = [], []
    for word in words:
        try:
            parsed.append((word, parser.parse_override(word)))
        except HydraException:
            hint = "" if "=" in word else f"; if it is a key, type {word}=VALUE"
            faults.append(f"{word}: cannot be read as key=value{hint}; quote signs, as in 'note=\"a, b\"'")
    return parsed, faults


class Groups:
    """Config groups (``model``, ``problem`` ...) and their options."""

    def __init__(self, repository: IConfigRepository):
        self.options = {
            name: options
            for name in _group_names(repository)
            if (options := repository.get_group_options(name, ObjectType.CONFIG))
        }
        self.names = [name for name in self.options if "/" not in name]

    def fault(self, override: Override) -> list[str]:
        """Fault of each option that the override names and that does not exist."""
        group = override.key_or_group
        if override.is_delete():
            return []
        spelt = next((typed for typed, name in ALIASES.items() if name == override.get_key_element()), None)
        typed = spelt or override.get_key_element().lstrip("+")
        options = self.options[group]
        return [
            f"{typed}={given}: there is no {group} '{given}'; {near}; type {typed}={_offered(near)}"
            for given in _values(override)
            if isinstance(given, str) and given.removesuffix(".yaml") not in options
            for near in [nearest(given, options)]
        ]


def _offered(near: str) -> str:
    return near.split("'")[1] if "'" in near else "ONE_OF_THESE"


def _group_names(repository: IConfigRepository, parent: str = "") -> Iterator[str]:
    for name in repository.get_group_options(parent, ObjectType.GROUP):
        full = f"{parent}/{name}" if parent else name
        yield full
        yield from _group_names(repository, full)


def _values(override: Override) -> list[Any]:
    """Values that a word gives to its key: one, or all those of a sweep."""
    if override.is_discrete_sweep():
        return [_unquoted(text) for text in override.sweep_string_iterator()]
    value = override.value()
    return list(value) if isinstance(value, list) else [value]


def _unquoted(text: str) -> str:
    return text.strip("'\"")


def _key_fault(word: str, override: Override, config: DictConfig, keys: Mapping[str, None]) -> list[str]:
    key = override.key_or_group
    if override.is_add() or override.is_force_add() or _exists(config, key):
        return []
    if override.package is not None:
        return [f"{word}: there is no group '{key}'; {nearest(key, keys)}"]
    value = word.partition("=")[2]
    if found := closest_key(key, keys):
        meant = f"~{found}" if override.is_delete() else f"{found}={value}"
        return [f"{word}: there is no '{key}'; closest: '{found}'; type {meant}"]
    top = dict.fromkeys(name.partition(".")[0] for name in keys if not name.startswith("hydra"))
    return [f"{word}: there is no '{key}'; allowed: {', '.join(top)}; --help shows all keys"]


def _exists(config: DictConfig, key: str) -> bool:
    try:
        return OmegaConf.select(config, key, default=ABSENT) is not ABSENT
    except OmegaConfBaseException:
        # an interpolation that cannot be followed yet, or a way through a scalar
        parent, _, last = key.rpartition(".")
        node = OmegaConf.select(config, parent) if parent else config
        return isinstance(node, DictConfig) and last in node.keys()  # noqa: SIM118  (`in` follows interpolations)


def _keys(node: Container, path: str = "") -> Iterator[str]:
    """Dotted names of everything below a node."""
    if not isinstance(node, DictConfig) or node._is_none() or node._is_missing() or node._is_interpolation():
        return
    for key in node:
        where = f"{path}.{key}" if path else str(key)
        yield where
        child = node._get_node(key)
        if isinstance(child, Container):
            yield from _keys(child, where)


def closest_key(given: str, keys: Sequence[str] | Mapping[str, None]) -> str | None:
    """The key that was most likely meant, wherever it stands; None if none is like it.

    >>> closest_key("iterations", ["seed", "model.name", "model.estimator.iterations"])
    'model.estimator.iterations'
    >>> closest_key("model.iteratoins", ["model.name", "model.estimator.iterations"])
    'model.estimator.iterations'
    >>> closest_key("depth", ["model.space.estimator.depth", "model.estimator.depth"])
    'model.estimator.depth'
    """
    hydra_meant = given.startswith("hydra")
    candidates = [key for key in keys if key.startswith("hydra") == hydra_meant]
    if not any(_ratio(part, SPACE) >= LIKELY for part in given.split(".")):
        candidates = [key for key in candidates if SPACE not in key.split(".")]
    best = max(candidates, key=lambda key: _likeness(given, key), default=None)
    return best if best is not None and _likeness(given, best) >= LIKELY else None


def _likeness(given: str, key: str) -> float:
    """0 to 1; the last part of the name counts most, and being in the right place a little."""
    whole = _ratio(given, key)
    last = _ratio(given.rpartition(".")[2], key.rpartition(".")[2])
    return max(whole, 0.7 * last + 0.3 * whole)


def _ratio(a: str, b: str) -> float:
    return SequenceMatcher(None, a, b).ratio()


def in_one_line(failure: BaseException) -> str:
    """What Hydra said, without its layout and its advice on stack traces."""
    texts = [str(failure)] + ([str(failure.__cause__)] if failure.__cause__ else [])
    lines = [line.strip() for text in texts for line in text.splitlines()]
    kept = [line for line in lines if line and not line.startswith(NOISE)]
    return "; ".join(dict.fromkeys(kept)) or type(failure).__name__
