"""A page read as a machine may read it: its claims, its sections, and what is left without its numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

DIGIT = re.compile(r"\d")
MARKED = ("data", "time", "code", "pre", "q", "style", "title", "svg")
"""Elements in which a digit may stand: claims, names and commands, what users said, and no prose at all."""
VOID = ("meta", "source", "img", "br", "link")


@dataclass
class Shown:
    """A claim where it stands: element, its attributes, the text in it, the section around it."""

    element: str
    attributes: dict[str, str]
    section: str
    text: str = ""

    @property
    def name(self) -> str:
        return self.attributes.get("data-claim", "")

    @property
    def value(self) -> str:
        """What a machine reads; the text where that is all there is."""
        return self.attributes.get("value", self.attributes.get("datetime", self.text))


@dataclass
class Read:
    """What stands on a page, or on a part of one."""

    claims: list[Shown] = field(default_factory=list)
    unclaimed: list[Shown] = field(default_factory=list)
    """Numbers and dates that are marked as such and are nobody's claim."""
    prose: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def bare(self) -> list[str]:
        """Texts with a digit that no claim accounts for."""
        return [text for text in self.prose if DIGIT.search(text)]

    def of(self, section: str) -> list[Shown]:
        return [one for one in self.claims if one.section == section]


class Reader(HTMLParser):
    """Entities are unescaped before any text is looked at."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.read = Read()
        self._open: list[str] = []
        self._marked: list[Shown] = []
        self._section = "front"

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        self.read.attributes += given.items()
        if "id" in given:
            self.read.ids.append(given["id"])
        if tag == "a":
            self.read.links.append(given["href"])
        if tag == "section":
            self._section = given["id"]
            self.read.sections.append(self._section)
        if tag in VOID:
            return
        self._open.append(tag)
        if "data-claim" in given or tag in ("data", "time", "q"):
            shown = Shown(tag, given, self._section)
            self._marked.append(shown)
            (self.read.claims if "data-claim" in given else self.read.unclaimed).append(shown)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag, f"</{tag}> closes something else"
        if self._marked and self._marked[-1].element == tag and tag not in self._open:
            self._marked.pop()

    def handle_data(self, data):
        for shown in self._marked:
            shown.text += data
        if data.strip() and not set(self._open) & set(MARKED):
            self.read.prose.append(data.strip())


def read(page: str) -> Read:
    """What stands on it; AssertionError if its elements do not close each other."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert not reader._open, f"never closed: {reader._open}"
    return reader.read
