"""A client that asks as fast as it is answered: raw HTTP/1.1 over sockets that are kept open, for a bounded time.

``python -m benchmarks.load KIND PORT SECONDS CONNECTIONS ABOUT…`` prints how many requests were answered a second. What
each KIND asks stands in REQUESTS. An answer that is not the good one ends the run. It waits by epoll itself: a client
on an event loop of Python's would be slower than the fastest of the servers.
"""

import random
import select
import socket
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Final, TypeAlias
from uuid import uuid4

from benchmarks.generate import slug_of

_SEED = 57
_HEAD_ENDS: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length: "
_CHUNKED: Final = b"transfer-encoding: chunked"
_LAST_CHUNK: Final = b"0\r\n\r\n"
Requests: TypeAlias = Iterator[bytes]


class Asking:
    """One connection, and what it asks."""

    def __init__(self, port: int, requests: Requests, good: bytes) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._requests = requests
        self._good = b"HTTP/1.1 " + good
        self._got = b""

    def ask(self) -> None:
        """Send the next request."""
        self.socket.sendall(next(self._requests))

    def is_answered(self) -> bool:
        """Read what has come; whether it is a whole answer. Raises ValueError for one that is not good."""
        more = self.socket.recv(1_048_576)
        self._got += more
        if not more or not self._got.startswith(self._good[: len(self._got)]):
            raise ValueError(self._got.decode("utf-8", "replace") or "the server closed the connection")
        end = self._got.find(_HEAD_ENDS)
        if end < 0 or not _is_whole(self._got[:end].lower(), self._got[end + len(_HEAD_ENDS) :]):
            return False
        self._got = b""
        return True


def _is_whole(head: bytes, content: bytes) -> bool:
    """Whether all content has come that a head announces; that of a 304 announces none."""
    start = head.find(_LENGTH)
    if start >= 0:
        return len(content) >= int(head[start + len(_LENGTH) :].partition(b"\r\n")[0])
    return content.endswith(_LAST_CHUNK) if _CHUNKED in head else True


def load(port: int, seconds: float, connections: int, requests: Callable[[int], Requests], good: bytes) -> float:
    """Ask over several connections at once; return the requests answered a second."""
    asking = [Asking(port, requests(number), good) for number in range(connections)]
    by_socket = {one.socket.fileno(): one for one in asking}
    waiting = select.epoll()
    for number in by_socket:
        waiting.register(number, select.EPOLLIN)
    began = now = time.perf_counter()
    for one in asking:
        one.ask()
    answered = 0
    while now < began + seconds:
        for number, _ in waiting.poll():
            if by_socket[number].is_answered():
                answered += 1
                by_socket[number].ask()
        now = time.perf_counter()
    for one in asking:
        one.socket.close()
    waiting.close()
    return answered / (now - began)


def _get(path: str, headers: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode()


def records(connection: int, companies: str, path: str) -> Requests:
    """One company after another, drawn from a fixed seed: its slug takes the place of ``{slug}`` in the path."""
    draw = random.Random(_SEED + connection)
    while True:
        yield _get(path.replace("{slug}", slug_of(draw.randrange(int(companies)))))


def same(_connection: int, path: str) -> Requests:
    """The same again and again."""
    request = _get(path)
    while True:
        yield request


def known(_connection: int, path: str, tag: str) -> Requests:
    """The same again and again, by a client that has the answer with this ETag."""
    request = _get(path, f"If-None-Match: {tag}\r\n")
    while True:
        yield request


def writes(connection: int, key: str) -> Requests:
    """A new company with each request, under an idempotency key of its own."""
    run = uuid4().hex[:12]
    for number in count():
        slug = f"written-{run}-{connection}-{number}"
        body = (
            f'{{"slug":"{slug}","name":"Company {number}","kind":"software","country":"US","aliases":["{slug} alias"]}}'
        )
        head = (
            f"POST /v1/companies HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
            f"Idempotency-Key: {slug}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        yield (head + body).encode()


REQUESTS: Final[dict[str, tuple[Callable[..., Requests], bytes]]] = {
    "records": (records, b"200"),
    "same": (same, b"200"),
    "known": (known, b"304"),
    "writes": (writes, b"201"),
}
"""What can be asked, with the status of a good answer."""


def main(kind: str, port: str, seconds: str, connections: str, *about: str) -> None:
    """Ask, and print the requests answered a second."""
    requests, good = REQUESTS[kind]
    print(load(int(port), float(seconds), int(connections), lambda one: requests(one, *about), good))


if __name__ == "__main__":
    main(*sys.argv[1:])
