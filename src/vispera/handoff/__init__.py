"""Tonight's list handed to the system that reads it in the morning: folders, of which ``CURRENT`` names one.

list.csv (bytes), About -> publish()      -> <night>-<n>/ and CURRENT, whole or not at all
place                   -> read_current() -> Published, every hash checked
place, night            -> earlier()      -> the lists of the nights before: who has been listed already
place, change           -> rewrite()      -> every list without what is to be forgotten

What is in a list is not known here; `docs/handoff.md` is the contract with its readers.
"""

from vispera.handoff.manifest import SCHEMA, About, Model
from vispera.handoff.publish import LEAST_DAYS, Publication, publish
from vispera.handoff.published import Published, earlier, read_current
from vispera.handoff.rewrite import rewrite
from vispera.handoff.rows import as_jsonl, read_rows, types_of, write_rows

__all__ = [
    "LEAST_DAYS",
    "SCHEMA",
    "About",
    "Model",
    "Publication",
    "Published",
    "as_jsonl",
    "earlier",
    "publish",
    "read_current",
    "read_rows",
    "rewrite",
    "types_of",
    "write_rows",
]
