"""Help of a verb, short enough to be read: what it does, its groups with their options, keys and examples."""

from __future__ import annotations

import shutil
import string
from collections.abc import Iterator, Mapping
from typing import Any

from hydra._internal.config_repository import IConfigRepository
from hydra.core.object_type import ObjectType
from omegaconf import DictConfig, OmegaConf

from vispera.door.verb import ALIASES

DECLARED = ("problem.schema", "problem.decision", "model.space", "baseline.space")
"""Nodes that are declarations of many lines rather than keys to be set in passing."""


def help_text(config: DictConfig, repository: IConfigRepository, resolve: bool) -> str:
    """Hydra's help template of a composed configuration, filled in."""
    keys: Any = OmegaConf.to_container(config, resolve=resolve)
    del keys["hydra"]
    chosen = {str(group): option for group, option in config.hydra.runtime.choices.items()}
    return string.Template(config.hydra.help.template).substitute(
        APP_CONFIG_GROUPS="\n".join(group_lines(chosen, repository)) or "  (none)",
        CONFIG="\n".join(key_lines(keys)),
    )


def group_lines(chosen: dict[str, str | None], repository: IConfigRepository) -> Iterator[str]:
    """A line for each group of the verb: its options, the chosen one in brackets."""
    typed = {name: spelling for spelling, name in ALIASES.items()}
    # Hydra tells its choices in the reverse of their order in the defaults
    mine = {group: option for group, option in reversed(chosen.items()) if not group.startswith("hydra/")}
    width = max((len(typed.get(group, group)) for group in mine), default=0)
    for group, option in mine.items():
        options = repository.get_group_options(group.partition("@")[0], ObjectType.CONFIG)
        shown = " ".join(f"[{name}]" if name == option else name for name in options)
        yield f"  {typed.get(group, group):<{width}}  {shown}"


def key_lines(plain: Mapping[str, Any]) -> Iterator[str]:
    """A line ``key=value`` for each key; declarations are named and not shown."""
    width = max(shutil.get_terminal_size((110, 24)).columns, 40)
    for key, value in _leaves(plain):
        line = f"  {key}={_text(value)}"
        yield line if len(line) <= width else f"{line[: width - 1]}…"


def _leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if path in DECLARED:
        yield path, f"...  (--cfg job -p {path} shows it)"
    elif isinstance(node, Mapping) and node:
        for key, value in node.items():
            if key == "_target_":
                continue  # follows from the group
            yield from _leaves(value, f"{path}.{key}" if path else str(key))
    else:
        yield path, node


def _text(value: Any) -> str:
    """A value as it would be typed."""
    if isinstance(value, list):
        return f"[{','.join(map(_text, value))}]"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return "''" if value == "" else str(value)
