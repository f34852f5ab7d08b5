"""The report on paper: its page as PDF, by weasyprint where that is installed."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import BytesIO, StringIO
from pathlib import Path

from vispera.errors import Declined
from vispera.files import write_bytes

EPOCH = "SOURCE_DATE_EPOCH"
DATA = re.compile(r"(data:[\w/+-]*)[^'\s]*")
"""An address that is the picture itself: it has no place in a line that is read."""


LONG = re.compile(r'(<details class="claims">.*?)<div class="scroll".*?</div>', re.DOTALL)
"""The table that print.css hides: to read it would take longer than all that is printed."""

NARROW = re.compile(r"<source [^>]*>")
"""Drawings for a phone."""


def available() -> str:
    """Version of what prints; Declined, with what to type, where it is missing."""
    return str(_weasyprint().__version__)


def write(html: str, path: Path) -> None:
    """Write a page as PDF, whole or not at all; Declined as `paper` does."""
    write_bytes(path, paper(html))


def paper(html: str) -> bytes:
    """A page as PDF with bookmarks and tags for screen readers; equal pages give equal bytes.

    Declined, with what to type, where weasyprint or a library of the system that it needs is missing, and
    where something on the page cannot be drawn.
    """
    weasyprint = _weasyprint()
    html, made = NARROW.sub("", LONG.sub(r"\1", html)), BytesIO()
    fetcher = weasyprint.URLFetcher(allowed_protocols={"data"})
    with _timeless(), _faults() as faults:
        weasyprint.HTML(string=html, url_fetcher=fetcher).write_pdf(made, pdf_tags=True)
    if faults:
        raise Declined(f"no PDF: weasyprint cannot draw the page: {faults[0]}")
    return made.getvalue()


def _weasyprint():
    try:
        # where a library is missing it prints a page of advice before it raises
        with redirect_stdout(StringIO()):
            import weasyprint
    except ImportError:
        raise Declined("no PDF: weasyprint is not installed; type: pip install 'vispera[pdf]'") from None
    except OSError:
        raise Declined(
            "no PDF: weasyprint does not find Pango on this system; type: apt-get install "
            "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 (macOS: brew install pango)"
        ) from None
    return weasyprint


@contextmanager
def _timeless() -> Iterator[None]:
    """The subsets of the type that go into a PDF bear the time when they were made, if none is given."""
    before = os.environ.get(EPOCH)
    os.environ[EPOCH] = "0"
    try:
        yield
    finally:
        if before is None:
            del os.environ[EPOCH]
        else:
            os.environ[EPOCH] = before


@contextmanager
def _faults() -> Iterator[list[str]]:
    """What weasyprint could not do, as it comes; nobody needs what it says of CSS meant for screens."""
    logger, found = logging.getLogger("weasyprint"), _Kept(logging.ERROR)
    before = logger.propagate
    logger.addHandler(found)
    logger.propagate = False
    try:
        yield found.lines
    finally:
        logger.removeHandler(found)
        logger.propagate = before


class _Kept(logging.Handler):
    def __init__(self, level: int):
        super().__init__(level)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(DATA.sub(r"\1…", record.getMessage().splitlines()[0]))
