"""Imports run one way: a module imports from lower floors, or from its own room. Written down here, once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from vispera import workspace

SOURCE = workspace.source() / "src" / "vispera"

FLOORS: dict[str, int] = {
    **dict.fromkeys(("__main__",), 8),
    **dict.fromkeys(("door",), 7),
    **dict.fromkeys(("commands",), 6),
    **dict.fromkeys(
        (
            "search",
            "report",
            "results",
            "warehouse",
            "reproduction",
            "replay",
            "notebook",
            "tonight",
            "promotion",
            "forgetting",
            "dashboard",
        ),
        5,
    ),
    **dict.fromkeys(("evaluate", "money", "audit", "fitting", "importance"), 4),
    **dict.fromkeys(("feature", "model"), 3),
    **dict.fromkeys(("problem", "split", "metric", "tracker", "registry", "handoff"), 2),
    **dict.fromkeys(("asof",), 1),
}
"""Floor of each room; what is not named lies on the ground, 0, where modules may see each other."""

MODULES = sorted(SOURCE.rglob("*.py"))


def room(module: str) -> str:
    """``vispera.model.catboost`` lies in the room ``model``."""
    return [*module.split("."), "__init__"][1]


def named(path: Path) -> str:
    parts = ("vispera", *path.relative_to(SOURCE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of each import from this package, those inside functions too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names if alias.name.startswith("vispera"))
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative imports hide where a module lies"
            if node.module == "vispera":
                yield from ((node.lineno, f"vispera.{alias.name}") for alias in node.names)
            elif node.module and node.module.startswith("vispera."):
                yield node.lineno, node.module


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_imports_run_one_way(path):
    own = room(named(path))
    floor = FLOORS.get(own, 0)
    for line, name in imported(path):
        other = room(name)
        lies = FLOORS.get(other, 0)
        if other == own or (floor == 0 and lies == 0) or name == "vispera.__version__":
            continue
        assert lies < floor, f"{path}:{line}: {own} [{floor}] may not import {name} [{lies}]"


def test_every_room_on_a_floor_is_named_rightly():
    there = {path.relative_to(SOURCE).parts[0].removesuffix(".py") for path in MODULES}
    assert set(FLOORS) <= there


def test_no_drawer():
    drawers = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
    assert not {path.stem for path in MODULES} & drawers


def test_configuration_stops_at_the_door():
    for path in MODULES:
        if room(named(path)) in ("door", "__main__"):
            continue
        tree = ast.walk(ast.parse(path.read_text()))
        names = [n.module or "" for n in tree if isinstance(n, ast.ImportFrom)]
        assert not [name for name in names if name.startswith(("omegaconf", "hydra"))], path


HEAVY = (
    "pandas",
    "sklearn",
    "catboost",
    "matplotlib",
    "scipy",
    "pyarrow",
    "wandb",
    "pandera",
    "skops",
    "requests",
)


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_heavy_packages_are_imported_where_they_are_used(path):
    """A refusal loads every module that typed arguments name, and must answer at once."""
    for node in ast.parse(path.read_text()).body:
        found = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        found += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        at_the_top = [name for name in found if name.partition(".")[0] in HEAVY]
        assert not at_the_top, f"{path}:{node.lineno}: import {at_the_top} where it is used"


def test_the_plugin_face_imports_nothing_heavy():
    allowed = ("__future__", "typing", "hydra", "omegaconf", "vispera")
    for path in (SOURCE.parent / "hydra_plugins").glob("*.py"):
        tree = ast.walk(ast.parse(path.read_text()))
        names = [node.module or "" for node in tree if isinstance(node, ast.ImportFrom)]
        assert all(name.partition(".")[0] in allowed for name in names), path
