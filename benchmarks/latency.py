"""How long single requests take: one after the other over one socket that is kept open."""

import socket
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Latency:
    """Times of single requests, in milliseconds."""

    times: Sequence[float]

    @property
    def median(self) -> float:
        """The time that half of them keep."""
        return statistics.median(self.times)

    @property
    def p99(self) -> float:
        """The time that 99 of 100 keep."""
        return sorted(self.times)[int(len(self.times) * 0.99)]

    def __str__(self) -> str:
        return f"median {self.median:.2f} ms, p99 {self.p99:.2f} ms, worst {max(self.times):.2f} ms"


def ask(port: int, paths: Sequence[str | tuple[str, str | None]]) -> list[float]:
    """Ask for each path in turn, with a body in JSON where one stands beside it; return the times in milliseconds.

    An answer that is not a 200 ends the run.
    """
    times = []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for one in paths:
            path, body = (one, None) if isinstance(one, str) else one
            request = _request(path, body)
            began = time.perf_counter()
            connection.sendall(request)
            head = _answer(connection)
            times.append((time.perf_counter() - began) * 1_000)
            if not head.startswith(b"HTTP/1.1 200"):
                raise ValueError(f"{path}: {head.decode(errors='replace')[:300]}")
    return times


def _request(path: str, body: str | None) -> bytes:
    if body is None:
        return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    content = body.encode()
    about = f"Content-Type: application/json\r\nContent-Length: {len(content)}"
    return f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{about}\r\n\r\n".encode() + content


def _answer(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(262_144)
    head, _, body = received.partition(b"\r\n\r\n")
    start = head.lower().index(b"content-length:") + len(b"content-length:")
    left = int(head[start : (head + b"\r\n").index(b"\r\n", start)]) - len(body)
    while left > 0:
        left -= len(connection.recv(min(left, 1 << 20)))
    return head
