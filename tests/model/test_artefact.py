import io
import json
import zipfile
from typing import Any

import numpy as np
import pandas as pd
import pytest

from learnable import option, rows
from vispera import files
from vispera.errors import ContractBroken, Declined
from vispera.files import json_hash
from vispera.model.artefact import read, write
from vispera.model.stable import from_skops, json_bytes, parquet_bytes, skops_bytes

GIVEN: dict[str, Any] = {"problem": "p", "run": "r", "trained_until": "2017-01-01"}


@pytest.fixture(scope="module")
def rule():
    return option("rule").fit(*rows(200))


@pytest.fixture
def folder(rule, tmp_path):
    write(tmp_path / "model", rule, **GIVEN)
    return tmp_path / "model"


def resealed(folder, **changed: Any):
    """The manifest changed by somebody who knows how seals are made."""
    manifest = json.loads((folder / "manifest.json").read_bytes()) | changed
    body = {key: value for key, value in manifest.items() if key not in ("content", "seal")}
    body["content"] = json_hash({key: value for key, value in body.items() if key != "run"})
    body["seal"] = json_hash(body)
    (folder / "manifest.json").write_bytes(json_bytes(body))


def test_manifest_says_what_the_model_is(folder, rule):
    manifest = read(folder).manifest
    assert manifest["schema"] == 1
    assert (manifest["family"], manifest["problem"], manifest["run"]) == ("rule", "p", "r")
    assert manifest["trained_until"] == "2017-01-01"
    assert [feature["name"] for feature in manifest["features"]] == list(rule.features.names)
    assert manifest["calibration"]["method"] == "platt"
    assert manifest["settings"]["smoothing"] == 50
    assert set(manifest["files"]) == {"model.json"}
    assert manifest["versions"]["scikit-learn"]


def test_tables_carry_their_date_and_recipe_comes_back(rule, tmp_path):
    tables = {
        "rates": pd.DataFrame({"level": ["a", None], "rate": [0.5, np.nan]}),
        "empty": pd.DataFrame({"x": []}),
    }
    recipe = {"days": (7, 28)}
    write(tmp_path / "m", rule, **GIVEN, tables=tables, tables_as_of="2016-12-31", recipe=recipe)
    back = read(tmp_path / "m")
    assert back.manifest["tables"] == {"rates": "2016-12-31", "empty": "2016-12-31"}
    assert back.manifest["recipe"] == {"days": [7, 28]}
    for name, table in tables.items():
        pd.testing.assert_frame_equal(back.tables[name], table)


def test_content_is_equal_for_equal_fits_of_two_runs(rule, tmp_path):
    first = write(tmp_path / "a", rule, **GIVEN)
    another: dict[str, Any] = {**GIVEN, "run": "another"}
    second = write(tmp_path / "b", option("rule").fit(*rows(200)), **another)
    assert first["content"] == second["content"]
    assert first["model.json"] == second["model.json"]
    assert first["manifest.json"] != second["manifest.json"]
    other = write(tmp_path / "c", option("rule").fit(*rows(210)), **GIVEN)
    assert other["content"] != first["content"]


def test_what_is_there_is_never_written_over(folder, rule):
    with pytest.raises(FileExistsError):
        write(folder, rule, **GIVEN)


def test_a_write_that_fails_leaves_nothing(rule, tmp_path, monkeypatch):
    def full(path):
        raise OSError("no space left")

    monkeypatch.setattr(files, "sync", full)
    with pytest.raises(OSError, match="no space"):
        write(tmp_path / "model", rule, **GIVEN)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../evil", "Manifest.json", "a/b", ".hidden", ""])
def test_tables_of_strange_names_are_bugs(rule, tmp_path, name):
    with pytest.raises(ValueError, match="no names"):
        write(tmp_path / "model", rule, **GIVEN, tables={name: pd.DataFrame({"x": [1]})})


