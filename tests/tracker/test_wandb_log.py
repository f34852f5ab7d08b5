"""Our reader of W&B's log against W&B's own, and against files that are not whole."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from vispera.errors import VisperaError
from vispera.tracker import wandb_log

WANDB = Path(sys.executable).with_name("wandb")


def test_it_agrees_with_wandbs_own_reader(finished):
    command = [str(WANDB), "leet", "inspect", "--json", str(finished.log)]
    env = {**finished.place.environ, "WANDB_ERROR_REPORTING": "false"}
    inspected = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    theirs = [json.loads(line) for line in inspected.stdout.splitlines()]
    ours = list(wandb_log.records(finished.log))
    assert [int(one["num"]) for one in theirs] == [record.num for record in ours]
    assert [one["type"] for one in theirs] == [record.WhichOneof("record_type") for record in ours]
    rows = [one["history"]["item"] for one in theirs if one["type"] == "history"]
    assert [flat(row) for row in wandb_log.rows(finished.log)] == rows
    (code,) = (one["exit"].get("exit_code", 0) for one in theirs if one["type"] == "exit")
    assert wandb_log.exit_code(finished.log) == code


def flat(row: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """A row with the keys of nested values joined, as W&B's reader shows it."""
    found = {}
    for key, value in row.items():
        found |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return found


@pytest.fixture
def log(finished, tmp_path) -> Path:
    copy = tmp_path / "run-x.wandb"
    copy.write_bytes(finished.log.read_bytes())
    return copy


def test_a_cut_log_gives_what_came_before_the_cut(log):
    whole = [record.num for record in wandb_log.records(log)]
    content = log.read_bytes()
    found = []
    for size in range(7, len(content), 97):
        log.write_bytes(content[:size])
        found.append([record.num for record in wandb_log.records(log)])
    assert all(numbers == whole[: len(numbers)] for numbers in found)
    assert found[0] == []
    assert len(whole) - 3 <= len(found[-1]) <= len(whole)


def test_a_changed_byte_is_seen(log):
    content = log.read_bytes()
    first = len(wandb_log.MAGIC)
    _, length, _ = wandb_log.HEADER.unpack_from(content, first)
    for at in (first, first + wandb_log.HEADER.size, first + wandb_log.HEADER.size + length - 1):
        changed = bytearray(content)
        changed[at] ^= 1  # of the checksum, and of what it is of; in a length it would look like a cut
        log.write_bytes(changed)
        with pytest.raises(VisperaError, match="is damaged at byte"):
            list(wandb_log.records(log))


def test_another_file_is_refused(log):
    log.write_text("no log of anybody's")
    with pytest.raises(VisperaError, match="is no log of W&B's"):
        wandb_log.rows(log)


def test_a_record_that_goes_over_the_end_of_a_block_is_put_together(finished):
    assert finished.log.stat().st_size > wandb_log.BLOCK  # or the test above would not show it
    numbers = [record.num for record in wandb_log.records(finished.log)]
    assert numbers == list(range(1, len(numbers) + 1))
