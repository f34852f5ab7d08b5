"""Real worker processes: they answer, die, outrun their time, print what is no answer, and are replaced."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from vispera.search.pool import Answer, Pool

WORKER = """
import json, os, signal, sys, time
for line in sys.stdin:
    job = json.loads(line)
    print("a library says hello", flush=True)
    match job["do"]:
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "orphan":
            if not os.fork():
                time.sleep(600)
            os.kill(os.getpid(), signal.SIGKILL)
        case "leave":
            sys.exit(7)
        case "sleep":
            time.sleep(600)
    print(json.dumps({"job": job["job"], "window": 0, "pid": os.getpid()}), flush=True)
    print(json.dumps({"job": job["job"], "last": True, "double": 2 * job["job"]}), flush=True)
"""


@pytest.fixture
def command(tmp_path) -> list[str]:
    (tmp_path / "worker.py").write_text(WORKER)
    return [sys.executable, str(tmp_path / "worker.py")]


def last(pool: Pool) -> Answer:
    """The answer that ends a job."""
    for _ in range(100):
        heard = pool.hear(10.0)
        if heard is not None and (heard.ended or heard.said.get("last")):
            return heard
    raise AssertionError("no job ended")


def is_there(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def test_jobs_are_answered_and_workers_stay(command):
    pool = Pool(command, 2)
    pids = set()
    try:
        for number in range(6):
            pool.send(number, {"job": number, "do": "count"})
            first = pool.hear(10.0)
            assert first is not None
            pids.add(first.said["pid"])
            assert last(pool).said["double"] == 2 * number
        assert pool.idle == 2
        assert len(pids) == 1
    finally:
        pool.close()


def test_two_jobs_go_on_at_the_same_time(command):
    pool = Pool(command, 2)
    try:
        pool.send(1, {"job": 1, "do": "count"})
        pool.send(2, {"job": 2, "do": "count"})
        assert {last(pool).job, last(pool).job} == {1, 2}
    finally:
        pool.close()


@pytest.mark.parametrize(
    ("do", "told"),
    [
        ("die", "killed by the system, as it does when memory runs out"),
        ("orphan", "killed by the system, as it does when memory runs out"),
        ("leave", "its process ended with 7"),
    ],
)
def test_a_worker_that_dies_costs_its_job_alone_and_is_replaced(command, do, told):
    pool = Pool(command, 1)
    try:
        pool.send(1, {"job": 1, "do": do})
        assert last(pool) == Answer(1, ended=told)
        pool.send(2, {"job": 2, "do": "count"})
        assert last(pool).said["double"] == 4
    finally:
        pool.close()


def test_a_job_that_outruns_its_time_is_killed_and_the_next_one_runs(command):
    pool = Pool(command, 1, timeout=1.0)
    try:
        pool.send(1, {"job": 1, "do": "sleep"})
        late = last(pool)
        assert (late.job, late.ended) == (1, "outran 1 s")
        pool.send(2, {"job": 2, "do": "count"})
        assert last(pool).said["double"] == 4
    finally:
        pool.close()


def test_closing_leaves_no_process(command):
    pool = Pool(command, 2)
    pool.send(1, {"job": 1, "do": "count"})
    heard = pool.hear(10.0)
    assert heard is not None
    pool.send(2, {"job": 2, "do": "sleep"})
    pool.close()
    for _ in range(100):
        if not is_there(heard.said["pid"]):
            break
        time.sleep(0.05)
    assert not is_there(heard.said["pid"])
    assert pool.idle == 2


def test_a_worker_killed_from_outside_while_idle_is_replaced(command):
    pool = Pool(command, 1)
    try:
        pool.send(1, {"job": 1, "do": "count"})
        heard = pool.hear(10.0)
        assert heard is not None
        last(pool)
        os.kill(heard.said["pid"], signal.SIGKILL)
        assert pool.hear(0.5) is None
        pool.send(2, {"job": 2, "do": "count"})
        assert last(pool).said["double"] == 4
    finally:
        pool.close()
