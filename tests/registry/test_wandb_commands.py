"""promote, pull, production and rollback as they are typed, with registry=wandb."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from promoted import trained
from registered import GOLDEN, package, promoted, with_wandb
from typed import environment
from vispera.__main__ import main
from vispera.registry.pulled import read_pulled
from vispera.registry.wandb import WandbRegistry
from wandb_double import KEY, Double

SECRETS = (KEY.encode(), base64.b64encode(f"api:{KEY}".encode()))


@pytest.fixture
def double(monkeypatch) -> Iterator[Double]:
    with with_wandb(monkeypatch) as one:
        yield one


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A workspace with nothing in it: neither runs nor data nor git."""
    place = tmp_path / "home"
    place.mkdir()
    monkeypatch.setenv("VISPERA_HOME", str(place))
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def registry(tmp_path, double) -> WandbRegistry:
    """The same registry from another machine."""
    return WandbRegistry(folder=tmp_path / "ana")


def typed(home: Path, double: Double, *words: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, on a machine where there is nothing else."""
    kept = {"HOME": str(home), "PATH": "", **double.variables, "VISPERA_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-m", "vispera", *words],
        env=kept,
        cwd=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )


def without_key(place: Path, *texts: str) -> bool:
    """Whether the key is in no file of a folder and in no text."""
    files = [path for path in place.rglob("*") if path.is_file() and not path.is_symlink()]
    assert files
    said = "".join(texts).encode()
    return not any(
        secret in content for secret in SECRETS for content in (said, *map(Path.read_bytes, files))
    )


def pulled(home: Path) -> dict[str, bytes]:
    folder, _ = read_pulled(home / "here")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.slow
def test_another_machine_pulls_what_was_promoted_file_by_file(registry, double, home, tmp_path):
    promoted(registry, package(salt="old"), package())
    done = typed(home, double, "pull", "problem=hotel", "registry=wandb", "to=here")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("hotel: version 2, logistic, which Ana made champion on ")
    assert done.stderr == ""
    assert pulled(home) == {path.name: path.read_bytes() for path in GOLDEN.iterdir()}
    fetched = [path for path in double.asked if path.startswith("GET blobs/")]
    assert len(fetched) >= len(package().files), "every byte came from the server"
    assert without_key(tmp_path, done.stdout, done.stderr)
    again = typed(home, double, "pull", "problem=hotel", "registry=wandb", "to=here")
    assert "which was there already: nothing new" in again.stdout


@pytest.mark.slow
def test_a_corrupted_download_is_refused_and_what_was_there_stays(registry, double, home):
    promoted(registry, package())
    assert main(["pull", "problem=hotel", "registry=wandb", "to=here"]) == 0
    before = {path: path.read_bytes() for path in (home / "here").rglob("*") if path.is_file()}
    promoted(registry, package(salt="other"))
    double.faults.corrupt = True
    done = typed(home, double, "pull", "problem=hotel", "registry=wandb", "to=here")
    assert done.returncode == 5
    assert done.stderr.startswith(
        "error: hotel/vispera-registry/model-hotel:v1/version.json is not the one that the history names"
    )
    assert {path: path.read_bytes() for path in (home / "here").rglob("*") if path.is_file()} == before
    assert not list((home / "wandb" / "tmp").glob("registry-*"))


@pytest.mark.slow
def test_production_and_rollback_go_by_its_history(registry, double, home, capsys):
    one, two = promoted(registry, package(), package(salt="other"))
    assert main(["production", "problem=hotel", "registry=wandb", f"verify={two.hash}"]) == 0
    told = capsys.readouterr().out
    assert f"champion    version 2, run {two.run}" in told
    assert "verified: entry 2 has that hash (the last one)" in told
    assert "verified: 2 versions, " in told
    words = ["rollback", "problem=hotel", "registry=wandb", "by=Eva", "reason=too many calls"]
    assert main(words) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "version 1 is the champion of hotel now instead of version 2"
    assert told[-1] == "  next     vispera pull problem=hotel registry=wandb to=production"
    assert registry.history("hotel")[-1].seal == one.seal
    [run] = [run for run in double.state.runs.values() if run.job_type == "rollback"]
    assert run.state == "finished"


@pytest.mark.slow
def test_an_alias_that_was_moved_by_hand_warns_and_is_moved_back_by_the_same_again(
    registry, double, home, capsys
):
    promoted(registry, package(), package(salt="other"))
    [linked] = [one for key, one in double.state.collections.items() if key[2] == "hotel"]
    linked.aliases["champion"] = linked.members[0]
    warned = "warning: W&B: champion of wandb-registry-model/hotel does not name what the history says"
    done = typed(home, double, "pull", "problem=hotel", "registry=wandb", "to=here")
    assert done.returncode == 0
    assert warned.removeprefix("warning: ") in done.stderr
    assert read_pulled(home / "here")[1].version == 2
    back = ("rollback", "problem=hotel", "registry=wandb", "version=2", "by=Eva", "reason=none")
    done = typed(home, double, *back)
    assert "version 2 is the champion of hotel already: nothing to do" in done.stdout
    assert "which is version 2: it does now" in done.stdout
    assert linked.aliases["champion"] is linked.members[1]


def test_without_a_key_nobody_is_asked_for_one(double, home):
    double.variables.pop("WANDB_API_KEY")
    words = [sys.executable, "-m", "vispera", "pull", "problem=hotel", "registry=wandb", "to=here"]
    environ = {"HOME": str(home), "PATH": "", "VISPERA_HOME": str(home), "WANDB_BASE_URL": double.url}
    done = subprocess.run(
        words, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=100
    )
    assert (done.returncode, done.stderr) == (
        1,
        "error: no W&B API key; type `wandb login`, or registry=folder\n",
    )


@pytest.mark.slow
def test_the_whole_way_of_a_run_from_one_machine_to_another(tmp_path, double, monkeypatch, capsys):
    record = trained(tmp_path / "runs", "logistic")["logistic"]
    signed = ["by=Ana", "reason=first one", "resamples=50", "limits.ece=0.2", "waive=[reproduces]"]
    words = ["promote", "run=best", "registry=wandb", *signed]
    done = subprocess.run(
        [sys.executable, "-m", "vispera", *words],
        env={**environment(record.folder.parent.parent), **double.variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "  next     vispera pull registry=wandb to=production"
    kept = double.state.content(double.state.artifact("model-simulated"))
    kept.pop("version.json")
    assert kept == {name: (record.folder / name).read_bytes() for name in kept}
    other = tmp_path / "other"
    other.mkdir()
    pull = typed(other, double, "pull", "registry=wandb", "to=here")
    assert pull.returncode == 0, pull.stderr
    assert pulled(other) == {path.name: path.read_bytes() for path in (record.folder / "model").iterdir()}
    card = json.loads(double.state.content(double.state.artifact("model-simulated"))["version.json"])
    assert card["run"] == record.id
    assert without_key(tmp_path, done.stdout, done.stderr, pull.stdout, pull.stderr)
    assert os.environ["WANDB_API_KEY"] == KEY
