"""``vispera pull`` as it is typed, where there is nothing but a registry: checked, whole, twice the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from registered import deed, package, promoted
from vispera import workspace
from vispera.__main__ import main
from vispera.model import artefact
from vispera.model.stable import json_bytes
from vispera.registry.folder import FolderRegistry
from vispera.registry.pulled import read_pulled


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("VISPERA_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def registry(home) -> FolderRegistry:
    return FolderRegistry(place=home / "registry")


def pull(*words: str) -> int:
    return main(["pull", "problem=hotel", "to=here", *words])


def contents(place: Path) -> dict[str, bytes]:
    files = (path for path in place.rglob("*") if path.is_file())
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in files}


def test_the_champion_comes_by_its_name_and_the_card_tells_whose_it_is(registry, home, capsys):
    entry = promoted(registry, package(salt="b"), package())[-1]
    assert pull() == 0
    folder, card = read_pulled(home / "here")
    assert (card.version, card.alias, card.run, card.entry) == (2, "champion", entry.run, entry.hash)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"hotel: version 2, logistic, which Ana made champion on {entry.at[:10]}: first one"
    assert lines[1] == f"  run      {entry.run}, trained until {card.trained_until}"
    assert lines[3] == f"  folder   {folder.parent}"
    assert lines[4] == (
        f"  next     vispera score problem=hotel artefact={home / 'here'} extract=FILE night=DATE"
    )
    assert artefact.read(folder).hashes["content"] == package().model


def test_again_it_is_the_same_bytes_and_says_so(registry, home, capsys):
    promoted(registry, package())
    assert pull() == 0
    before = contents(home / "here")
    capsys.readouterr()
    assert pull() == 0
    assert "which was there already: nothing new" in capsys.readouterr().out
    assert contents(home / "here") == before


def test_another_alias_or_a_number_can_be_asked_for(registry, home):
    promoted(registry, package())
    promoted(registry, package(salt="b"), alias="challenger")
    assert pull("alias=challenger") == 0
    assert read_pulled(home / "here")[1].version == 2
    assert pull("version=1") == 0
    assert read_pulled(home / "here")[1].version == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("to=null",), "to has no value; type to=FOLDER"),
        (("alias=champ",), "alias=champ: closest: 'champion'"),
        (("alias=shadow",), "problem 'hotel' has no shadow; there is a champion"),
        (("version=7",), "problem 'hotel' has no version 7; versions: 1"),
        (("version=0",), "version=0: wanted 1 or more"),
        (("problem=motel",), "problem 'motel' has no champion; nobody has promoted anything of it"),
        (("registry=none",), "problem 'hotel' has no champion; nobody has promoted anything of it"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(registry, home, capsys, words, told):
    promoted(registry, package())
    assert pull(*words) == 2
    assert f"error: {told}" in capsys.readouterr().err
    assert not (home / "here").exists()


def tampered(folder: Path) -> None:
    content = bytearray((folder / "model" / "model.json").read_bytes())
    content[100] ^= 1
    (folder / "model" / "model.json").write_bytes(content)


def resealed(folder: Path, **changed) -> None:
    """A version whose every hash fits, of a model that is none for this version of the code."""
    from vispera.registry.version import card_of, read_package

    manifest = json.loads((folder / "model" / "manifest.json").read_bytes()) | changed
    body = {key: value for key, value in manifest.items() if key not in ("content", "seal")}
    content = json_bytes(artefact._sealed(body))
    held = read_package(folder)[1]
    files = {**held.files, "model/manifest.json": content}
    (folder / "model" / "manifest.json").write_bytes(content)
    from dataclasses import replace

    (folder / "version.json").write_bytes(card_of(2, replace(held, files=files)).content)


REFUSED = {
    "a tampered byte": (tampered, "model.json was changed after it was written"),
    "a missing file": (
        lambda folder: (folder / "model" / "rates.parquet").unlink(),
        "lacks model/rates.parquet",
    ),
    "a further file": (lambda folder: (folder / "model" / "x.json").write_text("{}"), "holds model/x.json"),
    "a version that is gone": (shutil.rmtree, "has no version.json: it is no version, or was taken away"),
    "another version in its place": (
        lambda folder: resealed(folder, schema=99),
        "not the one that the history names",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_what_was_promoted_is_refused_and_what_was_there_stays(registry, home, capsys, name):
    damage, told = REFUSED[name]
    promoted(registry, package(salt="b"))
    assert pull() == 0
    before = contents(home / "here")
    promoted(registry, package())
    damage(registry.folder("hotel") / "versions" / "2")
    capsys.readouterr()
    assert pull() == 5
    assert told in capsys.readouterr().err
    assert contents(home / "here") == before
    assert read_pulled(home / "here")[1].version == 1


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"schema": 99}, "has schema 99; this version reads 1"),
        ({"family": "os"}, "this version knows no model family 'os'"),
    ],
)
def test_a_model_of_an_unknown_schema_or_type_is_refused_though_every_hash_fits(
    registry, home, capsys, changed, told
):
    promoted(registry, package(salt="b"))
    assert pull() == 0
    before = contents(home / "here")
    from dataclasses import replace

    manifest = json.loads(package().files["model/manifest.json"]) | changed
    body = {key: value for key, value in manifest.items() if key not in ("content", "seal")}
    content = json_bytes(artefact._sealed(body))
    promoted(registry, replace(package(), files={**package().files, "model/manifest.json": content}))
    capsys.readouterr()
    assert pull() == 5
    assert told in capsys.readouterr().err
    assert contents(home / "here") == before


def test_a_type_that_is_not_trusted_is_refused_though_every_hash_fits(registry, home, capsys):
    """A skops file with an object that no model of ours holds."""
    import io
    import zipfile
    from dataclasses import replace
    from hashlib import sha256

    from learnable import option, rows

    learned, weights = rows()
    fitted = option("gradient_boosting", iterations=5).fit(learned, weights)
    artefact.write(home / "model", fitted, problem="hotel", run="x", trained_until="2017-01-01")
    with zipfile.ZipFile(home / "model" / "model.skops") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    schema = json.loads(parts["schema.json"])
    schema.update({"__class__": "Popen", "__module__": "subprocess"})
    parts["schema.json"] = json.dumps(schema).encode()
    evil = io.BytesIO()
    with zipfile.ZipFile(evil, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    manifest = json.loads((home / "model" / "manifest.json").read_bytes())
    manifest["files"]["model.skops"] = sha256(evil.getvalue()).hexdigest()
    body = {key: value for key, value in manifest.items() if key not in ("content", "seal")}
    files = {
        f"model/{path.name}": path.read_bytes()
        for path in (home / "model").iterdir()
        if path.name in manifest["files"]
    }
    files |= {"model/model.skops": evil.getvalue(), "model/manifest.json": json_bytes(artefact._sealed(body))}
    promoted(registry, replace(package(), files=files))
    assert pull() == 5
    assert "subprocess.Popen" in capsys.readouterr().err
    assert not list((home / "here").iterdir())


def test_an_older_entry_that_is_pulled_says_which(registry, home):
    one, two = promoted(registry, package(), package(salt="b"))
    back = registry.append("hotel", deed(action="rollback", version=1), [one, two])
    assert pull() == 0
    card = read_pulled(home / "here")[1]
    assert (card.version, card.entry) == (1, back.hash)


def test_the_machine_needs_neither_git_nor_data_nor_runs(registry, home):
    """Where lists are made: a registry, this package and its conf; no git; nothing is made beside."""
    promoted(registry, package())
    variables = {
        name: value for name, value in os.environ.items() if not name.startswith(("VISPERA_", "GIT_", "PATH"))
    }
    done = subprocess.run(
        [sys.executable, "-m", "vispera", "pull", "problem=hotel", f"to={home / 'here'}"],
        env={**variables, "VISPERA_HOME": str(home), "PATH": str(home / "nothing")},
        cwd=workspace.source(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in home.iterdir()) == ["here", "registry"]
    assert read_pulled(home / "here")[1].version == 1
