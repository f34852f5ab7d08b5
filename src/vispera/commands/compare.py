"""``vispera compare``: runs held against each other, on one page that opens with no network.

records -> those asked for -> one comparison key -> paired differences -> page, summary
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vispera import workspace
from vispera.choice import chosen, one
from vispera.errors import UsageError, nearest
from vispera.files import json_hash, plain
from vispera.invocation import Invocation
from vispera.progress import Progress
from vispera.record import RunRecord, read_all
from vispera.redact import redact_text
from vispera.report.compare import Comparison, as_plain, closing, compare, read_candidate, write_page
from vispera.text import language

WANTED = 'say which runs: runs=[ID,ID], sweep=NAME or where="model=catboost"; `vispera runs` lists them'


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """What ``vispera compare`` takes; ``runs``, ``sweep`` and ``where`` each narrow what is compared.

    Attributes
    ----------
    pairs
        How many runs are held against the baseline one by one, best first; None for all.
    out
        File of the page; None: ``reports/compare/<name>.html`` in the workspace.
    json
        Print the comparison as data, and write no page unless ``out`` names one.
    """

    runs: tuple[str, ...] = ()
    sweep: str | None = None
    where: str | None = None
    baseline: str | None = None
    pairs: int | None = 50
    resamples: int = 200
    seed: int = 0
    out: Path | None = None
    json: bool = False
    language: Literal["en", "es"] = "en"

    def __post_init__(self):
        least = {"resamples": (self.resamples, 1), "pairs": (self.pairs, 0), "seed": (self.seed, 0)}
        told = [
            f"{name}={value}: wanted {bound} or more"
            for name, (value, bound) in least.items()
            if value is not None and value < bound
        ]
        if self.out and (self.out.is_dir() or self.out.suffix.lower() not in (".html", ".htm")):
            told.append(f"out={self.out}: wanted a file that ends in .html, such as out=runs.html")
        if told:
            raise UsageError(*told)


def run(arguments: Arguments, invocation: Invocation) -> int:
    """0, after the page is written and its summary, or the comparison as data, is printed."""
    records = asked(read_all(workspace.experiments()), arguments)
    path, size = place(arguments), 0
    with Progress(label="compare") as progress:
        progress.step(f"read {len(records)} runs")
        comparison = made(records, arguments, progress)
        if path:
            progress.step("write the page")
            size = write_page(comparison, path, workspace.experiments(), arguments.language)
    if arguments.json:
        print(json.dumps(plain(as_plain(comparison), finite=True), indent=1, ensure_ascii=False))
        return 0
    print(redact_text("\n".join(closing(comparison, language("en")))))
    print(f"\npage     {path}, {size / 1e6:.2f} MB beside the plotting library")
    return 0


def made(records: Sequence[RunRecord], arguments: Arguments, progress: Progress) -> Comparison:
    """The comparison of those records; each pair is a step."""
    candidates = {record.id: read_candidate(record) for record in records}
    baseline = one(records, arguments.baseline) if arguments.baseline else None
    if baseline and baseline.state != "finished":
        raise UsageError(
            f"baseline={arguments.baseline}: that run is {baseline.state}; name one that finished"
        )
    return compare(
        list(candidates.values()),
        name=title(arguments),
        searches=workspace.root() / "multirun",
        baseline=candidates[baseline.id] if baseline else None,
        resamples=arguments.resamples,
        seed=arguments.seed,
        most_pairs=arguments.pairs,
        step=progress.step,
    )


def asked(records: Sequence[RunRecord], arguments: Arguments) -> list[RunRecord]:
    """The runs that were asked for, and the baseline; UsageError where none is."""
    if not (arguments.runs or arguments.sweep or arguments.where):
        raise UsageError(WANTED)
    found = chosen(records, arguments.runs, arguments.where)
    other = [record for record in found if record.verb != "train"]
    if other and arguments.runs:
        raise UsageError(
            *(f"runs: {one.id} is a {one.verb}; only runs of train are compared" for one in other)
        )
    found = [record for record in found if record not in other]
    if arguments.sweep:
        found = [record for record in found if record.sweep == arguments.sweep]
    if not found:
        raise UsageError(_nothing(records, arguments))
    extra = [one(records, arguments.baseline)] if arguments.baseline else []
    return found + [record for record in extra if record not in found]


def _nothing(records: Sequence[RunRecord], arguments: Arguments) -> str:
    given = {"runs": ",".join(arguments.runs), "sweep": arguments.sweep, "where": arguments.where}
    typed = " ".join(f"{key}={value}" for key, value in given.items() if value)
    sweeps = sorted({record.sweep for record in records if record.sweep})
    if arguments.sweep and arguments.sweep not in sweeps:
        near = nearest(arguments.sweep, sweeps[-8:]) if sweeps else "no run belongs to one"
        return f"sweep={arguments.sweep}: there is no such search; {near}"
    return f"{typed}: none of {len(records)} runs; `vispera runs` lists them"


def title(arguments: Arguments) -> str:
    """What the page is called: the sweep's name, or a mark of what was asked."""
    mark = json_hash([arguments.runs, arguments.sweep, arguments.where, arguments.baseline])[:6]
    if arguments.sweep and not arguments.runs and not arguments.where:
        name = re.sub(r"[^\w.-]+", "-", arguments.sweep).strip(".-") or "sweep"
        return name if not arguments.baseline else f"{name}-{mark}"
    return f"{'where' if arguments.where else 'runs'}-{mark}"


def place(arguments: Arguments) -> Path | None:
    """Where the page goes; None where data is wanted and no page was named."""
    if arguments.out:
        return arguments.out.expanduser().absolute()
    if arguments.json:
        return None
    return workspace.root() / "reports" / "compare" / f"{title(arguments)}.html"
