"""``vispera data`` through the real command, against a server that gives, cuts, corrupts and goes away."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from loopback import Reply, Server, as_csv, as_publication, counts, published, serving
from vispera import workspace
from vispera.problem.fetch import HIDDEN
from vispera.problem.hotel import find

TABLE = published()
CSV = as_csv(TABLE)
PATIENCE = "problem.download={max_megabytes:50,timeout_seconds:5,attempts:2,pause_seconds:0}"


@pytest.fixture
def server():
    with serving() as server:
        yield server


@pytest.fixture
def home(tmp_path) -> Path:
    """A workspace of its own: the real conf and src, no data."""
    for name in ("conf", "src", "requirements.lock"):
        (tmp_path / name).symlink_to(workspace.root() / name)
    return tmp_path


def command(home: Path, *words: str) -> dict[str, Any]:
    """Arguments of a process that types the command in that workspace, from another directory."""
    env = {name: value for name, value in os.environ.items() if name != "VISPERA_DATA"}
    return {
        "args": [sys.executable, "-m", "vispera", *words],
        "env": {**env, "VISPERA_HOME": str(home), "NO_COLOR": "1"},
        "cwd": "/",
        "text": True,
    }


def vispera(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(**command(home, *words), capture_output=True, check=False)


def fetched(home: Path, *addresses: str) -> subprocess.CompletedProcess[str]:
    told = f"problem.addresses=[{','.join(addresses)}]"
    return vispera(home, "data", "problem=hotel", counts(TABLE), PATIENCE, told)


def errors(done: subprocess.CompletedProcess[str]) -> list[str]:
    assert "Traceback" not in done.stderr
    return [line for line in done.stderr.splitlines() if line.startswith("error: ")]


def left(home: Path) -> list[str]:
    return sorted(str(path.relative_to(home / "data")) for path in (home / "data").rglob("*"))


def test_the_table_is_fetched_checked_canonical_and_found_from_then_on(home, server):
    url = server.give("/hotels.csv", Reply(CSV))
    done = fetched(home, url)
    assert (done.returncode, errors(done)) == (0, [])
    lines = done.stdout.splitlines()
    assert lines[0].startswith("hotel: 1,000 bookings, arrivals 2015-07-0")
    assert lines[-1] == f"  read from {home / 'data' / 'hotels.csv'}"
    assert "fetch hotels.csv: done in" in done.stderr
    assert (home / "data" / "hotels.csv").read_bytes() == CSV
    assert not (home / "data" / HIDDEN).exists()

    again = fetched(home, url)
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout == done.stdout
    assert len(server.asked) == 1


def test_a_cut_download_is_gone_on_with_by_the_same_command(home, server):
    url = server.give("/hotels.csv", Reply(CSV, etag='"a"', cut=90_000))
    cut = fetched(home, url)
    assert cut.returncode == 5
    fault, final = errors(cut)
    assert fault.startswith(f"error: {url} was cut after 0.1 of 0.1 MB")
    assert "type the same again to go on" in final
    assert "hotels.csv" not in left(home)
    server.asked.clear()
    server.give("/hotels.csv", Reply(CSV, etag='"a"'))
    done = fetched(home, url)
    assert (done.returncode, errors(done)) == (0, [])
    [asked] = server.asked
    assert (asked.status, asked.sent) == (206, len(CSV) - int(asked.headers["range"][6:-1]))
    assert asked.sent < len(CSV) - 40_000
    assert (home / "data" / "hotels.csv").read_bytes() == CSV


def begun(home: Path, server: Server, over: threading.Event) -> tuple[subprocess.Popen[str], Path]:
    """A fetch in the middle of its download, and the part that has come."""
    url = server.give("/hotels.csv", Reply(CSV, etag='"a"', cut=100_000, held=over))
    words = ("data", "problem=hotel", counts(TABLE), f"problem.addresses=[{url}]")
    process = subprocess.Popen(**command(home, *words), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while not (parts := [p for p in (home / "data" / HIDDEN).glob("*.part") if p.stat().st_size]):
        assert time.monotonic() < deadline, "nothing came"
        assert process.poll() is None
        time.sleep(0.02)
    return process, parts[0]


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 130)])
def test_a_download_that_was_stopped_is_gone_on_with(home, server, sent, code):
    over = threading.Event()
    process, part = begun(home, server, over)
    process.send_signal(sent)
    _, told = process.communicate(timeout=60)
    over.set()
    assert process.returncode == code
    assert "Traceback" not in told
    so_far = part.stat().st_size
    assert part.read_bytes() == CSV[:so_far]
    told = vispera(home, "doctor").stdout
    assert f"MB from {server.url}/hotels.csv\n" in told
    assert "type: vispera data problem=hotel" in told

    server.asked.clear()
    done = fetched(home, server.give("/hotels.csv", Reply(CSV, etag='"a"')))
    assert (done.returncode, errors(done)) == (0, [])
    [asked] = server.asked
    assert asked.headers["range"] == f"bytes={so_far}-"
    assert asked.sent == len(CSV) - so_far
    assert (home / "data" / "hotels.csv").read_bytes() == CSV


def test_a_second_one_waits_and_goes_on_where_the_first_was_killed(home, server):
    over = threading.Event()
    first, part = begun(home, server, over)
    url = server.url + "/hotels.csv"
    words = ("data", "problem=hotel", counts(TABLE), f"problem.addresses=[{url}]")
    with subprocess.Popen(**command(home, *words), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as second:
        assert second.stderr is not None
        assert "wait for another process that fetches into" in second.stderr.readline()
        assert len(server.asked) == 1
        server.give("/hotels.csv", Reply(CSV, etag='"a"'))
        first.kill()
        first.communicate(timeout=60)
        over.set()
        out, err = second.communicate(timeout=60)
    assert (second.returncode, "error" in err) == (0, False)
    assert out.endswith(f"read from {home / 'data' / 'hotels.csv'}\n")
    assert [asked.status for asked in server.asked] == [200, 206]
    assert not part.exists()


def test_a_wrong_file_ends_in_exit_5_and_nothing_is_left(home, server):
    url = server.give("/hotels.csv", Reply(as_csv(TABLE.iloc[:700])))
    done = fetched(home, url, server.give("/page", Reply(b"<html>not any more</html>")))
    assert (done.returncode, done.stdout) == (5, "")
    short, page, final = errors(done)
    assert short.startswith(
        f"error: {url} gave something else: hotel: not the whole source: rows 700, expected 1000"
    )
    assert page == f"error: {server.url}/page gave something else: a web page, not a table"
    assert "download it by hand (https://doi.org/10.1016/j.dib.2018.11.126) and type data.path=" in final
    assert left(home) == []


def test_when_nothing_can_be_reached_it_ends_in_exit_1_with_what_to_do(home):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/hotels.csv"
        secret = url.replace("://", "://ana:canary-1@") + "?token=canary-2"
        done = fetched(home, f"'{secret}'")
    assert (done.returncode, done.stdout) == (1, "")
    fault, final = errors(done)
    assert fault == f"error: {url} cannot be reached: Connection refused"
    assert "problem.addresses=[https://HOST/hotels.csv]" in final
    assert "canary" not in done.stderr
    assert left(home) == []


def test_the_publication_is_fetched_from_two_addresses(home, server):
    for name, body in as_publication(TABLE).items():
        server.give(f"/{name}", Reply(body))
    done = fetched(home, f"[{server.url}/H1.csv,{server.url}/H2.csv]")
    assert (done.returncode, errors(done)) == (0, [])
    place = home / "data" / "publication"
    assert done.stdout.splitlines()[-2:] == [f"  read from {place / name}" for name in ("H1.csv", "H2.csv")]


def test_train_never_fetches_and_says_what_does(home, server):
    url = server.give("/hotels.csv", Reply(CSV))
    done = vispera(home, "train", "problem=hotel", "model=rule", f"problem.addresses=[{url}]")
    assert done.returncode == 2
    assert errors(done)[0].startswith(
        "error: the real bookings are not here: type vispera data problem=hotel"
    )
    assert server.asked == []


def test_the_simulated_table_is_made_and_read_from_nowhere(home):
    done = vispera(home, "data", "problem.settings.rows=2000")
    assert (done.returncode, done.stderr) == (0, "")
    assert "2,000 bookings (SIMULATED)" in done.stdout
    assert "read from" not in done.stdout


def test_help_tells_how_the_table_is_fetched(home):
    told = vispera(home, "data", "--help").stdout
    for word in ("problem.addresses", "problem=hotel", "Exit 1", "data.path"):
        assert word in told


@pytest.mark.real
def test_the_whole_real_table_is_fetched(home, server, real_place, hotel_table):
    raw = pd.read_parquet(find(real_place)[0])
    for name in ("agent", "company", "children"):
        raw[name] = raw[name].astype("Int64")
    url = server.give("/hotels.csv", Reply(as_csv(raw)))
    done = vispera(home, "data", "problem=hotel", f"problem.addresses=[{url}]")
    assert (done.returncode, errors(done)) == (0, [])
    assert hotel_table.content_hash in done.stdout
    assert "hotel: 103,505 bookings" in done.stdout
