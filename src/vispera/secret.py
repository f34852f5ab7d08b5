"""What a secret looks like: the keys it stands under, and the forms that it has in texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from json import dumps
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

MARK = "<redacted>"
"""What stands in a secret's place; Hydra does not parse it, so no command repeats it unnoticed."""

SECRET_KEY = re.compile(
    r"passw(?:or)?ds?|passphrase|passcode|credential|client_?secret"
    r"|(?:api|auth|secret|private|access|signing|encryption|account|ssh|master)_?keys?(?![a-z])"
    r"|(?:access|auth|api|refresh|bearer|session|id|hf|gh|github|slack|wandb)_?tokens?(?![a-z])"
    r"|(?<![a-z])(?:pwd|secrets?|token(?!_ids?)|o?auth|authorization|authentication|bearer|cookies?)(?![a-z])"
)
"""A secret's name within a key in snake case; the words of the next three sets around it acquit it."""
COUNTED_BEFORE = {"n", "num", "number", "count", "max", "min", "total", "mean", "avg", "per"}
TELLS_AFTER = {
    *("count", "counts", "length", "len", "size", "limit", "budget", "ratio", "rate"),
    *("type", "types", "kind", "mode", "method", "index", "dim", "regex", "pattern"),
    *("url", "uri", "host", "port", "path", "file", "dir", "name", "enabled", "required"),
    *("days", "hours", "seconds", "minutes", "ttl", "age", "expiry"),
}
TOKENIZER_BEFORE = {
    *("pad", "eos", "bos", "unk", "sep", "cls", "mask"),
    *("stop", "start", "end", "special", "next"),
}
COMMIT = {
    *("commit", "sha", "sha1", "hash", "hashes", "digest"),
    *("revision", "rev", "checksum", "tree", "parent"),
}
NO_SECRET = {
    *("none", "null", "true", "false", "???", "~"),
    *("str", "int", "float", "bool", "bytes", "any", "object"),
}

WHOLE = re.compile(r"(?:local-)?[0-9a-f]{40}")
"""A W&B key; a git commit looks the same, so this form counts only for whole values under other keys."""
FORMS = re.compile(
    "|".join(
        [
            r"\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b",
            r"\bgh[opsur]_[A-Za-z0-9]{30,}",
            r"\bgithub_pat_\w{22,}",
            r"\bglpat-[\w-]{20,}",
            r"\bxox[abeoprs]-[\w-]{10,}",
            r"\bxapp-[\w-]{10,}",
            r"(?<=hooks\.slack\.com/services/)[\w/]{10,}",
            r"\beyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*",
            r"\bhf_[A-Za-z0-9]{30,}",
            r"\bwandb_v1_\w{20,}",
            r"\bAIza[\w-]{35}",
            r"\bsk-(?=[\w-]*\d)[\w-]{20,}",
            r"\b[rs]k_(?:live|test)_\w{16,}",
            r"\bnpm_[A-Za-z0-9]{36}",
            r"\bpypi-[\w-]{16,}",
            r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z0-9 ]*-----"
            r"(?:(?!-----END)[\w\s+/=\\,:.-])*(?:-----END [A-Z0-9 ]*-----)?",
        ]
    )
)
URL = re.compile(
    r"(?P<before>://[^\s:/@'\"]{0,128}:)(?!\d{1,5}[\"'/,)\]}])(?P<secret>[^\s/]{1,512}|[^\s@]{1,512})(?=@)"
)
URL_TOKEN = re.compile(r"(?P<before>://)(?P<secret>[\w\-]{20,512})(?=@)")
HEADER = re.compile(
    r"(?i)(?P<before>\bauthorization\\?[\"']?\s{0,4}[:=]\s{0,4}\\?[\"']?(?:(?:bearer|basic|token|digest)\s+)?"
    r"|\bbearer\s+(?=[^\s\"']*\d|[^\s\"']{20}))(?P<secret>[^\s\"'\\,<$]{6,})"
)
KEY = re.compile(r"(?<![\w.])[A-Za-z_][\w.\-]{0,80}")
_GAP = r"\\?[\"']?\]?(?:\s{0,4}:\s{0,4}[\w.\[\]| ]{1,40})?\s{0,8}(?:=>|:=|(?<![=!<>])=(?!=)|:)\s{0,8}"
QUOTED = re.compile(rf"{_GAP}(?:[rbfu]{{1,2}})?(?P<mark>\\?[\"'])(?P<value>(?:(?!(?P=mark)).)+)(?P=mark)")
BARE = re.compile(rf"{_GAP}(?P<value>[^\s\"',;&)\]}}\\][^\s\"',;&)\]}}]*)")
FLAG = re.compile(r"\s+(?P<value>[^\s\"'\-][^\s\"']*)")
"""What may follow a key: ``= "value"``, ``: value``, and after dashes a blank and the value."""


