"""What every option of conf/registry/ keeps to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
import yaml

from registered import deed, package, promoted, with_wandb
from vispera import workspace
from vispera.door.building import build
from vispera.door.target import resolve
from vispera.errors import ContractBroken, Declined, UsageError
from vispera.registry import Registry

CONF = workspace.source() / "conf" / "registry"
OPTIONS = sorted(path.stem for path in CONF.glob("*.yaml"))
KEEPING = [option for option in OPTIONS if option != "none"]


def made(option: str, place: Path) -> Registry:
    """An option with all that its file says, but for where it lies."""
    values = yaml.safe_load((CONF / f"{option}.yaml").read_text())
    kind = resolve(values.pop("_target_"))
    own = {"place": str(place / "shared"), "folder": str(place / "home"), "entity": None}
    return build(kind, {**values, **{name: value for name, value in own.items() if name in values}})


@pytest.fixture(params=OPTIONS)
def registry(request, tmp_path, monkeypatch) -> Iterator[Registry]:
    with with_wandb(monkeypatch) if request.param == "wandb" else nullcontext():
        one = made(request.param, tmp_path)
        assert one.name == request.param
        yield one


@pytest.fixture(params=KEEPING)
def keeping(request, tmp_path, monkeypatch) -> Iterator[Registry]:
    with with_wandb(monkeypatch) if request.param == "wandb" else nullcontext():
        yield made(request.param, tmp_path)


def test_it_is_one(registry):
    assert isinstance(registry, Registry)


def test_nobody_has_promoted_anything_at_first_and_asking_writes_nothing(registry, tmp_path):
    assert registry.history("hotel") == []
    own = tmp_path / "home" / "wandb"  # of the SDK: its log
    assert [path for path in tmp_path.rglob("*") if path.is_file() and not path.is_relative_to(own)] == []


def test_what_is_promoted_comes_back_as_it_was_or_the_reason_why_not(registry):
    if registry.name == "none":
        with pytest.raises(Declined, match="type registry=folder"):
            registry.append("hotel", deed(), [], package())
        return
    entry = registry.append("hotel", deed(), [], package())
    assert registry.history("hotel") == [entry]
    assert (entry.version, entry.was, entry.run, entry.by) == (1, None, package().run, "Ana")
    assert registry.fetch(entry) == package()
    assert registry.history("resort") == [], "problems do not see each other"


def test_equal_content_keeps_its_number_and_a_deed_without_a_package_names_one_that_is_known(keeping):
    entries = promoted(keeping, package(), package(salt="other"), package())
    assert [entry.version for entry in entries] == [1, 2, 1]
    assert [entry.was for entry in entries] == [None, 1, 2]
    back = keeping.append("hotel", deed(action="rollback", version=2), entries)
    assert (back.number, back.version, back.was, back.seal) == (4, 2, 1, entries[1].seal)
    assert keeping.history("hotel") == [*entries, back]
    assert keeping.fetch(back) == package(salt="other")


def test_who_has_seen_an_older_history_is_told_who_was_first_and_nothing_is_changed(keeping):
    entries = promoted(keeping, package())
    with pytest.raises(Declined, match=r"Ana let champion be version 1\), so nothing was done; look with"):
        keeping.append("hotel", deed(by="Eva"), [], package(salt="other"))
    assert keeping.history("hotel") == entries


def test_a_version_that_the_history_does_not_name_so_is_refused(keeping):
    import dataclasses

    [entry] = promoted(keeping, package())
    with pytest.raises(ContractBroken):
        keeping.fetch(dataclasses.replace(entry, seal="0" * 64))


@pytest.mark.parametrize("name", ["", "..", "../hotel", "a/b", ".hidden"])
def test_a_name_that_leads_elsewhere_is_refused(keeping, name):
    with pytest.raises(UsageError, match=f"problem={name}: no problem is called so"):
        keeping.history(name)


def test_the_place_of_a_folder_is_in_the_workspace_unless_it_says_otherwise(tmp_path, monkeypatch):
    from vispera.registry.folder import FolderRegistry

    monkeypatch.setenv("VISPERA_HOME", str(tmp_path))
    assert FolderRegistry().folder("hotel") == tmp_path / "registry" / "hotel"
    elsewhere = FolderRegistry(place=Path("/somewhere/else"))
    assert elsewhere.folder("hotel") == Path("/somewhere/else/hotel")
