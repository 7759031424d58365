"""A client that asks as fast as it is answered: raw HTTP/1.1 over sockets that are kept open, for a bounded time.

``python -m benchmarks.load read PORT SECONDS CONNECTIONS COMPANIES`` asks for one company after another, drawn from a
fixed seed; ``write PORT SECONDS CONNECTIONS KEY`` records a new one with each request. Both print how many requests
were answered a second. An answer that is not the good one ends the run.
"""

import asyncio
import random
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from uuid import uuid4

import uvloop

from benchmarks.generate import slug_of

_SEED = 57


async def ask(port: int, deadline: float, requests: Iterator[bytes], good: bytes) -> int:
    """Ask over one connection until the deadline; return how many answers came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answered = 0
    while time.perf_counter() < deadline:
        request = next(requests)
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 " + good):
            raise ValueError(f"{request.decode()}: {head.decode()}")
        await reader.readexactly(_length(head))
        answered += 1
    writer.close()
    await writer.wait_closed()
    return answered


def _length(head: bytes) -> int:
    start = head.lower().index(b"content-length:") + len(b"content-length:")
    return int(head[start : head.index(b"\r\n", start)])


def reads(companies: int, connection: int) -> Iterator[bytes]:
    """Requests for one company after another, without an end."""
    draw = random.Random(_SEED + connection)
    while True:
        path = f"/v1/companies/{slug_of(draw.randrange(companies))}"
        yield f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def writes(key: str, connection: int) -> Iterator[bytes]:
    """Requests that each record a company of a new slug under an idempotency key of its own, without an end."""
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


async def load(
    port: int, seconds: float, connections: int, requests: Callable[[int], Iterator[bytes]], good: bytes
) -> float:
    """Ask over several connections at once; return the requests answered a second."""
    began = time.perf_counter()
    asking = (ask(port, began + seconds, requests(number), good) for number in range(connections))
    answered = sum(await asyncio.gather(*asking))
    return answered / (time.perf_counter() - began)


if __name__ == "__main__":
    what, port, seconds, connections, about = sys.argv[1:]
    asked = (lambda one: reads(int(about), one)) if what == "read" else (lambda one: writes(about, one))
    good = b"200" if what == "read" else b"201"
    print(uvloop.run(load(int(port), float(seconds), int(connections), asked, good)))
