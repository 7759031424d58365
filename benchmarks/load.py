"""A client that asks as fast as it is answered: raw HTTP/1.1 over sockets that are kept open, for a bounded time.

``python -m benchmarks.load PORT SECONDS CONNECTIONS COMPANIES`` prints how many requests were answered a second.
Each request asks for another company, drawn from a fixed seed; an answer that is not a 200 ends the run.
"""

import asyncio
import random
import sys
import time

import uvloop

from benchmarks.generate import slug_of

_SEED = 57


async def ask(port: int, deadline: float, paths: list[bytes]) -> int:
    """Ask over one connection until the deadline; return how many answers came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answered = 0
    while time.perf_counter() < deadline:
        path = paths[answered % len(paths)]
        writer.write(b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise ValueError(f"{path.decode()}: {head.decode()}")
        await reader.readexactly(_length(head))
        answered += 1
    writer.close()
    await writer.wait_closed()
    return answered


def _length(head: bytes) -> int:
    start = head.lower().index(b"content-length:") + len(b"content-length:")
    return int(head[start : head.index(b"\r\n", start)])


async def load(port: int, seconds: float, connections: int, companies: int) -> float:
    """Ask over several connections at once; return the requests answered a second."""
    draw = random.Random(_SEED)
    paths = [f"/v1/companies/{slug_of(draw.randrange(companies))}".encode() for _ in range(20_000)]
    share = len(paths) // connections
    began = time.perf_counter()
    asking = (ask(port, began + seconds, paths[share * number : share * (number + 1)]) for number in range(connections))
    answered = sum(await asyncio.gather(*asking))
    return answered / (time.perf_counter() - began)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    print(uvloop.run(load(int(arguments[0]), float(arguments[1]), int(arguments[2]), int(arguments[3]))))
