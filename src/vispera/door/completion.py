"""Shell completion of a command that begins with a verb, which Hydra's completion does not know of."""

from __future__ import annotations

import os
from collections.abc import Sequence

from vispera.door.verb import VERBS
from vispera.errors import UsageError

FLAGS = ("-sc", "--shell-completion")


def complete(words: Sequence[str]) -> int:
    """0, after what may come next in ``COMP_LINE`` has been printed, or the script that a shell sources."""
    line = os.environ.get("COMP_LINE", "")
    program, *typed = [*line.split(), *([""] if line.endswith(" ") else [])] or [""]
    if not any(word.startswith("query=") for word in words):
        return _by_hydra("train", words)
    if len(typed) < 2:
        print(*(verb for verb in VERBS if verb.startswith("".join(typed))))  # noqa: T201  (the shell reads it)
        return 0
    verb, *rest = typed
    if verb not in VERBS:
        return 0
    os.environ["COMP_LINE"] = " ".join([program, *rest])
    try:
        return _by_hydra(verb, words)
    except UsageError:
        return 0  # what is typed so far does not compose yet


def _by_hydra(verb: str, words: Sequence[str]) -> int:
    from vispera.door.application import dispatch, parse

    return dispatch(verb, parse(words, verb), lambda _: 0, lambda *_: [])
