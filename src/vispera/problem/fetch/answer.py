"""What a server answers at the end of all redirections, or why it gives none that a file can come with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from vispera.problem.fetch.address import shown
from vispera.problem.fetch.failure import Unreachable

if TYPE_CHECKING:
    from requests import RequestException, Response, Session

REDIRECTS = 5
SECURE = {"https": {"https"}, "http": {"http", "https"}}
"""Where an address may lead, by its scheme: never to a file, never from an encrypted line to an open one."""


def led_to(url: str, location: str) -> str:
    """Address that a redirection leads to; Unreachable where one must not follow.

    >>> led_to("https://example.org/a/b.csv", "../c.csv")
    'https://example.org/c.csv'
    """
    try:
        target = urljoin(url, location)
        place = shown(target)
    except ValueError:
        raise Unreachable("is redirected to what is no address") from None
    if urlsplit(target).scheme not in SECURE[urlsplit(url).scheme]:
        raise Unreachable(f"is redirected to {place}, which is not followed")
    return target


def new_session() -> Session:
    """A session that goes one step at a time: redirections are looked at before they are followed."""
    import requests

    class OneStep(requests.Session):
        def resolve_redirects(self, *_: object, **__: object) -> Iterator[Response]:
            """Nothing: requests would read all that a redirection brings, even when told not to follow it."""
            return iter(())

    return OneStep()


@contextmanager
def answer(session: Session, url: str, headers: Mapping[str, str], seconds: float) -> Iterator[Response]:
    """The answer at the end of all redirections; Unreachable if it is none that a file can come with."""
    for _ in range(REDIRECTS + 1):
        response = _asked(session, url, headers, seconds)
        with response:
            if not response.is_redirect:
                _refuse(response.status_code)
                yield response
                return
        url = led_to(url, response.headers["Location"])
    raise Unreachable(f"is redirected more than {REDIRECTS} times")


def _asked(session: Session, url: str, headers: Mapping[str, str], seconds: float) -> Response:
    import requests
    from urllib3.exceptions import ProtocolError

    try:
        return session.get(url, headers=headers, timeout=seconds, stream=True, allow_redirects=False)
    except requests.RequestException as failure:
        # a machine with no network is told at once; a line that was cut is tried again
        cut = isinstance(failure, requests.ReadTimeout) or isinstance((*failure.args, None)[0], ProtocolError)
        raise Unreachable(f"cannot be reached: {why(failure, seconds)}", again=cut) from None


def _refuse(status: int) -> None:
    if status in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE):
        return
    falters = status >= 500 or status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
    phrase = {int(known): known.phrase for known in HTTPStatus}.get(status, "")
    raise Unreachable(f"answers {status} {phrase}".rstrip(), again=falters)


def why(failure: RequestException, seconds: float) -> str:
    """A reason in a few words; what requests says would hold the address with all that it hides."""
    import requests

    if isinstance(failure, requests.exceptions.SSLError):
        return "its certificate is not accepted"
    if isinstance(failure, requests.exceptions.ProxyError):
        return "the proxy does not let it through"
    reason: BaseException | None = failure
    told = ""
    while reason is not None:
        if isinstance(reason, TimeoutError | requests.Timeout):
            return f"no answer within {seconds:g} s"
        told = getattr(reason, "strerror", None) or told
        reason = reason.__cause__ or reason.__context__
    return told or type(failure).__name__
