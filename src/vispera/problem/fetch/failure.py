"""Why a file did not come: nothing of it, only a part, or something else."""

from __future__ import annotations


class Failure(Exception):
    """Why a file did not come; ``again`` if another attempt may do."""

    def __init__(self, why: str, again: bool = False):
        super().__init__(why)
        self.again = again


class Unreachable(Failure):
    """Nothing came."""


class Cut(Failure):
    """Only a part came; it is kept."""


class Wrong(Failure):
    """What came is not what was wanted; it is thrown away."""
