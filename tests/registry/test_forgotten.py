"""A version that lost rows of its predictions: valid by its note alone, and the model never by one."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from registered import package, promoted
from vispera.errors import ContractBroken
from vispera.forgotten import FILE, Forgotten, note_of
from vispera.registry.folder import FolderRegistry
from vispera.registry.forgotten import write_into

WHOLE, LESS = b"three rows", b"two rows"


@pytest.fixture
def registry(tmp_path) -> FolderRegistry:
    registry = FolderRegistry(place=tmp_path)
    promoted(registry, package(predictions_parquet=WHOLE))
    return registry


@pytest.fixture
def version(tmp_path, registry) -> Path:
    return tmp_path / "hotel" / "versions" / "1"


def noted(version: Path, was: bytes, now: bytes, file: str = "predictions.parquet") -> None:
    hashes = {"was": sha256(was).hexdigest(), "now": sha256(now).hexdigest()}
    entry = Forgotten(at="2026-11-26T03:00:00Z", file=file, rows=1, **hashes)
    write_into(version / FILE, note_of([entry]))


def fetched(registry: FolderRegistry) -> dict[str, bytes]:
    return dict(registry.fetch(registry.history("hotel")[0]).files)


def test_it_is_valid_before_and_after_the_file_is_written(registry, version):
    before = fetched(registry)
    noted(version, WHOLE, LESS)
    assert fetched(registry) == before, "killed after the note it is what it was"
    write_into(version / "predictions.parquet", LESS)
    assert fetched(registry) == {**before, "predictions.parquet": LESS}
    assert not [*version.parent.glob(".*")]


def test_the_same_content_is_promoted_under_the_same_number(registry, version):
    noted(version, WHOLE, LESS)
    write_into(version / "predictions.parquet", LESS)
    history = promoted(registry, package(predictions_parquet=LESS), alias="challenger")
    assert [entry.version for entry in history] == [1, 1]


@pytest.mark.parametrize("content", [b"others", b""])
def test_predictions_to_which_no_note_leads_are_refused(registry, version, content):
    noted(version, WHOLE, LESS)
    (version / "predictions.parquet").write_bytes(content)
    with pytest.raises(ContractBroken, match=r"predictions\.parquet was changed after it was written"):
        fetched(registry)


def test_without_its_note_it_is_refused(registry, version):
    (version / "predictions.parquet").write_bytes(LESS)
    with pytest.raises(ContractBroken, match="was changed after it was written"):
        fetched(registry)


def test_no_note_lets_the_model_be_another(registry, version):
    path = version / "model" / "manifest.json"
    noted(version, path.read_bytes(), b"{}", "model/manifest.json")
    path.write_bytes(b"{}")
    with pytest.raises(ContractBroken, match=r"manifest\.json was changed after it was written"):
        fetched(registry)


def test_a_damaged_note_is_told(registry, version):
    (version / FILE).write_bytes(b"{}")
    with pytest.raises(ContractBroken, match="is damaged"):
        fetched(registry)