@lru_cache(maxsize=4096)
def is_secret_key(key: str) -> bool:
    """Whether what stands under a key is to be taken for a secret.

    >>> [is_secret_key(key) for key in ("db.password", "WANDB_API_KEY", "hfToken", "auth")]
    [True, True, True, True]
    >>> [is_secret_key(key) for key in ("num_tokens", "max_tokens", "token_count", "tokenizer", "author")]
    [False, False, False, False, False]
    """
    last = re.split(r"[.@/]", key.strip("+~"))[-1]
    name = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", last).lower())
    return any(
        COUNTED_BEFORE.isdisjoint(before := name[: match.start()].strip("_").split("_"))
        and TELLS_AFTER.isdisjoint(name[match.end() :].split("_"))
        and not (match[0] == "token" and before[-1] in TOKENIZER_BEFORE)
        for match in SECRET_KEY.finditer(name)
    )


def can_be_secret(value: Any) -> bool:
    """Switches, nothing and ``${...}`` are no secrets, whatever their key."""
    if isinstance(value, str):
        bare = value.strip("'\"")
        return bool(bare) and bare.lower() not in NO_SECRET and not bare.startswith(("${", MARK))
    return value is not None and not isinstance(value, bool)


def spellings(secret: str) -> Iterator[str]:
    """The secret as it is, and as it stands in URLs, JSON and tracebacks; nothing if it is a plain word."""
    secret = secret.strip()
    word = secret.isalpha() and (secret.islower() or secret.istitle()) and len(secret) < 10
    short = len(secret) < (8 if secret.isdigit() else 6)
    path = secret.startswith("/") and Path(secret).exists()
    if short or word or path or secret.startswith(("${", MARK)):
        return
    yield from {secret, quote(secret, safe=""), unquote(secret), dumps(secret)[1:-1], repr(secret)[1:-1]}


def hide_forms(text: str) -> str:
    """The text without credentials of a known form, passwords of URLs, and authorization headers."""
    text = FORMS.sub(MARK, text)
    if "://" in text:
        text = URL_TOKEN.sub(_keep_before, URL.sub(_keep_before, text))
    return HEADER.sub(_keep_before, text)


def hide_values(text: str, code: bool) -> str:
    """The text with what stands under secret-like keys replaced; in code, quoted literals only."""
    pieces, done = [], 0
    for key in KEY.finditer(text):
        if key.start() < done or not is_secret_key(key[0]):
            continue
        dashed = text.endswith("-", 0, key.start())
        forms = (QUOTED,) if code else (QUOTED, BARE, FLAG) if dashed else (QUOTED, BARE)
        found = next((match for form in forms if (match := form.match(text, key.end()))), None)
        if found and can_be_secret(found["value"]):
            pieces += [text[done : found.start("value")], MARK]
            done = found.end("value")
    return "".join([*pieces, text[done:]])


def _keep_before(match: re.Match[str]) -> str:
    return match["before"] + MARK
