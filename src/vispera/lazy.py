"""pandas, loaded when something of it is first used.

Typed arguments name classes whose modules work on frames; a command line that is refused needs none of them,
and should not wait for pandas. ``from vispera.lazy import pandas as pd`` stands for ``import pandas as pd``.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any


class Lazy(ModuleType):
    """Stands for a module until one of its names is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            # what the import system and doctest ask of every module is answered by none being there
            raise AttributeError(name)
        value = getattr(import_module(self.__name__), name)
        setattr(self, name, value)
        return value


if TYPE_CHECKING:
    import pandas
else:
    pandas = Lazy("pandas")
