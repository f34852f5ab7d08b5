"""``vispera dashboard``: a W&B workspace that compares the runs of a problem as our page does.

runs that W&B has -> one comparison key, parameters, figures -> panels -> the same view every time
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from vispera.commands.named import Named
from vispera.dashboard import seen, view
from vispera.dashboard.seen import Ran
from vispera.errors import UsageError, VisperaError
from vispera.invocation import Invocation
from vispera.redact import redact_text
from vispera.tracker import Tracker
from vispera.tracker.wandb import WandbTracker
from vispera.wandb_session import api, asking

INSTEAD = "vispera compare, which needs no account"
"""What works without a key."""
EXTRA = "pip install 'vispera[workspaces]'"


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """What ``vispera dashboard`` takes.

    Attributes
    ----------
    name
        Of the view; None: ``vispera: <problem>``. Another name is another view.
    comparison_key
        The runs with this key, or one that begins so; None: that of the newest finished run.
    job_type
        Only runs of this type, such as ``train`` or ``trial``; None: of any.
    """

    problem: Named
    tracker: Tracker
    name: str | None = None
    comparison_key: str | None = None
    job_type: str | None = None

    def __post_init__(self):
        faults = view.name_faults(self.title)
        if not isinstance(self.tracker, WandbTracker):
            faults.append(f"tracker={self.tracker.name}: the workspace is one of W&B's; type tracker=wandb")
        for key, value in self.filters.items():
            if set(value) & set("'\"\\"):
                faults.append(
                    f"{key}={value}: wanted no quotation mark or backslash; W&B's filters take none"
                )
        if faults:
            raise UsageError(*faults)

    @property
    def place(self) -> WandbTracker:
        """Whose project, entity and folder are meant."""
        return cast(WandbTracker, self.tracker)

    @property
    def title(self) -> str:
        """Name of the view."""
        return f"vispera: {self.problem.name}" if self.name is None else self.name

    @property
    def filters(self) -> dict[str, str]:
        """What a finished run must have, to be shown."""
        wanted = {"problem": self.problem.name, "JobType": self.job_type}
        return {name: value for name, value in wanted.items() if value is not None}


def run(arguments: Arguments, invocation: Invocation) -> int:
    """0 after the view is saved; VisperaError without the extra, a key, the server or the project."""
    needs_extra()
    where = arguments.place
    with api(where.folder.expanduser().absolute(), where.init_timeout, INSTEAD) as server:
        with asking("tell whose account it is"):
            entity = where.entity or server.default_entity
        if not entity:
            raise UsageError("the W&B account has no entity of its own; type tracker.entity=TEAM")
        seen.needs_project(server, entity, where.project)
        runs = seen.look(server, entity, where.project, arguments.problem.name)
        key = seen.comparable(runs, arguments.comparison_key)
        shown = [one for one in runs if one.finished and one.summary.get("comparison_key") == key]
        saved = view.save(server, wanted(arguments, entity, key, shown))
    print(*lines(arguments, saved, seen.comparisons(runs), key), sep="\n")
    return 0


def needs_extra() -> None:
    """VisperaError with what to type, if W&B's library of workspaces is not installed."""
    try:
        import_module("wandb_workspaces")
    except ImportError:
        raise VisperaError(f"wandb-workspaces is not installed; type {EXTRA}") from None


def wanted(arguments: Arguments, entity: str, key: str | None, shown: Sequence[Ran]) -> view.Wanted:
    """The view of these runs, which share a comparison key."""
    return view.Wanted(
        entity=entity,
        project=arguments.place.project,
        name=arguments.title,
        filters=arguments.filters | ({} if key is None else {"comparison_key": key}),
        parameters=tuple(seen.parameters(shown)),
        figures=tuple(seen.figures(shown)),
    )


def lines(
    arguments: Arguments, saved: view.Saved, counted: Mapping[str, int], key: str | None
) -> Iterator[str]:
    """What was saved, which runs it compares and which it leaves out, and its address."""
    yield f"{arguments.title}: {'written anew where it was' if saved.was_there else 'a new view'}"
    if key is None:
        yield "  runs     no finished one is there yet; `vispera sync` uploads what was recorded offline"
    else:
        yield f"  runs     {counted[key]} with the comparison key {key}"
    for other, number in counted.items():
        if other != key:
            yield f"  left out {number} that compare with each other alone: comparison_key={other} name=NAME"
    yield f"  address  {redact_text(saved.url)}"
