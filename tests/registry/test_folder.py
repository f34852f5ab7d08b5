"""The registry in a folder: numbers, bytes, two at once, killed at any step."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from registered import KILLED, at_once, deed, killed_at, package, promoted
from vispera import workspace
from vispera.errors import ContractBroken, Declined, UsageError
from vispera.registry.folder import FolderRegistry
from vispera.registry.version import card_of


@pytest.fixture
def registry(tmp_path) -> FolderRegistry:
    return FolderRegistry(place=tmp_path / "shared")


def versions(registry: FolderRegistry) -> list[str]:
    folder = registry.folder("hotel") / "versions"
    return sorted(path.name for path in folder.glob("[!.]*"))


def test_a_version_holds_the_bytes_of_the_run_and_a_card_that_seals_them(registry):
    promoted(registry, package(audit_json=b"{}"))
    folder = registry.folder("hotel") / "versions" / "1"
    found = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    card = found.pop("version.json")
    assert found == dict(package(audit_json=b"{}").files)
    assert card == card_of(1, package(audit_json=b"{}")).content


def test_equal_content_keeps_its_number_whatever_was_noted_on_the_run_since(registry):
    noted = replace(package(), files={**package().files, "record.json": b'{"note": "good"}\n'})
    entries = promoted(registry, package(), package(salt="other"), noted)
    assert [entry.version for entry in entries] == [1, 2, 1]
    assert [entry.was for entry in entries] == [None, 1, 2]
    same_model = package(run="20261127-101530-logistic-aaaaaa")
    assert promoted(registry, same_model)[-1].version == 3, "another run is another version"
    assert versions(registry) == ["1", "2", "3"]


def test_a_number_is_never_used_again(registry):
    entries = promoted(registry, package(), package(salt="other"))
    left_over = registry.folder("hotel") / "versions" / "7"
    left_over.mkdir()
    assert promoted(registry, package(salt="third"))[-1].version == 8
    assert [entry.version for entry in entries] == [1, 2]


def test_a_deed_without_a_package_names_a_version_that_is_known(registry):
    one, two = promoted(registry, package(), package(salt="other"))
    back = registry.append("hotel", deed(action="rollback", version=1), [one, two])
    assert (back.number, back.version, back.was, back.run, back.seal) == (3, 1, 2, one.run, one.seal)
    assert registry.fetch(back) == package()


@pytest.mark.parametrize("name", ["model/model.json", "config.yaml", "version.json", "model/manifest.json"])
def test_a_tampered_byte_anywhere_is_refused(registry, name):
    [entry] = promoted(registry, package())
    path = registry.folder("hotel") / "versions" / "1" / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ContractBroken, match=path.name):
        registry.fetch(entry)


def test_what_is_missing_too_many_or_leads_elsewhere_is_told_all_at_once(registry, tmp_path):
    [entry] = promoted(registry, package())
    folder = registry.folder("hotel") / "versions" / "1"
    (folder / "config.yaml").unlink()
    (folder / "model" / "extra.json").write_text("{}")
    (folder / "record.json").rename(tmp_path / "record.json")
    (folder / "record.json").symlink_to(tmp_path / "record.json")
    with pytest.raises(ContractBroken) as refusal:
        registry.fetch(entry)
    lacking, further, linked = refusal.value.faults
    assert "lacks config.yaml" in lacking
    assert "holds model/extra.json" in further
    assert linked.endswith("record.json is no plain file")


def test_a_version_that_was_replaced_by_another_whole_one_is_refused(registry):
    one, _ = promoted(registry, package(), package(salt="other"))
    place = registry.folder("hotel") / "versions"
    (place / "1").rename(place / "old")
    (place / "2").rename(place / "1")
    with pytest.raises(ContractBroken, match="not the one that the history names"):
        registry.fetch(one)


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.symlink_to("000001.json")])
def test_what_stands_in_the_history_and_is_no_file_of_its_own_is_told(registry, make):
    promoted(registry, package())
    make(registry.folder("hotel") / "history" / "000002.json")
    with pytest.raises(ContractBroken, match="entry 2 is damaged"):
        registry.history("hotel")


def test_a_damaged_version_is_not_taken_for_the_same_content(registry):
    promoted(registry, package())
    (registry.folder("hotel") / "versions" / "1" / "config.yaml").write_text("salt: more\n")
    entry = promoted(registry, package())[-1]
    assert entry.version == 2
    assert registry.fetch(entry) == package()


def test_who_has_seen_an_older_history_is_told_who_was_first(registry):
    promoted(registry, package())
    before = {path: path.read_bytes() for path in registry.folder("hotel").rglob("*") if path.is_file()}
    with pytest.raises(Declined, match=r"Ana let champion be version 1\), so nothing was done; look with"):
        registry.append("hotel", deed(by="Eva"), [], package(salt="other"))
    after = {path: path.read_bytes() for path in registry.folder("hotel").rglob("*") if path.is_file()}
    assert after == before


@pytest.mark.parametrize("name", ["", "..", "../hotel", "a/b", ".hidden"])
def test_a_name_that_leads_out_of_the_registry_is_refused(registry, name):
    with pytest.raises(UsageError, match=f"problem={name}: no problem is called so"):
        registry.history(name)


PROMOTE = """
import sys
from pathlib import Path
from registered import deed, package
from vispera.errors import Declined
from vispera.registry.folder import FolderRegistry
registry = FolderRegistry(place=Path(sys.argv[1]))
"""
AT_ONCE = """
seen = registry.history("hotel")
print("ready", flush=True)
sys.stdin.readline()
try:
    print("won", registry.append("hotel", deed(by=sys.argv[2]), seen, package(salt=sys.argv[2])).number)
