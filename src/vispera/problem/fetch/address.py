"""Addresses as they are configured, what is wrong with them, and what of them may be shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

from vispera.redact import Redactor

Address = str | tuple[str, ...]
"""One file, or the parts of a source in their order; each may end in ``#sha256=`` and the file's hash."""
FRAGMENT = re.compile(r"sha256=[0-9a-f]{64}")
SECRET = re.compile(r"(?i)auth|code|cred|key|pass|secret|sig|token")
"""What is in the name of a query's field that opens something."""


def urls_of(address: Address) -> tuple[str, ...]:
    """The one file, or the parts."""
    return (address,) if isinstance(address, str) else address


def shown(url: str) -> str:
    """The address without user, password, query and fragment, for messages and files.

    >>> shown("https://ana:pw@example.org:8443/a/b.csv?token=x#sha256=00")
    'https://example.org:8443/a/b.csv'
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def address_faults(addresses: Sequence[Address], parts: Sequence[str], key: str) -> list[str]:
    """What cannot be an address, one line each; ``key`` is where the addresses stand in the configuration."""
    allowed = f"wanted http(s)://HOST/PATH, or a list of two or more for {', '.join(parts)}"
    faults = []
    for urls in map(urls_of, addresses):
        if len(urls) not in (1, len(parts)):
            faults.append(f"{key}: a list of {len(urls)} addresses; {allowed}")
        faults += [f"{key}: '{_safe(url)}' {told}; {allowed}" for url in urls if (told := _fault(url))]
    return faults


def _safe(url: str) -> str:
    try:
        return shown(url)
    except ValueError:  # nothing in it can be told apart
        return f"{url.partition(':')[0]}:..."


def _fault(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return "is no address"
    if not sound:
        return "is no address"
    if parts.fragment and not FRAGMENT.fullmatch(parts.fragment):
        return "ends in something else than #sha256= and 64 digits of 0-9a-f"
    return None


def learn_secrets(addresses: Sequence[Address]) -> None:
    """Take passwords, and what looks like a key in a query, out of every text of this process."""
    redactor = Redactor()
    for url in (url for address in addresses for url in urls_of(address)):
        parts = urlsplit(url)
        secrets = [value for key, value in parse_qsl(parts.query) if SECRET.search(key)]
        for secret in filter(None, [parts.password or parts.username, *secrets]):
            redactor.learn(secret)
