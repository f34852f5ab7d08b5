from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from vispera import revision
from vispera.revision import capture


def git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=Ana", "-c", "user.email=ana@example.org")
    command = ["git", *identity, *words]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def clone(tmp_path) -> Path:
    """A repository with one commit of everything that a workspace may hold."""
    root = tmp_path / "clone"
    for folder in ("src", "conf", "notebooks", "docs"):
        (root / folder).mkdir(parents=True)
    (root / ".gitignore").write_text("__pycache__/\n/data/\n")
    (root / "src" / "a.py").write_text("one\ntwo\nthree\n")
    (root / "src" / "gone.py").write_text("soon gone\n")
    (root / "src" / "tool.sh").write_text("#!/bin/sh\n")
    (root / "src" / "image.png").write_bytes(bytes(range(256)))
    (root / "docs" / "page.md").write_text("page\n")
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "first")
    return root


def tree(root: Path) -> dict[str, tuple[bytes, int]]:
    """Bytes (or the link's target) and executable bit of every file outside .git."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if name.split("/")[0] == ".git" or (path.is_dir() and not path.is_symlink()):
            continue
        if path.is_symlink():
            found[name] = (os.fsencode(path.readlink()), 0o120000)
        else:
            found[name] = (path.read_bytes(), path.stat().st_mode & 0o100)
    return found


def rebuild(clone: Path, found: revision.Revision) -> dict[str, tuple[bytes, int]]:
    """The tree that a fresh worktree of the commit becomes by the patch."""
    place = clone.parent / "rebuilt"
    git(clone, "worktree", "add", "-q", "--detach", str(place), str(found.commit))
    (clone.parent / "code.patch").write_bytes(found.patch)
    if found.patch:
        git(place, "apply", "--whitespace=nowarn", str(clone.parent / "code.patch"))
    return tree(place)


def make_dirty(clone: Path) -> None:
    (clone / "src" / "a.py").write_text("one\nTWO, changed\nthree, and no newline at the end")
    (clone / "src" / "gone.py").unlink()
    (clone / "src" / "tool.sh").chmod(0o755)
    (clone / "src" / "image.png").write_bytes(bytes(range(255, -1, -1)) * 3)
    (clone / "docs" / "page.md").write_bytes(b"page\r\nwith CRLF\r\n")
    (clone / "src" / "new").mkdir()
    (clone / "src" / "new" / "module.py").write_text("brand new\n")
    (clone / "src" / "new" / "empty.py").write_bytes(b"")
    (clone / "src" / "new" / "weights.bin").write_bytes(os.urandom(5000))
    (clone / "src" / "new" / "latin.txt").write_bytes("víspera".encode("latin-1"))
    (clone / "src" / "new" / "crlf.txt").write_bytes(b"a\r\nb\r\n")
    (clone / "conf" / "el niño b/").mkdir()
    (clone / "conf" / "el niño b" / "año nuevo.yaml").write_text("a: 1\n")
    (clone / "notebooks" / "link.ipynb").symlink_to("../src/a.py")


@pytest.mark.parametrize("setting", [None, "diff.noprefix", "diff.mnemonicPrefix", "core.autocrlf"])
def test_commit_and_patch_rebuild_the_tree_byte_for_byte(clone, setting):
    make_dirty(clone)
    if setting:
        git(clone, "config", setting, "true")
    found = capture(clone)
    assert found.commit == git(clone, "rev-parse", "HEAD")
    assert found.dirty
    assert not found.redacted
    assert found.reason is None
    git(clone, "config", "core.autocrlf", "false")
    assert rebuild(clone, found) == tree(clone)


def test_what_was_staged_is_in_the_patch_too(clone):
    (clone / "src" / "staged.py").write_text("staged\n")
    git(clone, "add", "src/staged.py")
    (clone / "src" / "staged.py").write_text("and changed since\n")
    assert rebuild(clone, capture(clone)) == tree(clone)


def test_an_edit_of_equal_length_within_one_tick_of_the_clock_is_seen(clone):
    """Git compares times and sizes, and contents only of files as young as its index."""
    git(clone, "config", "core.trustctime", "false")  # nobody can set that time, so that it would tell
    file, index = clone / "src" / "a.py", clone / ".git" / "index"
    tick = (1_500_000_000, 1_500_000_000)
    os.utime(file, tick)
    git(clone, "update-index", "--refresh")
    file.write_text("one\nTWO\nthree\n")
    for path in (file, index):
        os.utime(path, tick)
    assert b"+TWO" in capture(clone).patch


def test_neither_index_nor_objects_are_touched(clone):
    make_dirty(clone)
    before = (git(clone, "status", "--porcelain"), git(clone, "count-objects"))
    capture(clone)
    assert (git(clone, "status", "--porcelain"), git(clone, "count-objects")) == before


def test_a_clean_tree_has_no_patch_and_ignored_or_outside_files_do_not_count(clone):
    (clone / "src" / "__pycache__").mkdir()
    (clone / "src" / "__pycache__" / "a.pyc").write_bytes(b"x")
    (clone / "docs" / "draft.md").write_text("untracked outside the code\n")
    found = capture(clone)
    assert (found.dirty, found.patch, found.left_out) == (False, b"", ())


def test_a_hook_of_another_repository_does_not_mislead(clone, tmp_path, monkeypatch):
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    found = capture(clone)
    assert found.commit
    assert found.dirty is False


def test_large_files_are_left_out_and_named(clone, monkeypatch):
    monkeypatch.setattr(revision, "FILE_LIMIT", 1000)
    (clone / "src" / "large.py").write_text("#" * 2000)
    (clone / "src" / "small.py").write_text("x = 1\n")
    found = capture(clone)
    assert found.left_out == ("src/large.py",)
    assert found.dirty
    assert b"small.py" in found.patch
    assert b"large.py" not in found.patch
    assert found.reason == "files too large for the patch were left out"


def test_a_patch_beyond_the_limit_is_not_kept(clone, monkeypatch):
    monkeypatch.setattr(revision, "PATCH_LIMIT", 100)
    make_dirty(clone)
    found = capture(clone)
    assert found.dirty
    assert found.patch == b""
    assert "more than the 100" in str(found.reason)


def test_where_there_is_no_repository_the_reason_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    found = capture(tmp_path)
    assert found.commit is None
    assert "not a git repository" in str(found.reason)


def test_a_repository_without_a_commit_is_told(tmp_path):
    git(tmp_path, "init", "-q")
    found = capture(tmp_path)
    assert found.commit is None
    assert found.reason


def test_without_git_the_reason_is_told(clone, monkeypatch):
    monkeypatch.setenv("PATH", str(clone / "nowhere"))
    found = capture(clone)
    assert found.commit is None
    assert "git is not installed" in str(found.reason)


def test_secrets_are_taken_out_of_the_patch_and_it_says_so(clone):
    (clone / "conf" / "db.yaml").write_text("host: h\npassword: correct horse 9\n")
    (clone / "src" / "a.py").write_text('password = "hunter2x"\ntoken = tokens[0]\n')
    found = capture(clone)
    assert found.redacted
    assert b"correct" not in found.patch
    assert b"hunter2x" not in found.patch
    assert b"token = tokens[0]" in found.patch


def test_code_that_merely_speaks_of_secrets_is_kept(clone):
    code = "def connect(password: str, token=None):\n    return f'{token}', dict(api_key=password)\n"
    (clone / "src" / "a.py").write_text(code)
    found = capture(clone)
    assert not found.redacted
    assert rebuild(clone, found) == tree(clone)


def test_a_binary_file_with_a_secret_keeps_the_patch_out(clone, monkeypatch):
    monkeypatch.setenv("DB_PASSWORD", "canary-in-binary-1")
    (clone / "src" / "cache.bin").write_bytes(b"\0\1\2 canary-in-binary-1 \0\3")
    found = capture(clone)
    assert found.redacted
    assert found.patch == b""
    assert found.reason == "a binary file holds a secret"
