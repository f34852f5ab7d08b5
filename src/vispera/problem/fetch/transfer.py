"""One file over HTTP: what has come is kept, and gone on with only while it is the same file.

Nothing here says what an address hides: users, passwords and queries are left out of every word and file.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from vispera.problem.fetch.address import shown
from vispera.problem.fetch.answer import answer, new_session, why
from vispera.problem.fetch.failure import Cut, Failure, Unreachable, Wrong
from vispera.problem.fetch.part import Part, Version, megabytes
from vispera.progress import Progress

if TYPE_CHECKING:
    from requests import Response, Session

CHUNK = 32 * 1024
"""Bytes that are lost at most when the line is cut."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much is taken, and how patiently.

    Parameters
    ----------
    max_megabytes
        Of one file, also of one that is packed in another.
    timeout_seconds
        For the connection, and for each answer on it.
    attempts
        How often a file is begun or gone on with when the line is cut or the server falters.
    pause_seconds
        Before the second attempt; each further pause is twice as long.
    """

    max_megabytes: float = 200
    timeout_seconds: float = 30
    attempts: int = 4
    pause_seconds: float = 1

    def faults(self, key: str) -> list[str]:
        """What makes no sense, one line each; ``key`` is where the limits stand in the configuration."""
        asked = (
            ("max_megabytes", self.max_megabytes > 0, "more than 0"),
            ("timeout_seconds", self.timeout_seconds > 0, "more than 0"),
            ("attempts", self.attempts >= 1, "1 or more"),
            ("pause_seconds", self.pause_seconds >= 0, "0 or more"),
        )
        return [
            f"{key}.{name}={getattr(self, name):g}: wanted {told}" for name, fits, told in asked if not fits
        ]

    @property
    def max_bytes(self) -> int:
        """``max_megabytes`` in bytes."""
        return int(self.max_megabytes * 1e6)


def download(url: str, part: Path, name: str, limits: Limits) -> Part:
    """The whole file at ``part``; goes on with what lies there, if the server still has the same file.

    Parameters
    ----------
    url
        http or https; a fragment is not sent.
    part
        Where it comes to lie; beside it a .json of the same name is kept.
    name
        What it is called while it comes.

    Raises
    ------
    Failure
        One of its three kinds, after so many attempts; what may be gone on with is left.
    """
    came, left, pause = Part(part), limits.attempts, limits.pause_seconds
    with new_session() as session:
        while True:
            left -= 1
            try:
                with Progress(label=f"fetch {name}") as progress:
                    _go_on(session, url, came, limits, progress)
                return came
            except Failure as failure:
                if isinstance(failure, Wrong) or not came.can_go_on:
                    came.remove()
                if not (failure.again and left):
                    raise type(failure)(f"{shown(url)} {failure}") from None
                Progress().say(f"{shown(url)} {failure}; trying again in {pause:g} s")
            time.sleep(pause)
            pause *= 2


def _go_on(session: Session, url: str, part: Part, limits: Limits, progress: Progress) -> None:
    """One attempt."""
    if part.whole:
        return
    progress.step("ask", urlsplit(url).hostname)
    known, offset = part.version, part.size
    headers = {"Accept-Encoding": "identity"}  # the bytes of a range are those of the file itself
    if part.can_go_on:
        headers |= {"Range": f"bytes={offset}-", "If-Range": str(known.proof)}
    with answer(session, url, headers, limits.timeout_seconds) as response:
        if response.status_code == HTTPStatus.OK:
            known, offset = _version(response), 0
            part.begin(shown(url), known)
        elif not _follows(response, known, offset):
            # the server has another file by now, or cannot give the rest of this one
            if "Range" not in headers:
                raise Unreachable(f"answers {response.status_code} to a plain question")
            part.remove()
            return _go_on(session, url, part, limits, progress)
        if (known.length or 0) > limits.max_bytes:
            raise _too_large(known.length, limits)
        _receive(response, part, known.length, limits, progress)
    if known.length is not None and part.size != known.length:
        raise Cut(f"was cut after {megabytes(part.size)} of {megabytes(known.length)} MB", again=True)
    part.describe(shown(url), Version(known.etag, known.modified, part.size))


def _version(response: Response) -> Version:
    """What a whole answer tells; one that is packed although it was asked not to be tells nothing."""
    headers = response.headers
    if headers.get("Content-Encoding", "identity") != "identity":
        return Version()
    length = headers.get("Content-Length", "")
    return Version(
        headers.get("ETag"), headers.get("Last-Modified"), int(length) if length.isdecimal() else None
    )


def _follows(response: Response, known: Version, offset: int) -> bool:
    """Whether an answer is the rest of what lies here."""
    told = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", "").strip())
    if response.status_code != HTTPStatus.PARTIAL_CONTENT or told is None or int(told[1]) != offset:
        return False
    total = None if told[2] == "*" else int(told[2])
    return known.may_be(Version(response.headers.get("ETag"), response.headers.get("Last-Modified"), total))


def _receive(response: Response, part: Part, total: int | None, limits: Limits, progress: Progress) -> None:
    """Append what comes to the part, telling how far it has come, a tenth of what was missing at a time."""
    import requests

    so_far = part.size
    stride = (total - so_far) / 10 if total else 5e6
    progress.total = 11 if total else None  # the question was the first
    due = float(so_far)
    with part.path.open("ab", buffering=0) as file:
        try:
            for chunk in response.iter_content(CHUNK):
                if so_far >= due:
                    progress.step(f"{megabytes(so_far)} of {megabytes(total)} MB")
                    due += stride
                so_far += len(chunk)
                if so_far > limits.max_bytes:
                    raise _too_large(so_far, limits)
                file.write(chunk)
        except requests.RequestException as failure:
            told = f"was cut after {megabytes(part.size)} of {megabytes(total)} MB"
            raise Cut(f"{told}: {why(failure, limits.timeout_seconds)}", again=True) from None


def _too_large(size: int | None, limits: Limits) -> Wrong:
    return Wrong(f"gives {megabytes(size)} MB or more, allowed are {limits.max_megabytes:g}")
