"""Who is at work on a study: each searcher says so in an attribute of it, again and again."""

from __future__ import annotations

import os
import platform
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from vispera.clock import now
from vispera.heartbeat import start_token

ABSENT = timedelta(minutes=2)
"""A searcher on another host that has not been heard of for so long is gone."""
AT_WORK = "at work: "
"""How attributes of a study begin that tell when a searcher was last heard of."""


def new_owner() -> str:
    """Name of a searcher: host, process and when that began, and a lot, as one process may search twice."""
    return f"{platform.node()}/{os.getpid()}/{start_token(os.getpid())}/{secrets.token_hex(4)}"


def searchers(attrs: Mapping[str, Any]) -> list[str]:
    """All that ever were at work on the study with these attributes."""
    return [key.removeprefix(AT_WORK) for key in attrs if key.startswith(AT_WORK)]


def is_at_work(owner: str | None, attrs: Mapping[str, Any]) -> bool:
    """Whether a searcher is still there: on this host by its process, on another by when it last said so."""
    seen = attrs.get(f"{AT_WORK}{owner}")
    if not owner or not seen:
        return False
    host, pid, token, _ = owner.split("/")
    if host == platform.node():
        return start_token(int(pid)) == token
    return now() - datetime.fromisoformat(seen) < ABSENT
