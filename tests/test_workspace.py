from __future__ import annotations

from pathlib import Path

import pytest

from vispera import workspace
from vispera.errors import UsageError

HERE = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def _no_home(monkeypatch):
    monkeypatch.delenv("VISPERA_HOME", raising=False)


def test_the_workspace_is_that_of_the_code_whatever_the_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert workspace.root() == HERE
    assert workspace.experiments() == HERE / "experiments"


def test_vispera_home_moves_the_runs_but_not_the_code(tmp_path, monkeypatch):
    monkeypatch.setenv("VISPERA_HOME", str(tmp_path))
    assert workspace.experiments() == tmp_path / "experiments"
    assert workspace.source() == HERE
    assert not workspace.experiments().exists()


def test_a_home_that_is_not_there_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("VISPERA_HOME", str(tmp_path / "gone"))
    with pytest.raises(UsageError, match="which is no folder"):
        workspace.root()


def test_installed_code_finds_the_clone_above_the_directory(tmp_path, monkeypatch):
    installed = tmp_path / "lib" / "site-packages" / "vispera" / "workspace.py"
    monkeypatch.setattr(workspace, "__file__", str(installed))
    (tmp_path / "clone" / "conf").mkdir(parents=True)
    (tmp_path / "clone" / "src" / "deep").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "clone" / "src" / "deep")
    assert workspace.source() == tmp_path / "clone"
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="no workspace at"):
        workspace.source()