except Declined as told:
    print("told", told)
"""


@pytest.mark.parametrize("locks", [True, False])
def test_of_several_at_once_one_wins_and_the_others_are_told(registry, locks):
    """Without locks, as on some shared folders, the entry itself is what only one can make."""
    unlocked = "import fcntl\ndef flock(*_): raise OSError('no locks here')\nfcntl.flock = flock\n"
    script = ("" if locks else unlocked) + PROMOTE + AT_ONCE
    names = ("Ana", "Eva", "Leo", "Tom")
    source, tests = workspace.source() / "src", workspace.source() / "tests"
    scripts = [[script, str(registry.place), name] for name in names]
    told = at_once(scripts, {"PYTHONPATH": f"{source}:{tests}", "PATH": ""}, 60)
    assert sorted(line.split()[0] for line in told) == ["told", "told", "told", "won"], told
    winner = names[next(i for i, line in enumerate(told) if line.startswith("won"))]
    [entry] = registry.history("hotel")
    assert entry.by == winner
    assert registry.fetch(entry) == package(salt=winner)
    assert all(f"{winner} let champion be version" in line for line in told if line.startswith("told"))


def test_killed_at_any_step_the_registry_is_as_before_or_as_after(tmp_path):
    script = PROMOTE + 'registry.append("hotel", deed(), registry.history("hotel"), package(salt="new"))\n'
    step, outcomes = 0, []
    while True:
        step += 1
        place = tmp_path / f"{step}"
        registry = FolderRegistry(place=place)
        before = promoted(registry, package())
        code = killed_at(step, place, script)
        entries = registry.history("hotel")
        assert entries[:1] == before
        assert len(entries) in (1, 2)
        for entry in entries:
            registry.fetch(entry)
        outcomes.append(len(entries))
        if code != KILLED:
            break
        if len(entries) == 1:  # typed again, it gets the number that nobody has used
            again = promoted(registry, package(salt="new"))
            assert [entry.version for entry in again] == [1, 2]
            assert registry.fetch(again[-1]) == package(salt="new")
    assert outcomes == sorted(outcomes)
    assert outcomes.count(1) > 10
    assert outcomes[-1] == 2


def test_where_a_file_cannot_be_made_only_once_it_says_where_it_can(registry, monkeypatch):
    import errno
    import os

    from vispera.errors import VisperaError

    def refuse(*_: object) -> None:
        raise OSError(errno.EOPNOTSUPP, "no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(VisperaError, match=r"no hard links\); type registry\.place=FOLDER on another one"):
        promoted(registry, package())
    assert registry.history("hotel") == []
    assert not list(Path(registry.folder("hotel") / "history").iterdir())