def test_missing_and_further_files_are_refused_together(folder):
    (folder / "model.json").unlink()
    (folder / "more.txt").write_text("x")
    with pytest.raises(ContractBroken) as broken:
        read(folder)
    assert ["lacks model.json" in f or "holds more.txt" in f for f in broken.value.faults] == [True, True]


def test_a_folder_without_manifest_is_no_artefact(tmp_path):
    with pytest.raises(ContractBroken, match="no manifest"):
        read(tmp_path)
    with pytest.raises(ContractBroken, match="no manifest"):
        read(tmp_path / "nowhere")


@pytest.mark.parametrize("schema", [0, 2, "1", 1.0, True, None])
def test_unknown_schema_is_refused(folder, schema):
    resealed(folder, schema=schema)
    with pytest.raises(ContractBroken, match="schema"):
        read(folder)


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", "{", "\udcff"])
def test_a_damaged_manifest_is_refused(folder, text):
    (folder / "manifest.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ContractBroken):
        read(folder)


def test_manifest_in_another_form_is_refused(folder):
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text())))
    with pytest.raises(ContractBroken, match="seal"):
        read(folder)


@pytest.mark.parametrize("name", ["../outside.json", "/etc/hostname", "a/b.json", "..", "manifest.json"])
def test_names_that_lead_elsewhere_are_refused(folder, name):
    (folder.parent / "outside.json").write_text("{}")
    resealed(folder, files={**read(folder).manifest["files"], name: "0" * 64})
    with pytest.raises(ContractBroken, match="which no artefact has"):
        read(folder)


def test_links_are_refused(folder):
    (folder / "model.json").rename(folder.parent / "elsewhere.json")
    (folder / "model.json").symlink_to(folder.parent / "elsewhere.json")
    with pytest.raises(ContractBroken, match="no plain file"):
        read(folder)


@pytest.mark.parametrize("family", ["forest", "artefact", "os", "..door", "calibrated"])
def test_unknown_families_are_refused_and_not_imported(folder, family):
    resealed(folder, family=family)
    with pytest.raises(ContractBroken, match="no model family"):
        read(folder)


def test_files_that_are_no_model_are_refused(folder):
    resealed(folder, family="catboost")
    with pytest.raises(ContractBroken, match="cannot be read"):
        read(folder)


def test_another_scikit_learn_is_refused(tmp_path):
    fitted = option("gradient_boosting", iterations=2).fit(*rows(200))
    write(tmp_path / "model", fitted, **GIVEN)
    versions = read(tmp_path / "model").manifest["versions"]
    resealed(tmp_path / "model", versions={**versions, "scikit-learn": "1.8.3"})
    with pytest.raises(ContractBroken, match=r"scikit-learn 1\.8\.3"):
        read(tmp_path / "model")


def test_a_type_that_is_not_trusted_is_refused_on_both_ways():
    import skops.io

    class Odd:
        value = 1

    with pytest.raises(Declined, match="not trusted"):
        skops_bytes({"odd": np.random.default_rng, "partial": Odd})
    with pytest.raises(ContractBroken, match="not trusted"):
        from_skops(skops.io.dumps({"odd": np.random.default_rng(0).normal, "f": io.BytesIO}))


def test_skops_files_have_no_date_no_address_and_fixed_names():
    from sklearn.linear_model import LogisticRegression

    x = np.random.default_rng(0).normal(size=(50, 3))
    data = skops_bytes(LogisticRegression().fit(x, x[:, 0] > 0))
    assert data == skops_bytes(LogisticRegression().fit(x.copy(), x[:, 0] > 0))
    with zipfile.ZipFile(io.BytesIO(data)) as members:
        assert {member.date_time for member in members.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert all(len(name) < 12 for name in members.namelist())


def test_parquet_is_the_same_bytes_each_time():
    table = pd.DataFrame({"a": pd.Categorical(["x", "y"]), "b": [1.5, np.nan]})
    assert parquet_bytes(table) == parquet_bytes(table.copy())
