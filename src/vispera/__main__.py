"""The door: ``vispera VERB ...``; ``python train.py ...`` is ``vispera train ...``.

A verb is one YAML (``conf/<verb>.yaml``), one recipe (``vispera.commands.<verb>`` with a frozen dataclass
``Arguments`` and ``run(arguments, invocation) -> exit code``) and one line in ``vispera.door.verb``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from vispera import __version__
from vispera.door.answer import answer
from vispera.door.completion import FLAGS, complete
from vispera.door.verb import VERBS, overview
from vispera.errors import UsageError, nearest

if TYPE_CHECKING:
    from omegaconf import DictConfig


def main(words: Sequence[str] | None = None) -> int:
    """Exit code of a command line; ``words`` are those of the process unless given."""
    return answer(lambda: enter(list(sys.argv[1:] if words is None else words)))


def enter(words: list[str]) -> int:
    """Exit code of the verb that the words name, or of the overview."""
    if not words or words[0] in ("--help", "-h", "help"):
        print(overview())
        return 0
    if words[0] == "--version":
        print(f"vispera {__version__}")
        return 0
    if words[0] in FLAGS:
        return complete(words)
    verb, *rest = words
    if verb not in VERBS:
        raise UsageError(f"{verb}: there is no such verb; {nearest(verb, VERBS)}; see vispera --help")
    if "--version" in rest:
        return enter(["--version"])

    # Hydra takes 0.15 s to import: the overview and a misspelt verb answer without it
    from vispera.door.application import dispatch, parse

    args = parse(rest, verb)
    job = Job(verb)
    return dispatch(verb, args, job, job.faults)


class Job:
    """The recipe of a verb as Hydra wants it: called with a configuration, it gives an exit code."""

    def __init__(self, verb: str):
        self.verb = verb

    def __call__(self, config: DictConfig) -> int:
        """Exit code of one run; its failures are told, so that the other jobs of a sweep go on."""
        return answer(lambda: self._run(config))

    def faults(self, config: DictConfig, only_own: bool) -> list[str]:
        """What keeps a configuration from becoming arguments, found before any work."""
        from hydra.core.hydra_config import HydraConfig

        singleton = HydraConfig.instance()
        before = singleton.cfg
        singleton.cfg = cast(Any, config)  # for interpolations such as ${hydra:job.name}
        try:
            self._arguments(config, only_own)
        except UsageError as refusal:
            return list(refusal.faults)
        finally:
            singleton.cfg = before
        return []

    def _run(self, config: DictConfig) -> int:
        from hydra.core.hydra_config import HydraConfig
        from hydra.types import RunMode
        from omegaconf import OmegaConf

        from vispera.door.application import flags
        from vispera.door.building import as_plain
        from vispera.invocation import Invocation

        context: Any = HydraConfig.instance().cfg
        hydra = context.hydra
        number = hydra.job.num if hydra.mode is RunMode.MULTIRUN else None
        # not followed: a word may hold an interpolation, and is repeated as it was typed
        words = OmegaConf.to_container(OmegaConf.create(hydra.overrides.task), resolve=False)
        typed = tuple(map(str, words or ()))
        invocation = Invocation(self.verb, typed, as_plain(config), number, flags(context))
        return self._recipe().run(self._arguments(config), invocation)

    def _arguments(self, config: DictConfig, only_own: bool = False):
        from vispera.door.building import arguments

        return arguments(self._recipe().Arguments, config, only_own)

    def _recipe(self):
        return import_module(f"vispera.commands.{self.verb}")


if __name__ == "__main__":
    sys.exit(main())
