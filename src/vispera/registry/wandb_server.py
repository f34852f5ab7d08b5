"""The server of W&B as the registry in it asks it: versions are listed and named.

Each answer is awaited for so many seconds, and whatever goes wrong is told in one line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vispera.errors import VisperaError
from vispera.wandb_session import api, asking, scratch

INSTEAD = "registry=folder"
"""What works without an account."""
NOTHING = "Unable to parse"
"""How the SDK says that there is no such collection, type or project."""
REGISTRY = "wandb-registry-"
"""How the name of an organisation's registry begins."""


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
        with scratch(self.home, "registry") as place:
            yield place


@contextmanager
def connected(where: Where) -> Iterator[Server]:
    """The server of ``WANDB_BASE_URL``, for the account whose key is there; VisperaError if it is gone."""
    with api(where.home, where.timeout, INSTEAD) as found:
        with asking("tell whose account it is"):
            entity = where.entity or found.default_entity
        if entity is None:
            raise VisperaError("the W&B account has no entity of its own; type registry.entity=TEAM")
        found.settings["entity"] = entity  # whose organisation a registry is that is named alone
        yield Server(where, entity, found)


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
