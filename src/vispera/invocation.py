"""How a command was called, for its record and for the line that repeats it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vispera.redact import Redactor


@dataclass(frozen=True)
class Invocation:
    """What was typed, and the whole configuration that came of it.

    Parameters
    ----------
    verb
        ``train``, ``runs`` and so on.
    overrides
        The ``key=value`` words, as typed.
    config
        Resolved, complete and plain: dicts, lists and scalars. Secrets are still in it; whoever writes or
        prints it redacts it.
    job
        Number of the job within a ``-m``; None for a single run.
    flags
        What has to stand beside the words for them to mean the same, such as ``--config-dir DIR``.
    """

    verb: str
    overrides: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    job: int | None = None
    flags: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """Command line that repeats the call; where a secret was typed it has a mark instead.

        >>> Invocation("train", ("model=catboost", "note=two words")).command
        "python train.py model=catboost 'note=two words'"
        """
        program = ["python", "train.py"] if self.verb == "train" else ["vispera", self.verb]
        redactor = Redactor()
        return shlex.join([*program, *self.flags, *map(redactor.override, self.overrides)])
