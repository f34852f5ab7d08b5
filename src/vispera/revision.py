"""Which code is running: the commit, and a patch of everything that is not in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from vispera.redact import Redactor

FOLDERS = ("src", "conf", "notebooks")
"""Folders whose untracked files belong to the code of a run."""
FILE_LIMIT = 2_000_000
PATCH_LIMIT = 10_000_000
"""Bytes; an untracked file above the first, or a patch above the second, is left out, and named."""

PLAIN_DIFF = (
    *("diff", "--binary", "--full-index", "--no-ext-diff", "--no-textconv", "--no-color", "--no-renames"),
    *("--src-prefix=a/", "--dst-prefix=b/", "--unified=3", "--no-relative", "--ignore-submodules=all"),
)
"""A diff that ``git apply`` accepts, whatever the user's configuration says."""


@dataclass(frozen=True)
class Revision:
    """The code of a run.

    ``patch`` turns a checkout of ``commit`` into the code that ran; it is empty for a clean tree.
    ``reason`` says why there is no commit or no whole patch. Where ``redacted`` or ``left_out`` is set the
    patch does not rebuild the code.
    """

    commit: str | None = None
    dirty: bool | None = None
    patch: bytes = b""
    redacted: bool = False
    left_out: tuple[str, ...] = ()
    reason: str | None = None


class GitFailed(Exception):
    """Git is not there, or refused; the text says why."""


def capture(source: Path) -> Revision:
    """The code under a folder, as it is now; never raises for what git cannot tell.

    Tracked changes of the whole repository and untracked files under ``FOLDERS`` enter the patch.
    Neither the index nor the object store of the repository is touched.
    """
    try:
        commit = git(source, "rev-parse", "--verify", "HEAD^{commit}").decode().strip()
    except GitFailed as failure:
        return Revision(reason=str(failure))
    try:
        untracked, left_out = _untracked(source)
        patch = _diff(source, untracked)
    except (GitFailed, OSError) as failure:
        return Revision(commit, reason=f"no patch: {failure}")
    dirty = bool(patch or left_out)
    if len(patch) > PATCH_LIMIT:
        reason = f"the patch has {len(patch):,} bytes, more than the {PATCH_LIMIT:,} that a record keeps"
        return Revision(commit, dirty, left_out=left_out, reason=reason)
    clean = _without_secrets(source, patch)
    if clean is None:
        return Revision(
            commit, dirty, redacted=True, left_out=left_out, reason="a binary file holds a secret"
        )
    reason = "files too large for the patch were left out" if left_out else None
    return Revision(commit, dirty, clean, clean != patch, left_out, reason)


def _untracked(source: Path) -> tuple[list[str], tuple[str, ...]]:
    """Untracked files that belong to the code, relative to the source, and those too large for it."""
    folders = [folder for folder in FOLDERS if (source / folder).is_dir()]
    if not folders:
        return [], ()
    listed = git(source, "ls-files", "--others", "--exclude-standard", "-z", "--", *folders)
    names = [os.fsdecode(name) for name in listed.split(b"\0") if name]
    files = [name for name in names if not name.endswith("/")]  # a nested repository ends with a slash
    large = {name for name in files if (source / name).lstat().st_size > FILE_LIMIT}
    return [name for name in files if name not in large], tuple(sorted(large))


def _diff(source: Path, untracked: list[str]) -> bytes:
    """Patch from HEAD to the working tree, the untracked files as new ones."""
    with tempfile.TemporaryDirectory() as folder:
        index, objects = (_git_path(source, name) for name in ("index", "objects"))
        aside = {
            "GIT_INDEX_FILE": f"{folder}/index",
            "GIT_OBJECT_DIRECTORY": folder,
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(objects),
        }
        if index.is_file():
            # with its time: git tells by it which files may have been edited within the same tick
            shutil.copy2(index, aside["GIT_INDEX_FILE"])
        if untracked:  # noted in the copy of the index, so that the diff shows them as new files
            names = b"\0".join(os.fsencode(name) for name in untracked)
            command = ("add", "--intent-to-add", "--pathspec-from-file=-", "--pathspec-file-nul")
            git(source, "--literal-pathspecs", *command, aside=aside, given=names)
        return git(source, *PLAIN_DIFF, "HEAD", aside=aside)


def _git_path(source: Path, name: str) -> Path:
    """Where the repository keeps something; worktrees and clones differ."""
    told = git(source, "rev-parse", "--git-path", name)
    return (source / os.fsdecode(told).rstrip("\n")).resolve()


def _without_secrets(source: Path, patch: bytes) -> bytes | None:
    """The patch with secrets taken out, or None where a compressed binary part may hold one.

    Code is searched for quoted literals only; in settings (YAML and the like) every value counts.
    """
    redactor = Redactor()
    top = Path(os.fsdecode(git(source, "rev-parse", "--show-toplevel")).rstrip("\n"))
    parts = patch.split(b"\ndiff --git ")
    cleaned = []
    for part in parts:
        if b"\nGIT binary patch\n" in part:
            texts = _binary_texts(top, part)
            if texts is None or any(redactor.text(text, code=True) != text for text in texts):
                return None
            cleaned.append(part)
            continue
        text = part.decode("utf-8", "surrogateescape")
        is_code = text.partition("\n")[0].rstrip('"').endswith((".py", ".ipynb", ".md"))
        cleaned.append(redactor.text(text, code=is_code).encode("utf-8", "surrogateescape"))
    return b"\ndiff --git ".join(cleaned)


def _binary_texts(top: Path, part: bytes) -> list[str] | None:
    """Content, before and after, of the binary file that a part of a patch is about; None: not to be told."""
    names = part.partition(b"\n")[0].removeprefix(b"diff --git ")
    name = names[2 : 2 + (len(names) - 5) // 2]  # "a/NAME b/NAME", as renames are switched off
    if names != b"a/" + name + b" b/" + name:
        return None  # quoted, for a control character in it
    path = top / os.fsdecode(name)
    texts = [path.read_bytes().decode("latin-1")] if path.is_file() else []
    with suppress(GitFailed):  # a new file has no earlier content
        texts.append(git(top, "cat-file", "blob", f"HEAD:{os.fsdecode(name)}").decode("latin-1"))
    return texts


def git(
    folder: Path, *arguments: str, aside: Mapping[str, str] | None = None, given: bytes | None = None
) -> bytes:
    """Output of a git command, free of the user's configuration where that changes a patch."""
    # Inside a hook these point to another repository or index.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"} | dict(aside or {})
    settings = ("-c", "core.quotePath=false", "-c", "core.autocrlf=false", "-c", "core.fsmonitor=false")
    command = ["git", *settings, *arguments]
    options = {"capture_output": True, "check": True, "timeout": 60, "env": environment}
    try:
        return subprocess.run(command, cwd=folder, input=given, **options).stdout
    except FileNotFoundError:
        raise GitFailed("git is not installed, or the folder is gone") from None
    except subprocess.TimeoutExpired:
        raise GitFailed(f"git {arguments[0]} took more than 60 s") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip().splitlines()
        raise GitFailed(said[0] if said else f"git ended with {error.returncode}") from None
