"""What ``-m`` does: a search where the verb has one, else every combination of the values given.

Hydra imports this module at every start: nothing heavy here, the search is in `vispera.search`.
"""

from __future__ import annotations

from typing import Any

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf

from vispera.redact import redact


class Sweep(BasicSweeper):
    """A search, or Hydra's plain product, neither of which writes down a secret."""

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Prepare the launcher with the configuration, and keep for ``multirun.yaml`` what may be written.

        Jobs are composed from their overrides and those of Hydra, which therefore stay as typed.
        """
        super().setup(hydra_context=hydra_context, task_function=task_function, config=config)
        written: Any = OmegaConf.create(redact(OmegaConf.to_container(config)))
        OmegaConf.update(written, "hydra.overrides.hydra", config.hydra.overrides.hydra)
        self.config = written

    def sweep(self, arguments: list[str]) -> Any:
        """Results of the search's studies, or of the product's jobs."""
        context, config, launcher = self.hydra_context, self.config, self.launcher
        if context is None or config is None or launcher is None:
            raise TypeError("a sweeper is set up before it sweeps")
        if OmegaConf.select(config, "search.kind") in (None, "grid"):
            return super().sweep(arguments)
        from vispera.door.search import run_search  # imports what a trial needs

        return run_search(context, config, arguments, launcher)
