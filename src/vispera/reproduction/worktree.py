"""The code of a record on disk again: a git worktree of its commit, its patch applied, gone afterwards."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from vispera.errors import Declined
from vispera.reproduction.side import Side
from vispera.revision import GitFailed, git

PREFIX = "vispera-code-"
"""Begins the names of the temporary folders that hold our worktrees."""
HELD = "held"
"""File in such a folder; locked by the kernel for as long as its process lives."""
ENTRY = Path("src", "vispera", "door", "again.py")
"""What code needs to be run from a record."""
CURRENT = "type code=current to run the record with the code that is here"


def why_not(recorded: Side, source: Path) -> str | None:
    """Why the code of a record cannot be rebuilt, and what to type; None if it can."""
    code = recorded.record.code
    commit = code.get("commit")
    if not commit:
        reason = code.get("reason") or "the record names no commit"
        return f"the code is not known: {reason}; {CURRENT}"
    if code.get("patch_redacted"):
        return (
            "not reproducible: secrets were taken out of code.patch, so it does not rebuild the code; "
            f"{CURRENT}"
        )
    if code.get("left_out") or code.get("reason"):
        reason = code.get("reason") or f"{code['left_out']} files were too large"
        return f"not reproducible: code.patch does not hold all of the code: {reason}; {CURRENT}"
    if code.get("dirty") and not recorded.patch:
        return f"code.patch is not in {recorded.folder}, and the tree was dirty: put it back, or {CURRENT}"
    return _absent(source, str(commit))


def _absent(source: Path, commit: str) -> str | None:
    """Why a commit cannot be checked out here; None if it is there."""
    try:
        git(source, "cat-file", "-e", f"{commit}^{{commit}}")
        return None
    except GitFailed:
        pass
    try:
        shallow = git(source, "rev-parse", "--is-shallow-repository").strip() == b"true"
    except GitFailed as failure:
        return f"there is no repository at {source} to take commit {commit[:12]} from: {failure}; {CURRENT}"
    if shallow:
        return f"commit {commit[:12]} is not in this shallow clone; type: git fetch --unshallow, or {CURRENT}"
    fetch = f"git fetch origin {commit}"
    return f"commit {commit[:12]} is not in this repository; type: {fetch}, where it was pushed, or {CURRENT}"


@contextmanager
def checkout(source: Path, recorded: Side) -> Iterator[Path]:
    """Folder with conf/ and src/ as the record's code was; Declined, with the reason, if it cannot be made.

    What an earlier call left behind that was killed is taken away first.
    """
    if reason := why_not(recorded, source):
        raise Declined(reason)
    with _alone(source):
        take_away_dead(source)
    place = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
    tree = place / "tree"
    with _held(place):
        try:
            with _alone(source):
                _fill(source, tree, recorded)
            below = git(source, "rev-parse", "--show-prefix")
            code = tree / os.fsdecode(below).rstrip("\n")
            if not (code / ENTRY).is_file():
                commit = str(recorded.record.code["commit"])[:12]
                raise Declined(f"the code of commit {commit} is older than `vispera reproduce`; {CURRENT}")
            yield code
        finally:
            with _alone(source):
                _take_away(source, tree)


def _fill(source: Path, tree: Path, recorded: Side) -> None:
    commit = str(recorded.record.code["commit"])
    try:
        no_hooks = ("-c", f"core.hooksPath={os.devnull}")  # they could change what is checked out
        git(source, *no_hooks, "worktree", "add", "-q", "--detach", str(tree), commit)
        if recorded.patch:
            git(tree, "apply", "--whitespace=nowarn", "-", given=recorded.patch)
    except GitFailed as failure:
        raise Declined(f"the code of commit {commit[:12]} cannot be rebuilt: {failure}; {CURRENT}") from None


def take_away_dead(source: Path) -> None:
    """Take away the worktrees of ours whose process is gone."""
    try:
        listed = os.fsdecode(git(source, "worktree", "list", "--porcelain")).splitlines()
    except GitFailed:
        return
    trees = (Path(line.removeprefix("worktree ")) for line in listed if line.startswith("worktree "))
    for tree in trees:
        if tree.parent.name.startswith(PREFIX) and not _is_held(tree.parent):
            _take_away(source, tree)


def _take_away(source: Path, tree: Path) -> None:
    shutil.rmtree(tree.parent, ignore_errors=True)
    with suppress(GitFailed):  # twice: one that was killed while it was being made is locked
        git(source, "worktree", "remove", "--force", "--force", str(tree))


@contextmanager
def _alone(source: Path) -> Iterator[None]:
    """No other call of ours makes or lists worktrees meanwhile: git stumbles over one that is half made."""
    common = os.fsdecode(git(source, "rev-parse", "--git-common-dir")).rstrip("\n")
    with (source / common / "vispera-worktrees.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _held(place: Path) -> Iterator[None]:
    """The folder is in use; the kernel lets go of it however this process ends."""
    with (place / HELD).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _is_held(place: Path) -> bool:
    try:
        file: Any = (place / HELD).open("w")
    except OSError:
        return False
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False
