"""A run is named by its id, a part of it, or when it was; its folder is read as far as it goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from vispera.errors import UsageError, VisperaError
from vispera.reproduction.side import folder_of, read_side
from vispera.run import start_run


@pytest.fixture
def experiments(tmp_path) -> Path:
    return tmp_path / "experiments"


def finished(experiments: Path, name: str, **config) -> str:
    with start_run(experiments, name=name, command=["a=1"], config=config) as live:
        pass
    return live.id


def test_runs_are_named_by_id_part_or_age(experiments):
    ids = sorted(finished(experiments, name) for name in ("rule", "prior", "logistic"))
    assert folder_of(ids[0], experiments).name == ids[0]
    assert folder_of(ids[1][-6:], experiments).name == ids[1]
    assert folder_of("last", experiments).name == ids[2]
    assert folder_of("previous", experiments).name == ids[1]
    with start_run(experiments, name="zz", command=[], config={}):
        assert folder_of("last", experiments).name == ids[2], "one that goes on is no last one"


@pytest.mark.parametrize("name", ["", ".", "..", "../experiments", "nobody", "/"])
def test_what_names_no_run_is_refused(experiments, name):
    finished(experiments, "rule")
    with pytest.raises(UsageError, match="there is no run"):
        folder_of(name, experiments)


def test_what_fits_several_or_none_says_what_to_type(experiments):
    with pytest.raises(UsageError, match=r"there is no last run .* type: python train\.py"):
        folder_of("last", experiments)
    for _ in range(2):
        finished(experiments, "rule")
    with pytest.raises(UsageError, match="'rule' stands in 2 ids"):
        folder_of("rule", experiments)
    with pytest.raises(UsageError, match="there is no previous run"):
        folder_of("previous", experiments / "none")


def test_secrets_of_the_configuration_are_named(experiments):
    name = finished(experiments, "rule", db={"password": "correct horse 9", "user": "ana"})
    side = read_side(experiments / name)
    assert side.secrets == ("db.password",)
    assert side.command == ("a=1",)


def test_what_a_folder_lacks_is_empty_and_what_is_damaged_is_told(experiments):
    folder = experiments / finished(experiments, "rule", seed=1)
    assert read_side(folder).data == {}
    for name, text in (("data.json", "[1]"), ("environment.json", "{"), ("config.yaml", "a: [")):
        kept = (folder / name).read_text() if (folder / name).exists() else "{}"
        (folder / name).write_text(text)
        with pytest.raises(VisperaError, match=f"has a damaged {name}"):
            read_side(folder)
        (folder / name).write_text(kept)


def test_a_command_that_was_cut_is_read_whole(experiments):
    words = [f"model.estimator.key_{number}=value" for number in range(200)]
    with start_run(experiments, name="rule", command=words, config={}) as live:
        pass
    side = read_side(live.folder)
    assert "command" in side.record.truncated
    assert side.command == tuple(words)
