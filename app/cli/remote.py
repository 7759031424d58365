"""Asks a Dealgraph server over HTTP: what fails for the moment is tried again, after as long as the server says."""

import random
import time
from collections.abc import Callable
from typing import Final, TypeVar

import httpx

from app.cli.saying import NOTHING, fail, hint
from app.shared.errors import in_a_line

Answer = TypeVar("Answer")

TRIES: Final = 6
_LONGEST_WAIT: Final = 60.0
# An import of a million records is answered when all of them are recorded.
_TIMEOUT: Final = httpx.Timeout(30, read=3_600)
_TIMEOUT_OF_QUESTIONS: Final = httpx.Timeout(10, read=60)
_FOR_NOW: Final = frozenset({429, 502, 503, 504})


class Again(Exception):  # noqa: N818 - to be tried again
    """A request that failed for the moment, and how many seconds the server wants to be left alone, if it says."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


def client(url: str, key: str | None) -> httpx.Client:
    """A client of the server at an address, with a key."""
    return httpx.Client(base_url=url.rstrip("/"), headers=_carrying(key), timeout=_TIMEOUT, follow_redirects=True)


def questioner(url: str, key: str | None) -> httpx.AsyncClient:
    """The same for questions, which are answered soon."""
    return httpx.AsyncClient(
        base_url=url.rstrip("/"), headers=_carrying(key), timeout=_TIMEOUT_OF_QUESTIONS, follow_redirects=True
    )


def _carrying(key: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


def persistently(attempt: Callable[[], Answer], tries: int = TRIES, code: int = NOTHING) -> Answer:
    """Try until an attempt ends without Again or a broken connection; ends the command with a code after the last."""
    for number in range(1, tries + 1):
        try:
            return attempt()
        except (Again, httpx.TransportError) as error:
            why = str(error) or type(error).__name__
            if number == tries:
                fail(f"the server could not be asked, {tries} times: {why}", code)
            asked = getattr(error, "wait", None)
            # Clients that failed together do not come back together.
            seconds = min(_LONGEST_WAIT, asked if asked is not None else 2 ** (number - 1) * random.uniform(0.5, 1))  # noqa: S311 - no secret
            hint(f"{why}; trying again in {seconds:.0f} s")
            time.sleep(seconds)
    raise AssertionError


def refuse(reply: httpx.Response) -> None:
    """Raise Again for a reply that another may follow in a while, and end the command for any other that is no good."""
    if reply.is_success:
        return
    reply.read()
    later(reply)
    fail(told(reply))


def later(reply: httpx.Response) -> None:
    """Raise Again for a reply that another may follow in a while."""
    wait = reply.headers.get("Retry-After", "")
    seconds = float(wait) if wait.isdecimal() else None
    if reply.status_code in _FOR_NOW or (reply.status_code == httpx.codes.CONFLICT and seconds is not None):
        raise Again(f"the server answers {reply.status_code}", seconds)


def told(reply: httpx.Response) -> str:
    """What is wrong, in the words of a problem (RFC 9457), a line for each thing."""
    if reply.headers.get("Content-Type") != "application/problem+json":
        return f"the server answers {reply.status_code}"
    problem = reply.json()
    return "\n".join([problem["detail"], *map(in_a_line, problem["errors"])])
