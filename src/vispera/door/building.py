"""Typed arguments from a composed configuration, with every fault told at once."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import re
from collections.abc import Mapping
from typing import Any

from omegaconf import DictConfig, OmegaConf, flag_override
from omegaconf.errors import OmegaConfBaseException

from vispera.door.spelling import in_one_line
from vispera.door.target import ALLOWED, leaves, resolve
from vispera.errors import UsageError, VisperaError, nearest

OWN = "vispera."
OTHERS = tuple(prefix for prefix in ALLOWED if prefix != OWN)
SIMPLE = re.compile(r"\$\{([\w.]+)\}")
"""An interpolation that takes over the value of another key as it is."""
WANTED = {
    "int": ("a whole number", "1"),
    "float": ("a number", "0.5"),
    "bool": ("true or false", "true"),
    "string": ("a text", "TEXT"),
    "tuple": ("a list", "[a,b]"),
    "list": ("a list", "[a,b]"),
    "dict": ("keys with values", "{a:1}"),
    "mapping": ("keys with values", "{a:1}"),
    "path": ("a path", "PATH"),
}
"""What to say of a pydantic error, by the first word of its type: what is allowed, and an example."""


def arguments(kind: type, config: DictConfig, only_own: bool = False) -> Any:
    """Arguments of a verb from its composed configuration; UsageError with one line for each fault.

    See `build` for ``only_own``.
    """
    config = without_hydra(config)
    # `OmegaConf.missing_keys` would follow interpolations, those that lead nowhere among them
    absent = [path for path, _, _, written in leaves(config) if written == "???"]
    if absent:
        raise UsageError(*(f"{key} has no value; type {key}=VALUE" for key in absent))
    values = as_plain(config)
    try:
        return build(kind, values, only_own)
    except UsageError as refusal:
        raise UsageError(*dict.fromkeys(_at_its_source(fault, config) for fault in refusal.faults)) from None


def without_hydra(config: DictConfig) -> DictConfig:
    """The part of a configuration that is the verb's own."""
    mine = copy.deepcopy(config)
    with flag_override(mine, ["struct", "readonly"], False):
        mine.pop("hydra", None)
    return mine


def as_plain(config: DictConfig) -> dict[str, Any]:
    """Dicts, lists and scalars of a configuration, interpolations followed; UsageError if one cannot be."""
    try:
        plain: Any = OmegaConf.to_container(config, resolve=True)
    except OmegaConfBaseException as failure:
        where = f"{failure.full_key}: " if failure.full_key else ""
        raise UsageError(f"{where}{in_one_line(failure)}") from failure
    return plain


def _at_its_source(fault: str, config: DictConfig) -> str:
    """The fault of a value that was taken over from another key, told of that key."""
    path = fault.partition("=")[0]
    if path == fault or " " in path:
        return fault
    parent, _, key = path.rpartition(".")
    node = OmegaConf.select(config, parent) if parent else config
    written: Any = OmegaConf.to_container(node, resolve=False) if isinstance(node, DictConfig) else {}
    simple = SIMPLE.fullmatch(str(written.get(key)))
    return fault.replace(path, simple[1]) if simple else fault


def build(kind: type, values: Mapping[str, Any], only_own: bool = False) -> Any:
    """Object of a dataclass ``kind`` made from plain values; UsageError with one line for each fault.

    A mapping with ``_target_`` becomes an object of that class, its own fields checked in the same way.
    Keys that the dataclass has no field for are faults. With ``only_own`` nodes that name classes of other
    packages are passed over, and there is no result: those take a second to import.
    """
    passes: tuple[str | tuple[str, ...], ...] = (OWN, ALLOWED) if _names_others(values) else (ALLOWED,)
    made = None
    for allowed in passes[:1] if only_own else passes:
        faults: list[str] = []
        ready = {key: _built(value, key, faults, allowed) for key, value in values.items()}
        made = _validated(kind, ready, "", faults)
        if faults:
            raise UsageError(*dict.fromkeys(faults))
    return made


class Unbuilt:
    """Stands for a node that is not built: its own faults are told already, or its turn comes later."""


def _names_others(value: Any) -> bool:
    """Whether a class of another package is named anywhere below."""
    if isinstance(value, list):
        return any(map(_names_others, value))
    if not isinstance(value, Mapping):
        return False
    return str(value.get("_target_", "")).startswith(OTHERS) or any(map(_names_others, value.values()))


