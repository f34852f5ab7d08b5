"""The server of W&B as the registry in it asks it: versions are listed and named.

Each answer is awaited for so many seconds, and whatever goes wrong is told in one line.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vispera.errors import VisperaError
from vispera.redact import redact_text
from vispera.wandb_session import api

INSTEAD = "registry=folder"
"""What works without an account."""
NOTHING = "Unable to parse"
"""How the SDK says that there is no such collection, type or project."""
REGISTRY = "wandb-registry-"
"""How the name of an organisation's registry begins."""


GRACE = 2.0
"""Seconds that the SDK's own process has to end by itself; it takes some hundredths."""


@dataclass(frozen=True, kw_only=True)
class Where:
    """Where a registry lies in W&B, and for how many seconds answers and files are awaited.

    ``entity`` None is the account's own; ``target`` None links versions into nothing.
    """

    project: str = "vispera-registry"
    entity: str | None = None
    target: str | None = "wandb-registry-model"
    folder: Path
    timeout: float = 15.0
    transfer_timeout: float = 120.0

    @property
    def home(self) -> Path:
        """Folder below which everything is written, absolute."""
        return self.folder.expanduser().absolute()

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """An empty folder that is gone after the block."""
        temporary = self.home / "wandb" / "tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="registry-", dir=temporary) as place:
            yield Path(place)


@contextmanager
def connected(where: Where) -> Iterator[Server]:
    """The server of ``WANDB_BASE_URL``, for the account whose key is there; VisperaError if it is gone."""
    try:
        with api(where.home, where.timeout, INSTEAD) as found:
            with asking("tell whose account it is"):
                entity = where.entity or found.default_entity
            if entity is None:
                raise VisperaError("the W&B account has no entity of its own; type registry.entity=TEAM")
            found.settings["entity"] = entity  # whose organisation a registry is that is named alone
            yield Server(where, entity, found)
    except BaseException:
        end_service()
        raise


def end_service() -> None:
    """End the process with which the SDK asks; the next question starts another one.

    At the end of ours the SDK waits for it, now and then for ever: it is still asking a server that is gone.
    """
    import wandb
    from wandb.sdk import wandb_setup

    with suppress(Exception):  # there may be none, or another version of the SDK may hold it elsewhere
        process = wandb_setup.singleton().assert_service()._proc._process  # pyright: ignore
        late = threading.Timer(GRACE, process.kill)  # pyright: ignore
        late.daemon = True
        late.start()
        wandb.teardown()
        late.cancel()


@contextmanager
def asking(what: str, then: str = "type the same again when it is there") -> Iterator[None]:
    """Turns whatever the SDK raises into one line: what was asked of which server, why not, and what to type.

    Nothing but calls into the SDK belongs into the block: it has no common class for its errors.
    """
    try:
        yield
    except VisperaError:
        raise
    except Exception as fault:
        why = redact_text(" ".join(str(fault).split()))[:300] or type(fault).__name__
        raise VisperaError(f"W&B at {server()} did not {what}: {why}; {then}") from None


def server() -> str:
    """The server as the user has named it."""
    return redact_text(os.environ.get("WANDB_BASE_URL") or "its usual address (WANDB_BASE_URL is not set)")


@dataclass(frozen=True)
class Server:
    """One connection; versions are ``wandb.Artifact``, listed in the order in which the server took them."""

    where: Where
    entity: str
    api: Any

    def path(self, collection: str) -> str:
        """Name of a collection of the registry's own project."""
        return f"{self.entity}/{self.where.project}/{collection}"

    def target(self, collection: str) -> str | None:
        """Name of the collection that versions are linked into; None if there is none."""
        target = self.where.target
        if target is None:
            return None
        alone = "/" in target or target.startswith(REGISTRY)  # the organisation is the server's to tell
        return f"{target}/{collection}" if alone else f"{self.entity}/{target}/{collection}"

    def versions(self, kind: str, path: str) -> list[Any]:
        """Every version of a collection; none if there is no such collection."""
        with asking(f"list the versions of {path}"):
            try:
                return sorted(self.api.artifacts(kind, path, per_page=100), key=index_of)
            except ValueError as nothing:
                if not str(nothing).startswith(NOTHING):
                    raise
                return []

    def name(self, version: Any, aliases: Sequence[str]) -> None:
        """Let aliases of its collection name a version, and no other one from then on."""
        if new := [alias for alias in aliases if alias not in version.aliases]:
            with asking(f"let {' and '.join(new)} name {version.qualified_name}"):
                version.aliases = [*version.aliases, *new]
                version.save()

    def link(self, version: Any, path: str, aliases: Sequence[str]) -> None:
        """Link a version into a collection, where aliases name it from then on."""
        with asking(f"link {version.qualified_name} into {path}", f"{TARGET}, or type the same again"):
            version.link(path, aliases=list(aliases))


TARGET = "if it is not there for this account type registry.target=PROJECT or registry.target=null"


def index_of(version: Any) -> int:
    """Number that the server gave to a version within the collection that it was logged in."""
    return int(version.source_version.removeprefix("v"))
