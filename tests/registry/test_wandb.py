"""The registry in W&B: what the server receives and gives, aliases, damage, two at once."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from guests import GUEST, MINE, OTHER, frame
from registered import deed, package, promoted, with_wandb
from vispera.commands.forget import away, redrawn
from vispera.errors import ContractBroken, Declined, UsageError, VisperaError
from vispera.forgetting.folder import Task
from vispera.registry.entry import entered
from vispera.registry.version import card_of
from vispera.registry.wandb import WandbRegistry
from wandb_double import ENTITY, Artifact, Collection, Double

PROJECT = "vispera-registry"

pytestmark = pytest.mark.slow


@pytest.fixture
def double(monkeypatch) -> Iterator[Double]:
    with with_wandb(monkeypatch) as one:
        yield one


@pytest.fixture
def registry(tmp_path) -> WandbRegistry:
    return WandbRegistry(folder=tmp_path, timeout=20, transfer_timeout=20)


def collection(double: Double, name: str) -> Collection:
    [found] = [one for key, one in double.state.collections.items() if key[2] == name]
    return found


def aliases(double: Double, name: str) -> dict[str, int]:
    """Number of our version that each alias of a collection names."""
    named = collection(double, name).aliases.items()
    return {alias: told(one)["number"] for alias, one in named if alias != "latest"}


def told(artifact: Artifact) -> dict:
    return json.loads(artifact.metadata or "{}")


def retold(artifact: Artifact, **changed) -> None:
    """Metadata edited, as anybody may in W&B."""
    artifact.metadata = json.dumps(told(artifact) | changed)


def by_hand(double: Double, alias: str, version: int, *names: str) -> None:
    """An alias moved by hand in W&B."""
    for name in names:
        found = collection(double, name)
        [found.aliases[alias]] = [one for one in found.members if told(one)["number"] == version]


def test_the_server_receives_every_byte_and_a_card_that_seals_them(registry, double):
    [entry] = promoted(registry, package(audit_json=b"{}"))
    kept = double.state.artifact("model-hotel")
    found = double.state.content(kept)
    assert found.pop("version.json") == card_of(1, package(audit_json=b"{}")).content
    assert found == dict(package(audit_json=b"{}").files)
    written = double.state.artifact("history-hotel")
    assert double.state.content(written) == {"000001.json": entry.content}
    assert told(written) == {"entry": entry.content.decode()}
    assert (kept.collection.type, written.collection.type) == ("model", "history")
    assert (kept.collection.entity, kept.collection.project) == (ENTITY, PROJECT)
    assert (kept.ttl, written.ttl) == (-2, -2), "no policy of a team may delete them"
    [run] = double.state.runs.values()
    assert (run.job_type, run.state) == ("promote", "finished")


def test_aliases_name_what_the_history_says_in_both_collections(registry, double):
    promoted(registry, package(), package(salt="other"))
    promoted(registry, package(salt="third"), alias="challenger")
    for name in ("model-hotel", "hotel"):
        assert aliases(double, name) == {
            "champion": 2,
            "challenger": 3,
            **{f"version-{number}": number for number in (1, 2, 3)},
        }
    entries = registry.history("hotel")
    registry.append("hotel", deed(action="rollback", version=1), entries)
    assert aliases(double, "hotel")["champion"] == aliases(double, "model-hotel")["champion"] == 1
    assert len(collection(double, "model-hotel").members) == 3, "a rollback takes nothing up again"


@pytest.mark.slow
def test_versions_are_linked_where_it_is_said_or_nowhere(tmp_path, double):
    promoted(WandbRegistry(folder=tmp_path, target="models"), package())
    assert double.state.collections[ENTITY, "models", "hotel"].aliases["champion"]
    promoted(WandbRegistry(folder=tmp_path, target=None, project="alone"), package())
    assert {key[2] for key in double.state.collections if key[1] == "alone"} == {
        "model-hotel",
        "history-hotel",
    }
    assert ("hotel-group", "wandb-registry-model", "hotel") not in double.state.collections


def test_settings_that_cannot_be_are_told_at_once(tmp_path):
    with pytest.raises(UsageError) as refusal:
        WandbRegistry(folder=tmp_path, timeout=0, transfer_timeout=-1, target="vispera-registry")
    assert [fault.split("=")[0] for fault in refusal.value.faults] == [
        "registry.timeout",
        "registry.transfer_timeout",
        "registry.target",
    ]


def test_an_alias_that_was_moved_by_hand_is_told_loudly_and_mended(registry, double, caplog):
    promoted(registry, package(), package(salt="other"))
    registry.history("hotel")
    assert caplog.records == []
    by_hand(double, "champion", 1, "hotel", "model-hotel")
    by_hand(double, "shadow", 1, "hotel")
    entries = registry.history("hotel")
    assert entries[-1].version == 2
    lines = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert [line.split(" does not name")[0] for line in lines] == [
        "W&B: champion of hotel/vispera-registry/model-hotel",
        "W&B: champion of wandb-registry-model/hotel",
        "W&B: shadow of wandb-registry-model/hotel",
    ]
    assert lines[0].endswith("what the history says, which is version 2; vispera goes by the history")
    assert len(registry.mend("hotel")) == 3
    assert aliases(double, "hotel")["champion"] == aliases(double, "model-hotel")["champion"] == 2


@pytest.mark.slow
def test_the_next_entry_moves_what_a_promotion_left_that_was_stopped(registry, double):
    promoted(registry, package(), package(salt="other"))
    by_hand(double, "champion", 1, "hotel", "model-hotel")
    promoted(registry, package(salt="third"), alias="shadow")
    assert aliases(double, "hotel")["champion"] == aliases(double, "model-hotel")["champion"] == 2


def test_of_two_that_saw_the_same_the_second_is_told_afterwards(registry, double, tmp_path, monkeypatch):
    from vispera.registry import wandb as module

    entries = promoted(registry, package())
    other = WandbRegistry(folder=tmp_path / "other")
    upload = module.upload

    def after_another(*words):
        monkeypatch.setattr(module, "upload", upload)
        other.append("hotel", deed(by="Eva", reason="faster"), entries, package(salt="Eva"))
        return upload(*words)

    monkeypatch.setattr(module, "upload", after_another)
    with pytest.raises(Declined, match=r"Eva let champion be version 2\), so nothing was done"):
        registry.append("hotel", deed(by="Ana"), entries, package(salt="Ana"))
    for reader in (registry, other):
        assert [entry.by for entry in reader.history("hotel")] == ["Ana", "Eva"]
    assert len(collection(double, "history-hotel").members) == 3, "the server has taken both"
    last = registry.history("hotel")[-1]
    assert registry.fetch(last) == package(salt="Eva"), "both were version 2, and one of them counts"
    champion = collection(double, "hotel").aliases["champion"]
    assert double.state.content(champion)["config.yaml"] == b"salt: Eva\n"
    again = promoted(registry, package(salt="Ana"))
    assert [entry.version for entry in again] == [1, 2, 3]
    assert registry.fetch(again[-1]) == package(salt="Ana")


@pytest.mark.slow
def test_an_entry_that_came_too_late_is_ignored_by_every_reader_and_missed_when_deleted(
    registry, double, tmp_path
):
    from vispera.registry.wandb_upload import upload

    entries = promoted(registry, package(), package(salt="other"))
    with registry._shelf("hotel") as shelf:
        late = entered("hotel", deed(by="Eva"), entries[:1], 7, "run", "0" * 64)
        with registry.scratch() as place:
            [index] = upload(registry, ENTITY, "promote", [shelf.parcel_of_entry(late)], place)
    assert index == 2
    assert registry.history("hotel") == entries
    more = promoted(registry, package(salt="third"))
    assert [entry.version for entry in more] == [1, 2, 3]
    collection(double, "history-hotel").members[2].state = "DELETED"
    with pytest.raises(ContractBroken, match="history-hotel:v2 is missing: it was deleted"):
        registry.history("hotel")


def swap(members: list[Artifact]) -> None:
    members[0].metadata, members[1].metadata = members[1].metadata, members[0].metadata


def delete(members: list[Artifact]) -> None:
    members[0].state = "DELETED"


def edit(members: list[Artifact]) -> None:
    retold(members[1], entry=told(members[1])["entry"].replace("first one", "another"))


def empty(members: list[Artifact]) -> None:
    members[1].metadata = "{}"


@pytest.mark.parametrize("damage", [swap, delete, edit, empty])
def test_a_history_that_was_touched_in_wandb_is_told_and_built_upon_by_nobody(registry, double, damage):
    entries = promoted(registry, package(), package(salt="other"))
    damage(collection(double, "history-hotel").members)
    with pytest.raises(ContractBroken, match=r"hotel/vispera-registry/history-hotel:v\d"):
        registry.history("hotel")
    with pytest.raises(ContractBroken):
        registry.append("hotel", deed(), entries, package(salt="third"))
    assert len(collection(double, "history-hotel").members) == 2


@pytest.mark.slow
def test_a_deleted_end_shows_in_the_aliases(registry, double, caplog):
    entries = promoted(registry, package(), package(salt="other"))
    collection(double, "history-hotel").members[1].state = "DELETED"
    assert registry.history("hotel") == entries[:1]
    assert "champion of hotel/vispera-registry/model-hotel does not name what" in caplog.text


def blob(double: Double, name: str) -> str:
    """Path under which the server keeps a file of the only version."""
    from wandb_double.state import blob_of

    artifact = double.state.artifact("model-hotel")
    return blob_of(artifact, artifact.entries[name]["digest"])


def replaced(double: Double) -> None:
    double.state.blobs[blob(double, "model/model.json")] = b"{}"


def gone(double: Double) -> None:
    del double.state.blobs[blob(double, "config.yaml")]


def unnamed(double: Double) -> None:
    artifact = double.state.artifact("model-hotel")
    manifest = json.loads(artifact.manifest)
    del manifest["contents"]["config.yaml"]
    artifact.manifest = json.dumps(manifest).encode()


def corrupt(double: Double) -> None:
    double.faults.corrupt = True


def deleted(double: Double) -> None:
    double.state.artifact("model-hotel").state = "DELETED"


def resealed(double: Double) -> None:
    retold(double.state.artifact("model-hotel"), card=card_of(1, package(salt="other")).content.decode())


@pytest.mark.parametrize(
    ("damage", "faults"),
    [
        (replaced, ["model-hotel:v0/model/model.json was changed after it was written"]),
        (gone, ["model-hotel:v0 lacks config.yaml"]),
        (unnamed, ["model-hotel:v0 lacks config.yaml"]),
        (corrupt, ["model-hotel:v0/version.json is not the one that the history names"]),
        (deleted, ["model-hotel as it was: it was deleted there, or its metadata were edited"]),
        (resealed, ["model-hotel as it was: it was deleted there, or its metadata were edited"]),
    ],
)
def test_a_version_that_is_not_as_it_was_promoted_is_refused(registry, double, tmp_path, damage, faults):
    [entry] = promoted(registry, package())
    damage(double)
    with pytest.raises(ContractBroken) as refusal:
        registry.fetch(entry)
    assert [part in fault for part, fault in zip(faults, refusal.value.faults, strict=True)] == [True]
    assert not list((tmp_path / "wandb" / "tmp").glob("registry-*"))


def test_a_damaged_version_is_not_taken_for_the_same_content(registry, double):
    promoted(registry, package())
    replaced(double)
    del double.state.blobs[blob(double, "record.json")]
    entry = promoted(registry, package())[-1]
    assert entry.version == 2


@pytest.mark.slow
def test_what_was_logged_there_by_others_is_no_version(registry, double):
    promoted(registry, package())
    double.state.artifact("model-hotel").metadata = json.dumps({"by": "hand"})
    entries = promoted(registry, package(salt="other"))
    assert [entry.version for entry in entries] == [1, 2]
    assert registry.fetch(entries[1]) == package(salt="other")


def test_a_refused_commit_leaves_the_registry_as_it_was(registry, double):
    entries = promoted(registry, package())
    double.faults.refuse_commits = True
    with pytest.raises(VisperaError, match=r"W&B at http://127.*did not take model-hotel: .*cannot be commi"):
        registry.append("hotel", deed(), entries, package(salt="other"))
    double.faults.refuse_commits = False
    assert registry.history("hotel") == entries
    assert aliases(double, "model-hotel") == {"champion": 1, "version-1": 1}


def test_without_a_key_it_says_what_to_type_and_asks_nobody(registry, double, monkeypatch, tmp_path):
    monkeypatch.delenv("WANDB_API_KEY")
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))
    with pytest.raises(VisperaError, match="no W&B API key; type `wandb login`, or registry=folder"):
        registry.history("hotel")


@pytest.mark.slow
def test_versions_that_hold_a_guest_are_named_and_what_is_left_to_a_person(registry, double, tmp_path):
    def predictions(*keys: int) -> bytes:
        path = tmp_path / "predictions.parquet"
        frame(*keys).to_parquet(path)
        return path.read_bytes()

    promoted(
        registry,
        package(predictions_parquet=predictions(MINE, OTHER)),
        package(predictions_parquet=predictions(OTHER)),
    )
    with_guest, without = away(registry, "hotel", Task(GUEST, "2026-01-01T00:00:00Z", redrawn))
    assert with_guest.name == "hotel/vispera-registry/model-hotel:v0"
    assert (with_guest.look().rows, without.look().rows) == (1, 0)
    assert (with_guest.look().faults, without.look().faults) == ((), ())
    with pytest.raises(VisperaError, match="delete it in W&B, with its links"):
        with_guest.clean()
    double.state.artifact("model-hotel", "v1").metadata = "{}"
    *_, unread = away(registry, "hotel", Task(GUEST, "2026-01-01T00:00:00Z", redrawn))
    assert "model-hotel:v1" in unread.look().faults[0], "what cannot be read is not proven"
