"""The search behind ``-m``: Optuna asks, processes of ours try, a storage remembers.

``study`` is the memory, ``loop`` decides which trials run when, ``pool`` runs them in processes that may die,
``pruning`` says when one is hopeless. What a trial does is not known here: it is handed in.
"""

from vispera.search.loop import Runner, at_work, search
from vispera.search.settings import Asked, Part, Result, SearchSettings
from vispera.search.study import Study, open_storage

__all__ = [
    "Asked",
    "Part",
    "Result",
    "Runner",
    "SearchSettings",
    "Study",
    "at_work",
    "open_storage",
    "search",
]
