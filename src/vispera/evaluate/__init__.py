"""How good a run is: metrics with intervals, curves, permitted slices, paired differences.

predictions (a frame, see `COLUMNS`) -> evaluate() -> Evaluation.metrics   metrics.json
                                                     Evaluation.curves    curves.json
                                                     Evaluation.slices    slices.json
                                                     Evaluation.headline  in record.json
two frames of the same rows          -> paired_difference() -> value, interval and verdict by metric
"""

from vispera.evaluate.paired import paired_difference
from vispera.evaluate.summary import SCHEMA, Evaluation, evaluate
from vispera.evaluate.window import COLUMNS, POOLED

__all__ = ["COLUMNS", "POOLED", "SCHEMA", "Evaluation", "evaluate", "paired_difference"]
