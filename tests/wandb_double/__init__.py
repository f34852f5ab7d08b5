"""A server that the real W&B SDK talks to over loopback, holding all that it received.

It raises on whatever it does not model. How a real server moves aliases, drops duplicates and lets people do
things is a reading of the client: nothing here proves what W&B's own does.
"""

from wandb_double.serving import KEY, Double, serving
from wandb_double.state import ENTITY, Artifact, Collection, Run, State

__all__ = ["ENTITY", "KEY", "Artifact", "Collection", "Double", "Run", "State", "serving"]
