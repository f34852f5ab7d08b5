"""A version in a folder of its own: checked before it takes its place, twice the same, whole at any step."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from registered import KILLED, deed, killed_at, package, promoted
from vispera.errors import ContractBroken, UsageError
from vispera.model import artefact
from vispera.registry.folder import FolderRegistry
from vispera.registry.pulled import put, read_pulled


@pytest.fixture
def registry(tmp_path) -> FolderRegistry:
    return FolderRegistry(place=tmp_path / "shared")


def pulled(registry: FolderRegistry, place: Path, entry=None) -> tuple[Path, bool]:
    entry = entry or registry.history("hotel")[-1]
    return put(entry, registry.fetch(entry), place, artefact.read)


def contents(place: Path) -> dict[str, tuple[bytes, int]]:
    """Bytes and inode of each file: nothing is written anew where nothing changes."""
    files = (path for path in place.rglob("*") if path.is_file())
    return {path.relative_to(place).as_posix(): (path.read_bytes(), path.stat().st_ino) for path in files}


def test_what_was_pulled_is_read_with_its_card_and_is_a_model(registry, tmp_path):
    [entry] = promoted(registry, package())
    folder, written = pulled(registry, tmp_path / "here")
    assert written
    where, card = read_pulled(tmp_path / "here")
    assert where == folder / "model"
    read = artefact.read(where)
    assert read.hashes["content"] == card.model == package().model
    assert folder.name == f"v1-{card.model[:8]}-1"
    assert (card.problem, card.alias, card.version, card.run) == ("hotel", "champion", 1, entry.run)
    assert (card.entry, card.trained_until) == (entry.hash, read.manifest["trained_until"])
    assert set(card.files) == {name for name in package().files if name.startswith("model/")}


def test_pulled_twice_nothing_is_written(registry, tmp_path):
    promoted(registry, package())
    pulled(registry, tmp_path / "here")
    before = contents(tmp_path / "here")
    _, written = pulled(registry, tmp_path / "here")
    assert not written
    assert contents(tmp_path / "here") == before
    pulled(registry, tmp_path / "there")
    assert {name: content for name, (content, _) in contents(tmp_path / "there").items()} == {
        name: content for name, (content, _) in before.items()
    }


def test_the_folder_before_stays_for_who_is_reading_it_and_older_ones_go(registry, tmp_path):
    place = tmp_path / "here"
    place.mkdir()
    (place / "notes").mkdir()
    entries = promoted(registry, package(), package(salt="b"), package(salt="c"))
    folders = [pulled(registry, place, entry)[0] for entry in entries]
    assert sorted(path.name for path in place.iterdir()) == sorted(
        ["CURRENT", "notes", *(folder.name for folder in folders[1:])]
    )
    assert read_pulled(place)[1].version == 3


def test_a_version_that_comes_back_by_another_entry_is_told_by_that_entry(registry, tmp_path):
    entries = promoted(registry, package(), package(salt="b"))
    pulled(registry, tmp_path / "here", entries[0])
    pulled(registry, tmp_path / "here", entries[1])
    back = registry.append("hotel", deed(action="rollback", version=1), entries)
    pulled(registry, tmp_path / "here", back)
    card = read_pulled(tmp_path / "here")[1]
    assert (card.version, card.entry) == (1, back.hash)


def test_where_nothing_was_pulled_it_says_what_to_type(tmp_path):
    with pytest.raises(UsageError, match=r"nothing was pulled into .*type vispera pull to="):
        read_pulled(tmp_path)


@pytest.mark.parametrize("name", ["model/model.json", "model/manifest.json", "pulled.json", "CURRENT"])
def test_a_byte_that_changed_after_the_pull_is_refused_and_pulled_anew(registry, tmp_path, name):
    promoted(registry, package())
    folder, _ = pulled(registry, tmp_path / "here")
    path = tmp_path / "here" / name if name == "CURRENT" else folder / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ContractBroken, match=r"CURRENT|pulled|model"):
        read_pulled(tmp_path / "here")
    if name == "CURRENT":
        path.unlink()
    _, written = pulled(registry, tmp_path / "here")
    assert written
    assert read_pulled(tmp_path / "here")[1].version == 1
    assert sorted(one.name for one in (tmp_path / "here").iterdir()) == sorted(["CURRENT", folder.name])


def test_a_card_of_another_schema_is_refused(registry, tmp_path):
    from hashlib import sha256

    promoted(registry, package())
    folder, _ = pulled(registry, tmp_path / "here")
    card = folder / "pulled.json"
    card.write_text(json.dumps({**json.loads(card.read_text()), "schema": 2}))
    seal = sha256(card.read_bytes()).hexdigest()
    (tmp_path / "here" / "CURRENT").write_text(f"{folder.name} {seal}\n")
    with pytest.raises(ContractBroken, match="has schema 2; this version reads 1"):
        read_pulled(tmp_path / "here")


def broken_artefact(**changed):
    """A package whose bytes all fit its card, with a model that this version does not trust."""
    from dataclasses import replace

    manifest = {**json.loads(package().files["model/manifest.json"]), **changed}
    body = {key: value for key, value in manifest.items() if key not in ("content", "seal")}
    content = artefact.json_bytes(artefact._sealed(body))
    return replace(package(salt="bad"), files={**package().files, "model/manifest.json": content})


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"schema": 99}, "has schema 99"),
        ({"family": "pickle"}, "no model family 'pickle'"),
    ],
)
def test_what_the_check_refuses_leaves_what_was_there(registry, tmp_path, changed, told):
    promoted(registry, package())
    pulled(registry, tmp_path / "here")
    before = contents(tmp_path / "here")
    promoted(registry, broken_artefact(**changed))
    with pytest.raises(ContractBroken, match=told):
        pulled(registry, tmp_path / "here")
    assert contents(tmp_path / "here") == before
    assert read_pulled(tmp_path / "here")[1].version == 1


PULL = """
import sys
from pathlib import Path
from vispera.model import artefact
from vispera.registry.folder import FolderRegistry
from vispera.registry.pulled import put
place = Path(sys.argv[1])
registry = FolderRegistry(place=place.parent / "shared")
entry = registry.history("hotel")[-1]
put(entry, registry.fetch(entry), place, lambda folder: (folder / "manifest.json").stat())
"""


def test_killed_at_any_step_the_old_one_or_the_new_one_is_read(tmp_path):
    step, outcomes = 0, []
    while True:
        step += 1
        home = tmp_path / f"{step}"
        registry = FolderRegistry(place=home / "shared")
        for version, salt in enumerate(("a", "b"), 1):
            promoted(registry, package(salt=salt))
            pulled(registry, home / "here")
            assert read_pulled(home / "here")[1].version == version
        promoted(registry, package(salt="c"))
        code = killed_at(step, home / "here", PULL)
        outcomes.append(read_pulled(home / "here")[1].version)
        pulled(registry, home / "here")
        assert read_pulled(home / "here")[1].version == 3
        assert not list((home / "here").glob("*.pulling-*"))
        if code != KILLED:
            break
    assert outcomes == sorted(outcomes)
    assert set(outcomes) == {2, 3}
    assert outcomes.count(2) > 10
