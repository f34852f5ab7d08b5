"""A record's code on disk again: as it was, for several calls at once, and gone afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from repository import git
from vispera.errors import Declined
from vispera.record import RunRecord
from vispera.reproduction.side import Side
from vispera.reproduction.worktree import ENTRY, checkout, take_away_dead
from vispera.revision import capture


@pytest.fixture
def source(tmp_path) -> Path:
    root = tmp_path / "source"
    (root / ENTRY).parent.mkdir(parents=True)
    (root / ENTRY).write_text("one\n")
    git(tmp_path, "init", "-q", str(root))
    git(root, "add", "-A")
    git(root, "commit", "-qm", "first")
    return root


def side(source: Path, **code) -> Side:
    found = capture(source)
    told = {"commit": found.commit, "dirty": found.dirty, **code}
    return Side(record=RunRecord(id="x", state="finished", folder=source, code=told), patch=found.patch)


def worktrees(source: Path) -> list[str]:
    return git(source, "worktree", "list").splitlines()


def test_the_code_is_as_it_was_and_gone_afterwards(source):
    (source / ENTRY).write_text("two\n")
    (source / "src" / "new.py").write_text("untracked\n")
    was = side(source)
    (source / ENTRY).write_text("three\n")
    with checkout(source, was) as code:
        assert (code / ENTRY).read_text() == "two\n"
        assert (code / "src" / "new.py").read_text() == "untracked\n"
        take_away_dead(source)
        assert (code / ENTRY).is_file(), "one that is in use is not taken away"
    assert not code.exists()
    assert len(worktrees(source)) == 1
    assert (source / ENTRY).read_text() == "three\n"


def test_hooks_of_the_user_change_nothing(source):
    hook = source / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\necho changed > {ENTRY}\n")
    hook.chmod(0o755)
    with checkout(source, side(source)) as code:
        assert (code / ENTRY).read_text() == "one\n"


def test_several_calls_at_once_do_not_disturb_each_other(source):
    was = side(source)

    def once(_: int) -> str:
        with checkout(source, was) as code:
            return (code / ENTRY).read_text()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(once, range(40))) == {"one\n"}
    assert len(worktrees(source)) == 1


def test_a_patch_that_does_not_fit_is_declined_and_leaves_nothing(source):
    (source / ENTRY).write_text("two\n")
    was = side(source)
    git(source, "commit", "-qam", "second")
    elsewhere = side(source).record.code["commit"]
    told = Side(
        record=RunRecord(id="x", state="finished", folder=source, code={"commit": elsewhere}), patch=was.patch
    )
    with pytest.raises(Declined, match="cannot be rebuilt: error: patch failed"), checkout(source, told):
        pass
    assert len(worktrees(source)) == 1


def test_where_there_is_no_repository_it_is_told(tmp_path, source, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    with pytest.raises(Declined, match="there is no repository at"), checkout(tmp_path, side(source)):
        pass
