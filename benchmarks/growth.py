"""Twelve typical requests in stores of different sizes: what each takes, and how it grows (``make bench-scale``).

``python -m benchmarks.growth 10000 100000 1000000``: companies, with as many contracts, and the edges that follow. Each
request is asked of random companies, none of them a hub, never the same question twice. BENCH_DATABASE_URL may name
stores to use, with ``{companies}`` in the place of their size: one that is empty is filled. The client and PostgreSQL
have the last core, the server the first. Exits with 1 where a median grows by more than the promise.
"""

import asyncio
import os
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import quote

import asyncpg

from app.shared.json import dumps
from benchmarks.drawn import HUBS
from benchmarks.latency import Latency, ask
from benchmarks.list_store import filled
from benchmarks.plot import plot
from benchmarks.report import PAGE, Cell, Promise, Table, publish
from benchmarks.servers import postgresql, server
from benchmarks.suggest import company

PROMISE: Final = 1.5
WARM, ROUNDS, PART, SEED = 30, 200, 20, 7
SETTINGS: Final = {"shared_buffers": "4GB"}
PICTURE: Final = PAGE.with_name("growth.svg")

Ask = Callable[[random.Random, int], str]
"""The question about one company of so many: its path, or for names to match the body."""


def _of(draw: random.Random, companies: int) -> str:
    return f"company-{draw.randrange(HUBS, companies)}"


def _name(draw: random.Random, companies: int) -> str:
    return str(company(draw.randrange(HUBS, companies))["name"])


REQUESTS: Final[Mapping[str, Ask]] = {
    "a record": lambda draw, size: f"/v1/companies/{_of(draw, size)}",
    "a list": lambda draw, _: f"/v1/contracts?stage=signed&value__gte={draw.randrange(10**6)}&limit=20",
    "a list by company": lambda draw, size: f"/v1/contracts?company={_of(draw, size)}&limit=20",
    "a sorted page": lambda draw, _: f"/v1/contracts?value__gte={draw.randrange(10**6)}&sort=-announced_on&limit=20",
    "a count": lambda draw, size: f"/v1/contracts?company={_of(draw, size)}&count=true&limit=1",
    "a summary": lambda draw, size: f"/v1/contracts/summary?company={_of(draw, size)}&group_by=kind,stage&sum=value",
    "search": lambda draw, size: f"/v1/search?q={quote(_name(draw, size))}",
    "suggest": lambda draw, size: f"/v1/suggest?q={quote(_name(draw, size)[:6])}",
    "match of five names": lambda draw, size: dumps({"names": [_name(draw, size) for _ in range(5)]}),
    "dependencies": lambda draw, size: f"/v1/companies/{_of(draw, size)}/dependencies?depth=1",
    "dependents": lambda draw, size: f"/v1/companies/{_of(draw, size)}/dependents?depth=1",
    "paths": lambda draw, size: f"/v1/paths?from={_of(draw, size)}&to=company-{draw.randrange(HUBS)}&max_depth=2",
}


def main(sizes: Sequence[int]) -> None:
    """Measure, publish, and exit with 1 where the promise is missed."""
    cores = sorted(os.sched_getaffinity(0))
    with TemporaryDirectory(prefix="dealgraph-bench-") as folder, postgresql(Path(folder), SETTINGS) as url:
        urls = {size: asyncio.run(_store(url, size)) for size in sizes}
        os.sched_setaffinity(0, {cores[-1]})
        medians = measure(urls, cores[0])
    table = table_of(sizes, medians)
    PICTURE.write_text(plot("Median time of a request", "companies", "ms", sizes, medians), "utf-8")
    publish("growth", table)
    sys.exit(not table.is_kept)


async def _store(url: str, size: int) -> str:
    if "{companies}" in url:
        url = url.replace("{companies}", str(size))
    else:
        connection = await asyncpg.connect(url)
        await connection.execute(f"CREATE DATABASE companies_{size}")
        await connection.close()
        url = url.replace("/postgres?", f"/companies_{size}?")
    await filled(url, size)
    return url


def measure(urls: Mapping[int, str], core: int) -> dict[str, list[float]]:
    """The median time of each kind of request in each store, in their order: all are asked in turns.

    A moment in which the machine is slow is longer than 200 requests for one record.
    """
    draws = {size: random.Random(SEED) for size in urls}
    with ExitStack() as stack:
        ports = {size: stack.enter_context(server("ours", url, core)) for size, url in urls.items()}
        found: dict[str, list[float]] = {}
        for name, question in REQUESTS.items():
            times: dict[int, list[float]] = {size: [] for size in urls}
            for number, size in product((WARM, *[PART] * (ROUNDS // PART)), urls):
                asked = [question(draws[size], size) for _ in range(number)]
                pairs = [("/v1/match", one) if name.startswith("match") else (one, None) for one in asked]
                times[size] += ask(ports[size], pairs)
            found[name] = [Latency(its[WARM:]).median for its in times.values()]
    return found


def table_of(sizes: Sequence[int], medians: Mapping[str, Sequence[float]]) -> Table:
    """The medians at each size, and by how much the last is the first."""
    rows: list[Sequence[Cell]] = [
        (name, *times, Promise(times[-1] / times[0], at_most=PROMISE)) for name, times in medians.items()
    ]
    how = f"Medians of {ROUNDS} requests in milliseconds, {PART} of each store in turns, each about another company"
    return Table(("request", *(f"{size:,}" for size in sizes), "growth"), rows, how)


if __name__ == "__main__":
    main([int(text) for text in sys.argv[1:]] or [10_000, 100_000, 1_000_000])
