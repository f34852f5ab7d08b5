"""Hydra's basic sweeper, which writes down no secrets.

Hydra imports this module at every start: nothing heavy here.
"""

from __future__ import annotations

from typing import Any

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf

from vispera.redact import redact


class Grid(BasicSweeper):
    """Every combination of the values given, one job after another."""

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Prepare the launcher with the configuration, and keep for ``multirun.yaml`` what may be written.

        Jobs are composed from their overrides and those of Hydra, which therefore stay as typed.
        """
        super().setup(hydra_context=hydra_context, task_function=task_function, config=config)
        written: Any = OmegaConf.create(redact(OmegaConf.to_container(config)))
        OmegaConf.update(written, "hydra.overrides.hydra", config.hydra.overrides.hydra)
        self.config = written
