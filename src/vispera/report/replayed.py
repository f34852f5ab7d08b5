"""The last lines of a replay on the terminal: who would have caught what, and whether a model is needed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from vispera.record import RunRecord
from vispera.report.closing import counted, mirror_lines, short
from vispera.report.figure.replay.subject import Subject
from vispera.text import language

WIDTH = 110


def closing_lines(record: RunRecord, told: Mapping[str, Any], command: str) -> list[str]:
    """Lines for a person who has waited for a replay to end."""
    subject, nights = Subject(told, language("en")), told["nights"]
    where = f"{told['problem']}{', SIMULATED' if told['simulated'] else ''}"
    old = ", with what an artefact keeps" if told.get("knowledge") == "artefact" else ""
    lines = [
        f"run {record.id}: {record.state}",
        f"  {where}: {nights['count']} nights, {nights['first']} to {nights['last']}, at most "
        f"{told['capacity']} calls a night; refitted {told['refit']}{old}, by {told['order']}",
        "",
        *_table(subject),
        "",
        f"  EUR a night, {told['level']:.0%} intervals over nights.",
        *_wrapped(f"{subject.say('replay.no_call')} {subject.assumed}"),
        "",
        *_sensitivity(told),
        "",
        f"  {_quality(told)}",
        f"  do you need a model? {verdict(told['ladder'])}",
    ]
    lines += counted(record.test_looks)
    lines += ["", f"folder   {short(record.folder)}", f"lists    {short(record.folder / 'lists.csv')}"]
    lines += [f"figure   {short(path)}" for path in sorted((record.folder / "figures").glob("*.png"))]
    return [*lines, *mirror_lines(record.tracker), f"again    {command}"]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="  ")


def _sensitivity(told: Mapping[str, Any]) -> Iterable[str]:
    """How the chosen lists move with the number of calls and with each assumption, a row a setting."""
    rows: list[tuple[str, ...]] = [("with", "instead of", "calls", "caught", "expected", "realised")]
    for one in told["capacities"]:
        if one["capacity"] != told["capacity"]:
            rows.append((f"{one['capacity']} calls a night", f"{told['capacity']}", *_moved(one)))
    for one in told["assumptions"]:
        name = one["name"].replace("_", " ")
        setting = name if one["setting"] is None else f"{name} {one['setting']:g}"
        rows.append((setting, "-" if one["base"] is None else f"{one['base']:g}", *_moved(one)))
    return _aligned(rows) if len(rows) > 1 else ()


def _moved(one: Mapping[str, Any]) -> tuple[str, ...]:
    expected = "-" if one["expected"] is None else f"{one['expected']['value']:.1f}"
    return (f"{one['calls']:.0f}", f"{one['caught']:.0f}", expected, _eur(one["realised"]))


def _quality(told: Mapping[str, Any]) -> str:
    """How good the chosen model's probabilities were, over all that was open."""
    own = next(one for one in reversed(told["quality"].values()) if one["model"] == told["model"])
    pairs = told["book"]["booking_nights"]
    return (
        f"{own['model']} over {pairs:,} open booking-nights: ROC AUC {own['roc_auc']:.3f}, "
        f"log-loss {own['log_loss']:.4f}, ECE {own['ece']:.4f}"
    )


def verdict(ladder: Mapping[str, Any]) -> str:
    """The ladder's answer in a sentence."""
    if ladder["verdict"] == "stop":
        return "STOP: no way of calling is worth more than calling nobody, beyond the noise of the nights"
    rungs = {rung["name"]: rung for rung in ladder["rungs"]}
    won, best = rungs[ladder["verdict"]], rungs[ladder["best"]]
    if won is best:
        return f"{_rung(won)} is the simplest that no other beats beyond the noise of the nights"
    gap = won["behind_best"]
    return (
        f"{_rung(won)} is the simplest within the noise of the best, {_rung(best)}: "
        f"{_eur(gap)} EUR a night behind it"
    )


def _rung(rung: Mapping[str, Any]) -> str:
    return rung["name"] if rung["model"] in (None, rung["name"]) else f"{rung['name']} ({rung['model']})"


def _table(subject: Subject) -> Iterable[str]:
    titles = ("", "calls", "caught", "missed", "in vain", "precision", "recall", "expected", "realised")
    return _aligned([titles, *(_row(subject.named(way), way) for way in subject.ways)])


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterable[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, *cells in rows:
        told_cells = [cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True)]
        yield "  " + "  ".join([name.ljust(widths[0]), *told_cells]).rstrip()


def _row(name: str, way: Mapping[str, Any]) -> tuple[str, ...]:
    counts = [f"{way[name]:.0f}" for name in ("calls", "caught", "missed", "in_vain")]
    shares = ["-" if way[name] is None else f"{way[name]:.1%}" for name in ("precision", "recall")]
    expected = "-" if way["expected"] is None else f"{way['expected']['value']:.1f}"
    return (name, *counts, *shares, expected, _eur(way["realised"]))


def _eur(found: Mapping[str, float | None]) -> str:
    if found["low"] is None or found["high"] is None:
        return f"{found['value']:.1f}"
    return f"{found['value']:.1f} [{found['low']:.1f}, {found['high']:.1f}]"
