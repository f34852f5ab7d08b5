"""Hydra behind the door: the only module that knows its internals (1.3; the same names exist in 1.4).

The public ``hydra.main`` prints stack traces, ends the process itself and forgets what the jobs of a sweep
returned; so the few lines of it that dispatch the flags are here, around a loader that lets no composed
configuration out unchecked.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from hydra import version
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.hydra import Hydra
from hydra._internal.utils import create_config_search_path, get_args_parser
from hydra.core.config_search_path import SearchPathQuery
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.types import Quote, QuotedString
from hydra.core.utils import JobReturn
from hydra.types import RunMode, TaskFunction
from omegaconf import DictConfig, OmegaConf

from vispera.door.answer import say
from vispera.door.help import help_text
from vispera.door.spelling import NOT_COMPOSED, spelling_faults
from vispera.door.target import refused_targets
from vispera.door.verb import ALIASES, BY_NAME, FOLLOWS_A_REPLAY, ONE_AT_A_TIME, OWN, TAKES_A_RECIPE
from vispera.errors import UsageError, nearest
from vispera.redact import Redactor
from vispera.workspace import root, source

Inspect = Callable[[DictConfig, bool], list[str]]

CONFIG_DIR = "command-line"
"""Name of the folder that --config-dir adds, among Hydra's places to look for configuration."""
QUOTED = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"")
IN_WORDS = ("where", "by", "reason", "guest")
"""Keys whose value is what somebody says, signs and commas included, and no value in Hydra's grammar."""
NUMBER_LIKE = re.compile(r"(?<![^[,\s])\d+(?:e\d+)?(?![^],\s])")
"""Six digits of an id that might be a number, between the brackets and commas of a list."""


class CheckedLoader(ConfigLoaderImpl):
    """Hydra's loader, refusing what should not be acted on; every job of a sweep comes through here too.

    ``inspect`` gives the faults of a configuration that is about to be run; it is told whether only our own
    classes are to be looked at, as nothing will be run in any case. ``finish`` puts in what no file of the
    configuration holds.
    """

    inspect: Inspect | None = None
    finish: Callable[[DictConfig], None] | None = None

    def load_configuration(
        self,
        config_name: str | None,
        overrides: list[str],
        run_mode: RunMode,
        from_shell: bool = True,
        validate_sweep_overrides: bool = True,
    ) -> DictConfig:
        """Composed configuration; UsageError with every fault that was found in it."""

        def compose(words: Sequence[str], mode: RunMode = run_mode) -> DictConfig:
            load = super(CheckedLoader, self).load_configuration
            return load(config_name, list(words), mode, from_shell, validate_sweep_overrides)

        config, failure = _tried(compose, overrides)
        if failure is None and self.finish is not None:
            self.finish(config)
        if failure is None:
            faults = self._faults(config, run_mode)
        else:
            faults, sound = spelling_faults(self.repository, overrides, compose, failure)
            # what is well spelt may be wrong otherwise: all is told at once
            rest, _ = _tried(compose, sound)
            faults += self._faults(rest, run_mode, only_own=True)
        if faults:
            raise UsageError(*faults)
        return config

    def _faults(self, config: DictConfig | None, run_mode: RunMode, only_own: bool = False) -> list[str]:
        faults = refused_targets(config) if config is not None else []
        if config is not None and not faults and self.inspect is not None and run_mode is RunMode.RUN:
            faults = self.inspect(config, only_own)
        return faults


def _tried(
    compose: Callable[[Sequence[str]], DictConfig], words: Sequence[str]
) -> tuple[Any, Exception | None]:
    """The composed configuration, or why there is none."""
    try:
        return compose(words), None
    except NOT_COMPOSED as failure:
        return None, failure


def parse(words: Sequence[str], verb: str = "train") -> argparse.Namespace:
    """Hydra's flags and a verb's overrides; UsageError in one line for what is neither."""
    parser = get_args_parser()
    known = [flag for action in parser._actions for flag in action.option_strings]

    def refuse(message: str) -> NoReturn:
        strays = [word for word in words if word.startswith("-") and word.split("=")[0] not in known]
        tails = [f"{word}: no such flag; {nearest(word, known)}" for word in strays]
        raise UsageError(*(tails or [f"{message}; vispera VERB --help shows what is allowed"]))

    parser.error = refuse
    args = parser.parse_intermixed_args(list(words))
    if args.experimental_rerun is not None:
        raise UsageError(
            "--experimental-rerun reads a pickle, which can run anything, and nothing is unpickled here; "
            "type the overrides of that job again"
        )
    if args.resolve and args.cfg is None and not args.help:
        raise UsageError("--resolve goes with --cfg or --help; type --cfg job --resolve")
    modes = {
        "--run": args.run,
        "--multirun": args.multirun,
        "--cfg": args.cfg,
        "--info": args.info,
        "--shell-completion": args.shell_completion,
    }
    if len(chosen := [flag for flag, given in modes.items() if given]) > 1:
        raise UsageError(f"{' and '.join(chosen)} exclude each other; type one of them")
    if not args.shell_completion:
        redactor = Redactor()
        for word in args.overrides:
            redactor.override(word)  # what is secret in it is taken out of every text from here on
        args.overrides = [_as_hydra_says(word, verb) for word in args.overrides]
    return args


