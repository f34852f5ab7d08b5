"""Which classes a configuration may name: those of a few packages, and nothing reached through them."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator
from typing import Any

from omegaconf import Container, DictConfig, ListConfig, Node
from omegaconf.errors import OmegaConfBaseException

ALLOWED = ("vispera.", "sklearn.", "catboost.", "optuna.")
IN_HYDRA = (*ALLOWED, "hydra_plugins.", "hydra._internal.core_plugins.", "hydra.experimental.")
LOGGING = ("logging.", "vispera.")
STREAMS = ("ext://sys.stdout", "ext://sys.stderr")

TEXT_TO_NODES = re.compile(r"oc\.(create|decode)")
"""Resolvers that make nodes out of text: in the ``hydra`` node they could bring targets in unseen."""
QUOTED = ("hydra.overrides.", "hydra.job.override_dirname")
"""Where Hydra quotes what was typed, and acts on none of it."""


def refused_targets(config: DictConfig) -> list[str]:
    """One fault for each class that the composed configuration names and may not.

    Looks at every node, those of Hydra itself included: Hydra builds launchers, sweepers, callbacks and
    loggers before any task runs. Nothing is imported for targets outside ``hydra``; ``resolve`` does the
    rest when they are built.
    """
    faults = []
    for path, key, value, written in leaves(config):
        if path.startswith(QUOTED):
            continue
        inside_hydra = path.startswith("hydra.")
        if key == "_target_":
            faults += _faults(path, value, IN_HYDRA if inside_hydra else ALLOWED, locate=inside_hydra)
        elif inside_hydra and _in_logging(path):
            faults += _logging_faults(path, key, value)
        if inside_hydra and isinstance(written, str) and TEXT_TO_NODES.search(written):
            faults.append(f"{path}={written}: Hydra's own settings may not be made from text; type them out")
    return list(dict.fromkeys(faults))


def resolve(target: str, allowed: tuple[str, ...] = ALLOWED) -> type:
    """Class of that dotted name; ValueError if it is none, or is defined elsewhere than it pretends.

    ``vispera.record.os.system`` begins rightly and ends in another package, so the place where the class
    was defined is asked too.
    """
    found = pkgutil.resolve_name(target)
    if not isinstance(found, type):
        raise ValueError(f"'{target}' is not a class")
    if not f"{found.__module__}.".startswith(allowed):
        raise ValueError(f"'{target}' belongs to {found.__module__}")
    return found


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, str, Any, Any]]:
    """Dotted path, last key, value and what is written, of every scalar; interpolations are followed."""
    if node._is_none() or node._is_missing() or node._is_interpolation():
        return
    for key in range(len(node)) if isinstance(node, ListConfig) else list(node):
        child: Any = node._get_node(key)
        where, written = f"{path}.{key}" if path else str(key), child._value()
        if child._is_interpolation():
            child = _followed(node, key)
            if isinstance(child, Container):
                yield where, str(key), None, written
        if isinstance(child, Container):
            yield from leaves(child, where)
        else:
            yield where, str(key), child._value() if isinstance(child, Node) else child, written


def _followed(node: Any, key: Any) -> Any:
    """What an interpolation gives; the interpolation itself where it cannot be followed yet."""
    try:
        return node[key]
    except OmegaConfBaseException:
        return node._get_node(key)._value()


def _faults(path: str, value: Any, allowed: tuple[str, ...], locate: bool) -> list[str]:
    if value is None or value == "???":
        return []
    names = ", ".join(f"{prefix}*" for prefix in allowed)
    if not isinstance(value, str) or not value.startswith(allowed):
        return [f"{path}={value}: this class may not be built; allowed: {names}"]
    if locate:
        try:
            resolve(value, allowed)
        except Exception as refusal:  # whatever importing it raises, it is not used
            reason = str(refusal).splitlines()[0]
            return [f"{path}={value}: this class may not be built, {reason}; allowed: {names}"]
    return []


def _in_logging(path: str) -> bool:
    return path.startswith(("hydra.job_logging.", "hydra.hydra_logging."))


def _logging_faults(path: str, key: str, value: Any) -> list[str]:
    """Faults of a logging configuration, where ``class`` and ``()`` name what is called."""
    if not isinstance(value, str):
        return []
    if key in ("()", "class"):
        return _faults(path, value, LOGGING, locate=True)
    if value.startswith(("ext://", "cfg://")) and value not in STREAMS:
        return [f"{path}={value}: logging may write to {' or '.join(STREAMS)}"]
    return []
