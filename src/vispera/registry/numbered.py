"""Files of the registry that carry a schema number, read by the version that knows it."""

from __future__ import annotations

import json
from typing import Any

from vispera.errors import ContractBroken


def read_numbered(content: bytes, schema: int, where: str, what: str) -> dict[str, Any]:
    """The object that a file holds; ContractBroken, naming ``where``, if it is none or of another schema.

    ``what`` tells what it should be, such as "entry of a history".
    """
    try:
        raw = json.loads(content)
        found = raw["schema"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ContractBroken(f"{where} is damaged: it is no {what}") from None
    if type(found) is not int or found != schema:
        raise ContractBroken(f"{where} has schema {str(found)[:20]}; this version reads {schema}")
    return raw
