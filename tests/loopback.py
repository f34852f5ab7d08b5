"""A web server on 127.0.0.1 that behaves as badly as it is told, and the table that it gives."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pandas as pd

from vispera.problem.simulator import simulate
from vispera.problem.simulator_settings import Settings

LATER = ("booking_id", "arrival_date", "booking_date", "guest_id", "do_not_call")
"""Columns of the simulated table that the published one has not."""


@dataclass
class Reply:
    """How a path is answered: ``cut`` bytes of the file, then the line is closed, or held until ``held``."""

    body: bytes = b""
    status: int = 200
    etag: str | None = None
    modified: str | None = None
    location: str | None = None
    ranges: bool = True
    checks_if_range: bool = True
    cut: int | None = None
    held: threading.Event | None = None
    length: int | None = None
    chunked: bool = False
    encoding: str | None = None


@dataclass
class Asked:
    """A request as it came, and how many bytes of a file went out for it."""

    path: str
    headers: dict[str, str]
    status: int = 0
    sent: int = 0


@dataclass
class Server:
    """``replies`` of each path are used up in turn; the last one stays."""

    url: str
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def give(self, path: str, *replies: Reply) -> str:
        """Answer a path so; its address."""
        self.replies[path] = list(replies)
        return self.url + path


@contextmanager
def serving() -> Iterator[Server]:
    """A server that ends with the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def handle(self):
            with suppress(ConnectionError):  # the other side may be killed, or have heard enough
                super().handle()

        def do_GET(self):
            asked = Asked(self.path, {name.lower(): value for name, value in self.headers.items()})
            server.asked.append(asked)
            replies = server.replies.get(self.path.partition("?")[0], [Reply(status=404)])
            reply = replies.pop(0) if len(replies) > 1 else replies[0]
            start, status = _range(asked, reply)
            asked.status = status
            self.send_response(status)
            rest = reply.body[start:]
            self._headers(reply, start, status, len(rest))
            if reply.chunked:
                return self._in_chunks(rest, reply.cut, asked)
            stop = len(rest) if reply.cut is None else max(reply.cut - start, 0)
            self.wfile.write(rest[:stop])
            self.wfile.flush()
            asked.sent = len(rest[:stop])
            if reply.held:
                reply.held.wait(30)
            if reply.cut is not None or reply.length is not None:
                self.close_connection = True

        def _headers(self, reply: Reply, start: int, status: int, left: int):
            told = {"ETag": reply.etag, "Last-Modified": reply.modified, "Location": reply.location}
            told["Content-Encoding"] = reply.encoding
            if reply.chunked:
                told["Transfer-Encoding"] = "chunked"
            else:
                told["Content-Length"] = str(left if reply.length is None else reply.length)
            if status == 206:
                told["Content-Range"] = f"bytes {start}-{len(reply.body) - 1}/{len(reply.body)}"
            for name, value in told.items():
                if value is not None:
                    self.send_header(name, value)
            self.end_headers()

        def _in_chunks(self, rest: bytes, cut: int | None, asked: Asked):
            body = rest if cut is None else rest[:cut]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(body), body) + (b"0\r\n\r\n" if cut is None else b""))
            asked.sent = len(body)
            self.close_connection = cut is not None

        def log_message(self, format, *args):
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    server = Server(f"http://127.0.0.1:{httpd.server_port}")
    thread = threading.Thread(target=lambda: httpd.serve_forever(0.02), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()


def _range(asked: Asked, reply: Reply) -> tuple[int, int]:
    """First byte and status of an answer, by the standard's rules unless the reply bends them."""
    wanted = re.fullmatch(r"bytes=(\d+)-", asked.headers.get("range", ""))
    if wanted is None or not reply.ranges or reply.status != 200:
        return 0, reply.status
    proof = asked.headers.get("if-range")
    if reply.checks_if_range and proof not in (reply.etag, reply.modified):
        return 0, 200
    start = int(wanted[1])
    return (start, 206) if start < len(reply.body) else (len(reply.body), 416)


@cache
def published(rows: int = 1000) -> pd.DataFrame:
    """A small table in the form of the published one: 32 columns in snake_case."""
    table = simulate(Settings(rows=rows, sources=())).bookings.drop(columns=list(LATER))
    for name in ("agent", "company", "children"):
        table[name] = table[name].astype("Int64")
    table["reservation_status_date"] = table["reservation_status_date"].dt.strftime("%Y-%m-%d")
    return table


def as_csv(table: pd.DataFrame) -> bytes:
    """The table as it circulates: UTF-8, commas, NULL for missing."""
    return table.to_csv(index=False, na_rep="NULL", lineterminator="\n").encode()


def as_publication(table: pd.DataFrame) -> dict[str, bytes]:
    """H1.csv and H2.csv: one hotel each, CamelCase, no column of the hotel."""
    camel = {name: "".join(part.capitalize() for part in name.split("_")) for name in table}
    camel["adr"] = "ADR"
    hotels = {"H1.csv": "Resort Hotel", "H2.csv": "City Hotel"}
    return {
        name: as_csv(table.loc[table["hotel"] == hotel].drop(columns="hotel").rename(columns=camel))
        for name, hotel in hotels.items()
    }


def counts(table: pd.DataFrame) -> str:
    """``problem.counts`` of a table, as a word of the command line."""
    parts = {"publication": table, "extract": table}
    parts |= {"H1": table[table["hotel"] == "Resort Hotel"], "H2": table[table["hotel"] == "City Hotel"]}
    told = (f"{name}:{{rows:{len(of)},cancelled:{of['is_canceled'].sum()}}}" for name, of in parts.items())
    return f"problem.counts={{{','.join(told)}}}"
