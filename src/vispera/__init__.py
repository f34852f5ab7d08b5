"""Experiment tracking and reproducible research on tabular decisions."""

__version__ = "0.1.0"
