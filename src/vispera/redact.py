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
from typing import TYPE_CHECKING, Any

from vispera.secret import (
    COMMIT,
    MARK,
    URL,
    WHOLE,
    can_be_secret,
    hide_forms,
    hide_values,
    is_secret_key,
    spellings,
)

if TYPE_CHECKING:
    import pandas as pd

_learned: set[str] = set()


class Redactor:
    """Redacts values and texts with the secrets that are known to it; ``found`` names where it did."""

    def __init__(self, environ: Mapping[str, str] | None = None):
        self.secrets = _learned | set(environment_secrets(os.environ if environ is None else environ))
        self.found: list[str] = []

    def learn(self, secret: str) -> None:
        """Take this text out wherever it appears from now on, in this process."""
        new = set(spellings(secret)) - self.secrets
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
        if secret and can_be_secret(value):
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
        return hide_values(hide_forms(text), code)

    def override(self, override: str) -> str:
        """The same ``key=value`` override; a secret-like key loses its value, interpolations stay.

        >>> Redactor({}).override("++db.password=correct horse")
        '++db.password=<redacted>'
        """
        key, equals, value = override.partition("=")
        if not equals:
            return self.text(override)
        if is_secret_key(key) and can_be_secret(value):
            self.learn(value.strip("'\""))
            clean = MARK
        else:
            clean = self._whole(value, key)
        if clean != value:
            self.found.append(key.lstrip("+~"))
        return f"{key}={clean}"

    def frame(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The same frame without secrets in its texts, and without what pandas writes beside the columns."""
        clean = frame.copy(deep=False)
        clean.attrs = {}
        for column in frame.columns:
            if frame[column].dtype.kind in "biufcmM":  # numbers and dates
                continue
            texts = [text for text in frame[column].dropna().unique() if isinstance(text, str)]
            changed = {text: self.text(text) for text in texts if self.text(text) != text}
            if changed:
                clean[column] = frame[column].astype(object).replace(changed)
        return clean


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
            yield from spellings(value)


def forget_learned() -> None:
    """Forget the secrets seen under their keys so far; the environment's are read afresh anyway."""
    _learned.clear()


def _secrets_within(value: Any, secret: bool) -> Iterator[str]:
    """Secrets that a nested value shows by their keys, and passwords of its URLs."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _secrets_within(item, secret or is_secret_key(str(key)))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _secrets_within(item, secret)
    elif secret and can_be_secret(value):
        yield str(value)
    elif isinstance(value, str) and "://" in value:
        yield from (match["secret"] for match in URL.finditer(value))


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
