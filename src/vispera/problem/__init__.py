"""SEAM: what is to be decided, on which table.

A problem is one YAML in ``conf/problem/`` and, where a file described in YAML does not suffice, one module.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from vispera import workspace
from vispera.decision import Decision
from vispera.schema import Schema, SplitSettings

if TYPE_CHECKING:
    import pandas as pd

    from vispera.table import Table


@dataclass(frozen=True, kw_only=True)
class Problem(ABC):
    """Declarations that every problem makes; ``load`` gives its table.

    ``cache`` is where canonical tables are kept, relative to the workspace; ``simulated`` marks everything
    that is made from the table.
    """

    name: str
    schema: Schema
    decision: Decision = field(default_factory=Decision)
    split: SplitSettings = field(default_factory=SplitSettings)
    cache: Path = Path("data")
    simulated: bool = False

    @property
    def cache_folder(self) -> Path:
        """Folder of this problem's canonical tables, absolute."""
        return workspace.root() / self.cache / self.name

    def fetch(self) -> Sequence[Path]:
        """Files of the source, fetched where they are not here; none where there is nothing to be fetched."""
        return ()

    def open_book(self, raw: pd.DataFrame) -> pd.DataFrame:
        """Rows of a nightly extract under the declared names, whatever form the source has; as they are here.

        ContractBroken if what they are made of is not there.
        """
        return raw

    @abstractmethod
    def load(self) -> Table:
        """Canonical table, from the cache where the source has not changed."""
