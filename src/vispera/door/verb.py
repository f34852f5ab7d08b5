"""The verbs, and what is known of each before anything of it is imported."""

from __future__ import annotations

VERBS = {
    "train": "one run: fits, evaluates and records a model (-m: several, one after another)",
    "data": "checks a problem's table and makes it canonical",
    "audit": "the leakage findings of a problem and a feature list, without training",
    "runs": "a table of the runs; notes, tags, archive, delete",
    "compare": "runs held against each other, on one HTML page that opens with no network",
    "diff": "what differs between two runs, by what could be the cause",
    "replay": "what the list would have caught on past nights, in counts and money; the ladder",
    "report": "the numbered feasibility report for people who do not read code, in en or es",
    "reproduce": "runs a record again in a folder of its own and gives a verdict",
    "promote": "a run becomes champion, challenger or shadow, if it passes every gate",
    "rollback": "an alias names an earlier version again",
    "production": "which version is in use, or was on a day, who made it so and why",
    "pull": "the artefact that an alias names, checked byte for byte, in a folder of its own",
    "score": "tonight's call list from an extract and a pulled model, handed off whole",
    "forget": "a guest taken out of every list and prediction, and the proof of it",
    "calls": "what the call centre sent back, checked against its list, and what the calls did",
    "sync": "runs that were mirrored offline brought to the W&B server, and the proof of it",
    "dashboard": "a W&B workspace that compares a problem's runs, made or brought up to date",
    "doctor": "what is missing on this machine, and the command that mends it",
}
"""What each verb gives; its configuration is ``conf/<verb>.yaml``, its recipe ``vispera.commands.<verb>``."""

ALIASES = {"baseline": "model@baseline", "with": "other"}
"""What is typed, and what Hydra calls it: a group that is chosen a second time, a word that Python keeps."""

TAKES_A_RECIPE = ("replay", "promote")
"""Verbs whose ``run=ID`` gives the recipe of a recorded run, see `vispera.door.recipe`."""

FOLLOWS_A_REPLAY = ("report",)
"""Verbs whose problem is that of a replay where none is typed, see `vispera.door.followed`."""

BY_NAME = ("rollback", "production", "pull", "dashboard")
"""Verbs that take a problem's name, where others choose the problem: ``problem=x`` is ``problem.name=x``."""

ONE_AT_A_TIME = ("forget",)
"""Verbs that are not swept: a sweep would write down whom to forget."""

OWN = {"compare": ("baseline",)}
"""Keys of a verb that are spelt as an alias, and are none there."""


def overview() -> str:
    """Text of ``vispera --help``: the verbs and how to go on."""
    width = max(map(len, VERBS))
    verbs = "\n".join(f"  {name:<{width}}  {gives}" for name, gives in VERBS.items())
    return (
        "vispera VERB [key=value ...]\n\n"
        f"{verbs}\n\n"
        "vispera VERB --help shows the groups, keys and defaults of a verb, with examples.\n"
        "python train.py ... is vispera train ...; vispera --version tells the version."
    )
