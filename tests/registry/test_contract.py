"""What every option of conf/registry/ keeps to."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from registered import deed, package
from vispera import workspace
from vispera.door.building import build
from vispera.door.target import resolve
from vispera.errors import Declined
from vispera.registry import Registry

CONF = workspace.source() / "conf" / "registry"
OPTIONS = sorted(path.stem for path in CONF.glob("*.yaml"))


@pytest.fixture(params=OPTIONS)
def registry(request, tmp_path) -> Registry:
    values = yaml.safe_load((CONF / f"{request.param}.yaml").read_text())
    kind = resolve(values.pop("_target_"))
    made = build(kind, {**values, **({"place": str(tmp_path / "shared")} if "place" in values else {})})
    assert made.name == request.param
    return made


def test_it_is_one(registry):
    assert isinstance(registry, Registry)


def test_nobody_has_promoted_anything_at_first_and_asking_writes_nothing(registry, tmp_path):
    assert registry.history("hotel") == []
    assert list(tmp_path.iterdir()) == []


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


def test_the_place_of_a_folder_is_in_the_workspace_unless_it_says_otherwise(tmp_path, monkeypatch):
    from vispera.registry.folder import FolderRegistry

    monkeypatch.setenv("VISPERA_HOME", str(tmp_path))
    assert FolderRegistry().folder("hotel") == tmp_path / "registry" / "hotel"
    elsewhere = FolderRegistry(place=Path("/somewhere/else"))
    assert elsewhere.folder("hotel") == Path("/somewhere/else/hotel")