def _built(value: Any, path: str, faults: list[str], allowed: str | tuple[str, ...]) -> Any:
    """The value with every ``_target_`` below it built, innermost first."""
    if isinstance(value, list):
        return [_built(item, f"{path}.{place}", faults, allowed) for place, item in enumerate(value)]
    if not isinstance(value, Mapping):
        return value
    if "_target_" in value and allowed == OWN and _names_others(value):
        return Unbuilt()
    told = len(faults)
    parts = ((key, item) for key, item in value.items() if key != "_target_")
    ready = {key: _built(item, f"{path}.{key}", faults, allowed) for key, item in parts}
    if "_target_" not in value:
        return ready
    kind = _class(str(value["_target_"]), path, faults)
    if kind is not None and dataclasses.is_dataclass(kind):
        return _validated(kind, ready, path, faults)
    return _foreign(kind, ready, path, faults) if kind is not None and len(faults) == told else Unbuilt()


def _class(target: str, path: str, faults: list[str]) -> type | None:
    """Class that a node names; None and a fault if it may not be built."""
    allowed = ", ".join(f"{prefix}*" for prefix in ALLOWED)
    if not target.startswith(ALLOWED):
        faults.append(f"{path}._target_={target}: this class may not be built; allowed: {allowed}")
        return None
    try:
        return resolve(target)
    except Exception as refusal:  # importing a named class can raise anything
        reason = str(refusal).splitlines()[0]
        faults.append(f"{path}._target_={target}: {reason}; allowed: classes of {allowed}")
        return None


def _foreign(kind: type, given: dict[str, Any], path: str, faults: list[str]) -> Any:
    """Object of a class that is not ours, which checks its values itself when it is used."""
    parameters = inspect.signature(kind).parameters
    takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    strays = [key for key in given if key not in parameters and not takes_any]
    if strays:
        name = kind.__name__
        faults += [f"{path}.{key}: {name} takes no such thing; {nearest(key, parameters)}" for key in strays]
        return Unbuilt()
    try:
        return kind(**given)
    except (TypeError, ValueError) as failure:
        faults.append(f"{path}: {kind.__name__} refused its arguments: {str(failure).splitlines()[0]}")
        return Unbuilt()


def _validated(kind: type, given: dict[str, Any], path: str, faults: list[str]) -> Any:
    """Dataclass object with its fields checked against their type hints."""
    from pydantic import ConfigDict, ValidationError, create_model

    names = [field.name for field in dataclasses.fields(kind) if field.init]
    strays = [key for key in given if key not in names]
    faults += [f"{_dotted(path, key)}: there is no such setting; {nearest(key, names)}" for key in strays]
    # a plain dataclass ignores strange keys, unless it stands inside a model that forbids them
    config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, coerce_numbers_to_str=True)
    holder = create_model("holder", __config__=config, held=(kind, ...))
    try:
        known = {name: given[name] for name in names if name in given}
        return vars(holder.model_validate({"held": known}))["held"]
    except ValidationError as failure:
        errors = [error for error in failure.errors() if not isinstance(error["input"], Unbuilt)]
        faults += [_line(error, path) for error in errors]
    except VisperaError as refusal:  # a class's own check of its values, in __post_init__
        if not any(isinstance(value, Unbuilt) for value in given.values()):
            faults += [fault if fault.startswith(path) else f"{path}: {fault}" for fault in refusal.faults]
    return Unbuilt()


def _dotted(*parts: Any) -> str:
    return ".".join(str(part) for part in parts if part != "")


def _line(error: Any, path: str) -> str:
    """One fault: what was given, what is allowed, what to type."""
    where = _dotted(path, *error["loc"][1:])
    given, context = error["input"], error.get("ctx", {})
    if error["type"] == "missing":
        return f"{where} has no value; type {where}=VALUE"
    if error["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        return f"{where}: there is no such setting"
    shown = f"{where}={_short(given)}"
    if error["type"] == "literal_error":
        options = context["expected"].replace(" or ", ", ").replace("'", "").split(", ")
        return f"{shown}: {nearest(str(given), options)}"
    wanted, example = WANTED.get(error["type"].split("_")[0], (None, None))
    if wanted is None or error["type"] in ("value_error", "assertion_error"):
        return f"{shown}: {error['msg'].removeprefix('Value error, ')}"
    return f"{shown}: wanted {wanted}, such as {where}={example}"


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
