"""The words behind ``-m`` as a search reads them: what is fixed, which studies, what is searched."""

from __future__ import annotations

import itertools
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hydra.core.override_parser.types import ChoiceSweep, Glob, Override

from vispera.door.spelling import parsed_words
from vispera.door.syntax import as_whole, choices, dimension, spelt
from vispera.door.verb import ALIASES
from vispera.errors import UsageError
from vispera.space import Dimension, place_faults, who, why_not_searched

MODEL = "model."
SETTING = "e.g. 'model.estimator.depth=4,6' or 'model.estimator.rsm=interval(0.1,0.5)'"
SAME_FOR_ALL = ("problem", "model@baseline", "tracker", "search")
"""Groups that a search takes one option of: with two it would compare what cannot be compared, or nothing."""


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """What a command line asks a search for.

    Attributes
    ----------
    typed
        All words, as they would be typed again.
    fixed
        Words that hold for every trial.
    groups
        For each study the words that choose its options; one study without words if no group is swept.
    dimensions
        What is searched, by full key.
    fixed_keys
        Full keys below the model that ``fixed`` sets, which takes them out of a space.
    """

    typed: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    groups: tuple[tuple[str, ...], ...] = ((),)
    dimensions: dict[str, Dimension] = field(default_factory=dict)
    fixed_keys: tuple[str, ...] = ()


def read_sweep(words: Sequence[str], groups: Iterable[str]) -> Sweep:
    """What the words ask for; ``groups`` are the names of the config groups.

    A search draws in an order of its own, so ``shuffle`` and ``sort`` change nothing.

    Raises
    ------
    UsageError
        One line for each word that is wrong or cannot be searched.
    """
    parsed, faults = parsed_words(words)
    named, given = set(groups), Counter(_element(override) for _, override in parsed)
    chosen: list[tuple[str, ...]] = []
    dimensions: dict[str, Dimension] = {}
    for word, override in parsed:
        if not override.is_sweep_override():
            continue
        if reason := _refusal(word, override, named, given):
            faults.append(f"{_as_typed(word)}: {reason}")
        elif override.key_or_group in named:
            chosen.append(_options(override))
        else:
            try:
                dimensions[override.key_or_group] = dimension(word, override)
            except UsageError as refusal:
                faults += refusal.faults
    if faults:
        raise UsageError(*faults)
    fixed = [(word, override.key_or_group) for word, override in parsed if not override.is_sweep_override()]
    return Sweep(
        typed=tuple(_as_typed(word) for word in words),
        fixed=tuple(word for word, _ in fixed),
        groups=tuple(tuple(product) for product in itertools.product(*chosen)),
        dimensions=dimensions,
        fixed_keys=tuple(key for _, key in fixed if key.startswith(MODEL) and not _is_space(key)),
    )


def effective_space(
    model_space: Mapping[str, Dimension],
    dimensions: Mapping[str, Dimension],
    fixed_keys: Iterable[str] = (),
    values: Mapping[str, Any] | None = None,
) -> dict[str, Dimension]:
    """What one study searches, by key below the model's node, sorted.

    Parameters
    ----------
    model_space
        As `read_space` gives it, by key below the model's node.
    dimensions, fixed_keys
        Of the command line, by full key: the ones replace or add, the others take out what stands at or
        below them.
    values
        The model's node with today's values, to tell a misspelt key before the first trial.

    Raises
    ------
    UsageError
        A searched key is no value of the model, or nothing is left to be searched.
    """
    values = values or {}
    fixed = [f"{key.removeprefix(MODEL)}." for key in fixed_keys]
    own = {key: found for key, found in model_space.items() if not f"{key}.".startswith(tuple(fixed))}
    typed = {key.removeprefix(MODEL): found for key, found in dimensions.items()}
    faults = []
    if values:
        own_only = {key: found for key, found in own.items() if key not in typed}
        faults += [*place_faults(own_only, values, "model.space"), *place_faults(typed, values, "model")]
    for key, found in typed.items():
        try:
            own[key] = _whole_where_wanted(key, found, model_space, values)
        except UsageError as refusal:
            faults += refusal.faults
    if faults:
        raise UsageError(*faults)
    if not own:
        raise UsageError(
            f"{who(values)} has nothing to search; give a range of a setting, {SETTING}, "
            "or type search=grid for every combination of the words"
        )
    return dict(sorted(own.items()))


def _refusal(word: str, override: Override, groups: set[str], given: Counter[str]) -> str | None:
    """Why a swept word is not searched, and what to type instead; None if it is."""
    key, element, swept = override.key_or_group, _element(override), override._value
    instead = f"to run each, type {shlex.quote(_as_typed(word))} search=grid"
    if given[element] > 1:
        return f"'{element}' is given {given[element]} times; leave one"
    if isinstance(swept, Glob) or (key in groups and not isinstance(swept, ChoiceSweep)):
        return "a search wants all options written out, as in model=logistic,catboost"
    if element.partition(".")[0] == "search":
        return "a search has one setting of its own; give a single value"
    if key in groups:
        return f"a search has one {_as_typed(element)}; {instead}" if element in SAME_FOR_ALL else None
    if not key.startswith(MODEL):
        return f"only settings of the model are searched, {SETTING}; {instead}"
    if reason := why_not_searched(key.removeprefix(MODEL)):
        return f"{key} is never searched: {reason}; {instead}"
    if override.is_add() or override.is_force_add():
        return f"a searched setting stands in the model's YAML; put {key} there, or {instead}"
    if any(isinstance(value, list | dict) for value in getattr(swept, "list", ())):
        return f"only single values are searched, no lists; {instead}"
    return None


def _options(override: Override) -> tuple[str, ...]:
    """A word for each option of a swept group."""
    name = override.get_key_element()
    return tuple(dict.fromkeys(f"{name}={spelt(option)}" for option in choices(override)))


def _element(override: Override) -> str:
    """The key without a sign before it, and with the package behind it."""
    return override.get_key_element().lstrip("+~")


def _is_space(key: str) -> bool:
    return f"{key}.".startswith(f"{MODEL}space.")


def _whole_where_wanted(
    key: str, found: Dimension, model_space: Mapping[str, Dimension], values: Mapping[str, Any]
) -> Dimension:
    """Whole numbers where the model wants them: an interval of Hydra's never says so itself."""
    written: Any = values
    for part in key.split("."):
        written = written.get(part) if isinstance(written, Mapping) else None
    wanted = model_space[key].whole if key in model_space else type(written) is int
    if not wanted or found.whole or found.low is None or found.high is None or found.step is not None:
        return found
    low, high = as_whole(found.low), as_whole(found.high)
    if not isinstance(low, int) or not isinstance(high, int):
        raise UsageError(f"{MODEL}{key}: takes whole numbers, and {low} to {high} is given; round both ends")
    return replace(found, low=low, high=high)


def _as_typed(word: str) -> str:
    """A word under the name that is typed for its group."""
    name, equals, rest = word.partition("=")
    return f"{next((typed for typed, hydra in ALIASES.items() if hydra == name), name)}{equals}{rest}"