def _as_hydra_says(word: str, verb: str) -> str:
    """``experiment=x`` for ``+experiment=x``, and Hydra's name of a group that is chosen twice.

    Conditions, reasons and the ids of runs are no values in Hydra's grammar, and are quoted for it: the signs
    of the first two it refuses, and of the ids it would take 1234e5 for a number.
    """
    key, equals, value = word.partition("=")
    if key.lstrip("+") == "experiment":
        key = "experiment"
    elif key in IN_WORDS and value not in ("", "null") and not QUOTED.fullmatch(value):
        mark = Quote.single if '"' in value else Quote.double
        value = QuotedString(text=value, quote=mark).with_quotes()
    elif key == "problem" and verb in BY_NAME:
        key = "problem.name"
    own = key in OWN.get(verb, ())
    if own or key in ("runs", "run", "with"):
        value = NUMBER_LIKE.sub(r"'\g<0>'", value)
    return f"{key if own else ALIASES.get(key, key)}{equals}{value}"


def application(verb: str, args: argparse.Namespace) -> tuple[Hydra, CheckedLoader]:
    """Hydra over the configuration of a verb, and the loader that it composes with."""
    version.setbase("1.3")
    OmegaConf.register_new_resolver("workspace", lambda name: str(root() / name), replace=True)
    place = source() / (args.config_path or "conf")
    search_path = create_config_search_path(str(place))
    if args.config_dir is not None:
        extra = Path(args.config_dir).expanduser().resolve()
        if not extra.is_dir():
            raise UsageError(f"--config-dir {args.config_dir}: there is no such folder")
        search_path.prepend(CONFIG_DIR, f"file://{extra}", SearchPathQuery(provider="schema"))
    GlobalHydra.instance().clear()
    loader = CheckedLoader(search_path)
    hydra = Hydra(task_name=verb, config_loader=loader)
    GlobalHydra.instance().initialize(hydra)
    return hydra, loader


def flags(config: DictConfig) -> tuple[str, ...]:
    """What was typed beside the words of a composed configuration, and changes what they mean."""
    added = (one.path for one in config.hydra.runtime.config_sources if one.provider == CONFIG_DIR)
    return tuple(word for path in added for word in ("--config-dir", path))


def composed(verb: str, words: Sequence[str] = ()) -> DictConfig:
    """Configuration of a verb as its command line would give it."""
    hydra, _ = application(verb, parse([]))
    try:
        return hydra.compose_config(verb, [_as_hydra_says(word, verb) for word in words], RunMode.RUN)
    finally:
        GlobalHydra.instance().clear()


def dispatch(verb: str, args: argparse.Namespace, task: TaskFunction, inspect: Inspect) -> int:
    """Exit code of what the flags ask for: a run, several, or something to read."""
    hydra, loader = application(verb, args)
    name, words = args.config_name or verb, args.overrides
    if verb in TAKES_A_RECIPE:
        words, loader.finish = import_module("vispera.door.recipe").with_recipe(words)
    if verb in FOLLOWS_A_REPLAY:
        words = import_module("vispera.door.followed").with_problem(words)
    try:
        if args.help:
            config = hydra.compose_config(name, words, RunMode.RUN)
            HydraConfig.instance().set_config(config)
            print(help_text(config, loader.repository, args.resolve))  # noqa: T201  (what --help asks for)
        elif args.hydra_help:
            hydra.hydra_help(name, get_args_parser(), args)
        elif args.cfg:
            hydra.show_cfg(name, words, args.cfg, args.package, args.resolve)
        elif args.info:
            hydra.show_info(args.info, name, words)
        elif args.shell_completion:
            hydra.shell_completion(name, words)
        else:
            loader.inspect = inspect
            many = args.multirun or _asks_for_many(hydra, name, words)
            if many and verb in ONE_AT_A_TIME:
                raise UsageError(
                    f"vispera {verb} does one thing at a time, and a sweep writes down what was typed"
                )
            return _run(hydra, name, words, many, task)
        return 0
    finally:
        GlobalHydra.instance().clear()


def _run(hydra: Hydra, name: str, words: list[str], many: bool, task: TaskFunction) -> int:
    mode = RunMode.MULTIRUN if many else RunMode.RUN
    words = [*words, f"hydra.mode={mode.name}"]
    if mode is RunMode.RUN:
        return int(hydra.run(name, task, words).return_value)
    return _worst(hydra.multirun(name, task, words))


def _asks_for_many(hydra: Hydra, name: str, words: list[str]) -> bool:
    """Whether ``hydra.mode`` is set to MULTIRUN, by an experiment or on the command line."""
    if not any(word.lstrip("+").startswith(("experiment=", "hydra.mode=", "hydra/")) for word in words):
        return False
    return hydra.get_mode(name, list(words)) is RunMode.MULTIRUN


def _worst(returned: Any) -> int:
    """Greatest exit code among the jobs of a sweep; says which did not end well."""
    jobs = [job for batch in returned or [] for job in batch if isinstance(job, JobReturn)]
    failed = [
        f"#{number} {' '.join(job.overrides or [])}: exit {job.return_value}"
        for number, job in enumerate(jobs)
        if job.return_value
    ]
    if len(jobs) > 1:
        say(f"{len(jobs)} jobs: {len(jobs) - len(failed)} done, {len(failed)} not")
        for line in failed:
            say(f"  {line}")
    return max((int(job.return_value or 0) for job in jobs), default=0)
