"""Takes secrets out of configurations, override strings, texts and log lines before they are written.

What counts as a secret: a value under a secret-like key, in a mapping, an override or ``key=value`` text;
a text in the form of a known credential; a password in a URL; and the values of environment variables
with secret-like names, wherever they appear. A secret seen once under its key is from then on taken
out of every text of this process, so that an error message which quotes it does not give it away.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Mapping
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
"""A secret's name, within a key in snake case; what stands around it decides:"""
COUNTED_BEFORE = {"n", "num", "number", "count", "max", "min", "total", "mean", "avg", "per"}
TELLS_AFTER = {
    *(
        "count",
        "counts",
        "length",
        "len",
        "size",
        "limit",
        "budget",
        "ratio",
        "rate",
        "type",
        "types",
        "kind",
    ),
    *("mode", "method", "url", "uri", "host", "port", "path", "file", "dir", "enabled", "required", "name"),
    *("days", "hours", "seconds", "minutes", "ttl", "age", "expiry", "index", "dim", "regex", "pattern"),
}
TOKENIZER_BEFORE = {
    "pad",
    "eos",
    "bos",
    "unk",
    "sep",
    "cls",
    "mask",
    "stop",
    "start",
    "end",
    "special",
    "next",
}
COMMIT = {
    "commit",
    "sha",
    "sha1",
    "hash",
    "hashes",
    "digest",
    "revision",
    "rev",
    "checksum",
    "tree",
    "parent",
}
NO_SECRET = {
    "none",
    "null",
    "true",
    "false",
    "str",
    "int",
    "float",
    "bool",
    "bytes",
    "any",
    "object",
    "???",
    "~",
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

_learned: set[str] = set()


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


class Redactor:
    """Redacts values and texts with the secrets that are known to it; ``found`` names where it did."""

    def __init__(self, environ: Mapping[str, str] | None = None):
        self.secrets = _learned | set(environment_secrets(os.environ if environ is None else environ))
        self.found: list[str] = []

    def learn(self, secret: str) -> None:
        """Take this text out wherever it appears from now on, in this process."""
        new = set(_spellings(secret)) - self.secrets
        self.secrets |= new
        _learned.update(new)

    def value(self, value: Any, key: str = "") -> Any:
        """The same nested value with its secrets replaced; mappings, lists and tuples are rebuilt."""
        for secret in _secrets_within(value, is_secret_key(key)):
            self.learn(secret)
        return self._walk(value, key, is_secret_key(key))

    def _walk(self, value: Any, path: str, secret: bool) -> Any:
        if isinstance(value, Mapping):
            return {
                self.text(key) if isinstance(key, str) else key: self._walk(
                    item, f"{path}.{key}".lstrip("."), secret or is_secret_key(str(key))
                )
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return type(value)(self._walk(item, path, secret) for item in value)
        if secret and _can_be_secret(value):
            self.found.append(path)
            return MARK
        if isinstance(value, str):
            clean = self._whole(value, path)
            if clean != value:
                self.found.append(path)
            return clean
        return value

    def _whole(self, text: str, key: str) -> str:
        if WHOLE.fullmatch(text) and not COMMIT.intersection(re.split(r"[^a-z0-9]+", key.lower())):
            return MARK
        return self.text(text)

    def text(self, text: str, code: bool = False) -> str:
        """The same text with its secrets replaced.

        In ``code`` only quoted literals count as the value of ``key = value``: there ``token = tokens[i]``
        is a statement, not a secret.
        """
        for secret in self.secrets:
            if secret in text:
                text = text.replace(secret, MARK)
        text = FORMS.sub(MARK, text)
        if "://" in text:
            text = URL.sub(_keep_before, text)
            text = URL_TOKEN.sub(_keep_before, text)
        text = HEADER.sub(_keep_before, text)
        return _hide_values(text, code)

    def override(self, override: str) -> str:
        """The same ``key=value`` override; a secret-like key loses its value, interpolations stay.

        >>> Redactor({}).override("++db.password=correct horse")
        '++db.password=<redacted>'
        """
        key, equals, value = override.partition("=")
        if not equals:
            return self.text(override)
        if is_secret_key(key) and _can_be_secret(value):
            self.learn(value.strip("'\""))
            clean = MARK
        else:
            clean = self._whole(value, key)
        if clean != value:
            self.found.append(key.lstrip("+~"))
        return f"{key}={clean}"


def redact(value: Any) -> Any:
    """A nested value without its secrets.

    >>> redact({"db": {"user": "ana", "password": "hunter2"}, "num_tokens": 7})
    {'db': {'user': 'ana', 'password': '<redacted>'}, 'num_tokens': 7}
    """
    return Redactor().value(value)


def redact_text(text: str) -> str:
    """A text without its secrets, for the terminal and for files.

    >>> redact_text("cannot reach postgres://ana:hunter2@db.example:5432/hotel")
    'cannot reach postgres://ana:<redacted>@db.example:5432/hotel'
    """
    return Redactor().text(text)


def environment_secrets(environ: Mapping[str, str]) -> Iterator[str]:
    """Values of the variables with secret-like names, in each spelling that a text may hold them in."""
    for name, value in environ.items():
        if name != "PWD" and is_secret_key(name):
            yield from _spellings(value)


def forget_learned() -> None:
    """Forget the secrets seen under their keys so far; the environment's are read afresh anyway."""
    _learned.clear()


def _spellings(secret: str) -> Iterator[str]:
    """The secret as it is, and as it stands in URLs, JSON and tracebacks; nothing if it is a plain word."""
    secret = secret.strip()
    word = secret.isalpha() and (secret.islower() or secret.istitle()) and len(secret) < 10
    short = len(secret) < (8 if secret.isdigit() else 6)
    path = secret.startswith("/") and Path(secret).exists()
    if short or word or path or secret.startswith(("${", MARK)):
        return
    yield from {secret, quote(secret, safe=""), unquote(secret), dumps(secret)[1:-1], repr(secret)[1:-1]}


def _secrets_within(value: Any, secret: bool) -> Iterator[str]:
    """Secrets that a nested value shows by their keys, and passwords of its URLs."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _secrets_within(item, secret or is_secret_key(str(key)))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _secrets_within(item, secret)
    elif secret and _can_be_secret(value):
        yield str(value)
    elif isinstance(value, str) and "://" in value:
        yield from (match["secret"] for match in URL.finditer(value))


def _can_be_secret(value: Any) -> bool:
    """Switches, nothing and ``${...}`` are no secrets, whatever their key."""
    if isinstance(value, str):
        bare = value.strip("'\"")
        return bool(bare) and bare.lower() not in NO_SECRET and not bare.startswith(("${", MARK))
    return value is not None and not isinstance(value, bool)


def _keep_before(match: re.Match[str]) -> str:
    return match["before"] + MARK


def _hide_values(text: str, code: bool) -> str:
    """The text with what stands under secret-like keys replaced; in code, quoted literals only."""
    pieces, done = [], 0
    for key in KEY.finditer(text):
        if key.start() < done or not is_secret_key(key[0]):
            continue
        dashed = text.endswith("-", 0, key.start())
        forms = (QUOTED,) if code else (QUOTED, BARE, FLAG) if dashed else (QUOTED, BARE)
        found = next((match for form in forms if (match := form.match(text, key.end()))), None)
        if found and _can_be_secret(found["value"]):
            pieces += [text[done : found.start("value")], MARK]
            done = found.end("value")
    return "".join([*pieces, text[done:]])


class SecretFilter(logging.Filter):
    """Takes secrets out of log records; add it to handlers, as a logger's filter skips its children."""

    def filter(self, record: logging.LogRecord) -> bool:
        """True always: the record goes on, without its secrets."""
        record.msg, record.args = redact_text(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact_text(record.exc_text)
        if record.stack_info:
            record.stack_info = redact_text(record.stack_info)
        return True
