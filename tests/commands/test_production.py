"""``vispera production`` and ``vispera rollback`` as they are typed: who, when, why, and back again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from registered import deed, package, promoted
from vispera.__main__ import main
from vispera.clock import now
from vispera.registry.entry import Entry
from vispera.registry.folder import FolderRegistry


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    """A workspace with nothing but a registry: neither runs nor data nor git."""
    monkeypatch.setenv("VISPERA_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def registry(home) -> FolderRegistry:
    return FolderRegistry(place=home / "registry")


def history(registry: FolderRegistry) -> list[Entry]:
    return registry.history("hotel")


def vispera(verb: str, *words: str) -> int:
    return main([verb, "problem=hotel", *words])


def rollback(*words: str) -> int:
    return vispera("rollback", "by=Eva", "reason=too many calls, to groups above all", *words)


@pytest.fixture
def three(registry) -> list[Entry]:
    return promoted(registry, package(), package(salt="b"), package(salt="c"))


def test_it_says_who_made_what_the_champion_and_why(registry, three, capsys):
    registry.append("hotel", deed("shadow", by="Eva", reason="to be watched", version=1), three)
    assert vispera("production") == 0
    lines = capsys.readouterr().out.splitlines()
    when, when_shadow = (one.at[:16].replace("T", " ") for one in (three[-1], history(registry)[-1]))
    assert lines[:7] == [
        "hotel, now",
        f"  champion    version 3, run {three[-1].run}, since {when} UTC",
        "              by Ana: first one",
        "  challenger  none",
        f"  shadow      version 1, run {three[0].run}, since {when_shadow} UTC",
        "              by Eva: to be watched",
        "",
    ]
    assert lines[7] == "history, the newest first"
    shown = [" ".join(line.split()) for line in lines[8:]]
    assert [line.split()[0] for line in shown] == ["4", "3", "2", "1"]
    assert shown[0].endswith("promote shadow none -> 1 Eva: to be watched")
    assert shown[1].endswith("promote champion 2 -> 3 Ana: first one")


def test_waived_gates_stand_in_the_history(registry, capsys):
    registry.append("hotel", deed(waived=("audit", "age")), [], package())
    assert vispera("production", "alias=champion") == 0
    out = capsys.readouterr().out
    assert "first one [waived: audit, age]" in out
    assert "shadow" not in out


def test_on_a_day_before_there_was_none(three, capsys):
    assert vispera("production", "on=2017-03-16") == 0
    assert capsys.readouterr().out.splitlines() == [
        "hotel, at the end of 2017-03-16, UTC",
        "  champion    none",
        "  challenger  none",
        "  shadow      none",
    ]
    assert vispera("production", f"on={now().date().isoformat()}") == 0
    assert "version 3" in capsys.readouterr().out
    assert vispera("production", "on=yesterday") == 2
    assert "on=yesterday" in capsys.readouterr().err


def test_where_nobody_promoted_anything_it_says_what_to_type(capsys, home):
    assert vispera("production") == 0
    told = capsys.readouterr().out
    assert told.endswith(
        'nobody has promoted anything; type vispera promote run=best by="NAME" reason="..."\n'
    )
    assert list(home.iterdir()) == []


def test_another_program_gets_all_of_it(three, capsys):
    assert vispera("production", "json=true", "verify=true") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == 1
    assert told["problem"] == "hotel"
    assert told["head"] == told["aliases"]["champion"]["hash"] == three[-1].hash
    assert told["aliases"]["shadow"] is None
    assert [entry["version"] for entry in told["history"]] == [1, 2, 3]
    assert told["history"][0]["gates"] == [{"name": "age", "passed": True, "evidence": "finished today"}]
    assert len(told["verified"]) == 2


def test_verified_is_every_byte_and_the_head(three, capsys):
    assert vispera("production", "verify=true") == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "verified: 3 entries, each with the hash of the one before it",
        f"verified: 3 versions, {3 * len(package().files)} files, every byte as it was promoted",
    ]
    assert vispera("production", f"verify={three[-1].hash}") == 0
    assert "entry 3 has that hash (the last one)" in capsys.readouterr().out
    assert vispera("production", f"verify={three[0].hash}") == 0
    assert "entry 1 has that hash (2 added since)" in capsys.readouterr().out


@pytest.mark.parametrize("verify", ["verify=false", "verify=true"])
@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda folder: (folder / "000002.json").unlink(), "entry 2 is missing"),
        (
            lambda folder: (folder / "000001.json").write_text(
                (folder / "000001.json").read_text().replace("Ana", "Eva")
            ),
            "entry 1 was edited",
        ),
        (
            lambda folder: (folder / "000001.json").rename(folder / "000003.json"),
            "entry 3 was put here from elsewhere: it is entry 1",
        ),
    ],
)
def test_a_history_that_was_touched_is_told_by_entry(registry, three, capsys, damage, told, verify):
    damage(registry.folder("hotel") / "history")
    assert vispera("production", verify) == 5
    assert told in capsys.readouterr().err
    assert rollback() == 5


def test_a_cut_tail_is_seen_by_who_kept_the_head(registry, three, capsys):
    (registry.folder("hotel") / "history" / "000003.json").unlink()
    assert vispera("production", "verify=true") == 0, "the shorter history fits itself"
    capsys.readouterr()
    assert vispera("production", f"verify={three[-1].hash}") == 5
    assert f"no entry has the hash {three[-1].hash}: the history was cut" in capsys.readouterr().err


def test_versions_that_were_touched_are_told_all_at_once(registry, three, capsys):
    versions = registry.folder("hotel") / "versions"
    (versions / "1" / "config.yaml").write_text("salt: d\n")
    (versions / "3" / "record.json").unlink()
    assert vispera("production") == 0
    capsys.readouterr()
    assert vispera("production", "verify=true") == 5
    first, second = capsys.readouterr().err.splitlines()
    assert "1/config.yaml was changed" in first
    assert "lacks record.json" in second


@pytest.mark.parametrize("word", ["verify=yes", "verify=abc", f"verify={'g' * 64}"])
def test_what_is_no_hash_is_told(three, capsys, word):
    assert vispera("production", word) == 2
    assert f"error: {word}: wanted true, or a hash of 64 hexadecimal digits" in capsys.readouterr().err


def test_rolled_back_is_one_more_entry_and_again_goes_one_further(registry, three, capsys):
    assert rollback() == 0
    out = capsys.readouterr().out
    last = history(registry)[-1]
    assert (last.number, last.action, last.version, last.was, last.by) == (4, "rollback", 2, 3, "Eva")
    assert last.reason == "too many calls, to groups above all"
    assert out.splitlines()[0] == "version 2 is the champion of hotel now instead of version 3"
    assert f"vispera production problem=hotel verify={last.hash}" in out
    assert "vispera pull problem=hotel to=production" in out
    assert rollback() == 0
    assert [one.version for one in history(registry)] == [1, 2, 3, 2, 1]
    assert rollback() == 1
    assert "has nothing before version 1 to go back to; type version=N" in capsys.readouterr().err
    assert rollback("version=3") == 0
    assert history(registry)[-1].version == 3
    assert vispera("production", "verify=true") == 0


def test_rolled_back_to_where_it_is_nothing_happens(registry, three, capsys):
    assert rollback("version=3") == 0
    assert capsys.readouterr().out == "version 3 is the champion of hotel already: nothing to do\n"
    assert history(registry) == three


def test_back_is_only_where_the_alias_has_been(registry, three, capsys):
    registry.append("hotel", deed("shadow"), three, package(salt="d"))
    assert rollback("version=4") == 2
    told = capsys.readouterr().err
    assert "version=4: that never was the champion of hotel, it was 1, 2; another one becomes it with" in told
    assert rollback("alias=challenger") == 2
    assert "'hotel' has no challenger; there is a champion, shadow" in capsys.readouterr().err


def test_nobody_rolls_back_without_a_name_and_a_reason(registry, three, capsys):
    assert vispera("rollback") == 2
    told = capsys.readouterr().err.splitlines()
    assert [line.split(" has ")[0] for line in told] == ["error: by", "error: reason"]
    assert history(registry) == three


def test_a_damaged_version_is_not_gone_back_to(registry, three, capsys):
    (registry.folder("hotel") / "versions" / "2" / "model" / "model.json").write_text("{}")
    assert rollback() == 5
    assert "model.json was changed after it was written" in capsys.readouterr().err
    assert history(registry) == three
    assert rollback("version=1") == 0


def test_registry_none_has_nothing_to_go_back_to(capsys):
    assert rollback("registry=none") == 2
    assert "nobody has promoted anything of it" in capsys.readouterr().err
