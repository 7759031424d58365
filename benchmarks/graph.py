"""How long a question about the graph takes, over HTTP and in SQL, beside a bare statement and beside Kuzu.

``make bench-scale``, or ``python -m benchmarks.graph 1000000 5000000`` for other sizes. All in one run on one machine:
PostgreSQL holds a large store and one of a hundredth of it with the same degree. The server has the first core, the
client and PostgreSQL the second; what is compared is asked in turns. Exits with 1 where a promise is missed.
"""

import asyncio
import datetime as dt
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import kuzu
from sqlalchemy.engine import Dialect, make_url

from app.graph.question import EdgeFilter, Limits
from app.graph.store.found import form_of, values_of
from app.graph.store.near import near_statement
from app.shared.database import Database
from app.shared.migration import migrate
from app.shared.settings import Settings
from benchmarks.graph_store import fill
from benchmarks.latency import Latency, ask
from benchmarks.servers import machine, postgresql, server

DEPTH, ROUNDS, ROOTS, KUZU_ROOTS = 3, 5, 200, 40
DAY = dt.date(2025, 1, 1)

# One statement for the closest 500 companies and up to 5,000 edges between them, as one would write it by hand.
_RANGES = """from_revision <= 11 AND to_revision > 11
             AND start_earliest <= '2025-01-01' AND end_latest >= '2025-01-01'"""
BARE = f"""
WITH RECURSIVE reach (id, depth) AS (
    SELECT $1::bigint, 0
    UNION
    SELECT edges.on_id, reach.depth + 1 FROM reach JOIN edges ON edges.dependent_id = reach.id
    WHERE reach.depth < {DEPTH} AND {_RANGES}
), near AS (
    SELECT id, min(depth) AS depth FROM reach GROUP BY id ORDER BY min(depth), id LIMIT 500
)
SELECT edges.dependent_id, edges.on_id, edges.kind, edges.document
FROM near JOIN edges ON edges.dependent_id = near.id JOIN near AS other ON other.id = edges.on_id
WHERE {_RANGES} LIMIT 5000
"""


def main(companies: int, edges: int) -> None:
    """Measure, print, and exit with 1 where a promise is missed."""
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(prefix="dealgraph-bench-") as folder, _stores(Path(folder)) as base:
        small, large = _url(base, "small"), _url(base, "large")
        print(f"filling stores of {edges // 100:,} and {edges:,} edges", flush=True)
        asyncio.run(_prepare(base, small, companies // 100, edges // 100))
        asyncio.run(_prepare(base, large, companies, edges))
        os.sched_setaffinity(0, {cores[-1]})
        over_http = _over_http({"small": (small, companies // 100), "large": (large, companies)}, cores[0])
        ours, bare = asyncio.run(_in_sql(large, companies))
        by_kuzu = _by_kuzu(asyncio.run(_pairs(large)), companies, Path(folder))
    _report(over_http, ours, bare, by_kuzu)


@contextmanager
def _stores(folder: Path) -> Iterator[str]:
    with postgresql(folder, settings={"shared_buffers": "6GB", "maintenance_work_mem": "512MB"}) as url:
        yield url


def _url(base: str, name: str) -> str:
    return make_url(base).set(database=name).render_as_string(hide_password=False)


async def _prepare(base: str, url: str, companies: int, edges: int) -> None:
    connection = await asyncpg.connect(base)
    await connection.execute(f"CREATE DATABASE {make_url(url).database}")
    await connection.close()
    database = Database(Settings(database_url=url))
    await migrate(database)
    await database.close()
    await fill(url, companies, edges)
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE EXTENSION pg_prewarm")
    for relation in ("edges", "ix_edges_dependent_id", "ix_edges_depended_on", "records", "pk_records", "companies"):
        await connection.execute("SELECT pg_prewarm($1)", relation)
    await connection.close()


def _over_http(stores: dict[str, tuple[str, int]], core: int) -> dict[str, Latency]:
    """Dependencies of random companies over HTTP, both clocks set, small and large in turns."""
    times: dict[str, list[float]] = {name: [] for name in stores}
    for name, (url, companies) in stores.items():
        with server("ours", url, core) as port:
            ask(port, _paths(companies, seed=0))
            for round_ in range(ROUNDS):
                times[name] += ask(port, _paths(companies, seed=round_))
    return {name: Latency(found) for name, found in times.items()}


def _paths(companies: int, seed: int) -> list[str]:
    clocks = f"as_of={DAY}&known_at=2100-01-01T00:00:00Z"
    roots = random.Random(seed).sample(range(100, companies), ROOTS)
    return [f"/v1/companies/company-{root}/dependencies?depth={DEPTH}&{clocks}" for root in roots]


async def _in_sql(url: str, companies: int) -> tuple[Latency, Latency]:
    """The same in SQL, by our statement and by the bare one, in turns on the same rows over one driver."""
    database = Database(Settings(database_url=url))
    times: tuple[list[float], list[float]] = ([], [])
    async with database.reading() as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        ours, arguments = _our_statement(connection.dialect)
        for number, root in enumerate(random.Random(9).sample(range(100, companies), ROOTS) * (ROUNDS + 1)):
            pair: list[tuple[list[float], str, list[Any]]] = [
                (times[0], ours, [f"company-{root}" if value is None else value for value in arguments]),
                (times[1], BARE, [root]),
            ]
            # Whoever asks second for a company finds its rows in the processor's caches: they take turns in that too.
            for found, statement, values in pair if number % 2 else pair[::-1]:
                began = time.perf_counter()
                await raw.fetch(statement, *values)
                if number >= ROOTS:
                    found.append((time.perf_counter() - began) * 1_000)
    await database.close()
    return Latency(times[0]), Latency(times[1])


def _our_statement(dialect: Dialect) -> tuple[str, list[Any]]:
    """Our SQL as the driver gets it, with its arguments; the slug is None. It also finds the revision and all names."""
    only, limits = EdgeFilter(as_of=DAY, known_at=dt.datetime(2100, 1, 1, tzinfo=dt.UTC)), Limits(500, 5_000)
    statement = near_statement("depends_on", DEPTH, form_of(only, asks=True), past=True, lateral=True)
    compiled = statement.compile(dialect=dialect)
    caps = {"node_cap": limits.nodes + 1, "edge_cap": limits.edges + 1}
    values = values_of(only) | caps | {"slug": None, "known_at": only.known_at}
    bound = dict(compiled.params) | values
    return str(compiled), [bound[name] for name in compiled.positiontup or ()]


async def _pairs(url: str) -> Path:
    """The dependencies that hold on the day, as a file that Kuzu can copy."""
    path = Path(tempfile.mkstemp(suffix=".csv")[1])
    connection = await asyncpg.connect(url)
    query = f"SELECT dependent_id, on_id FROM edges WHERE {_RANGES}"
    await connection.copy_from_query(query, output=path, format="csv")
    await connection.close()
    return path


def _by_kuzu(pairs: Path, companies: int, folder: Path) -> Latency:
    """Who is reached within the depth and how closely, by Kuzu's shortest paths."""
    nodes = folder / "companies.csv"
    nodes.write_text("\n".join(map(str, range(1, companies + 1))))
    connection = kuzu.Connection(kuzu.Database(str(folder / "graph.kuzu")), num_threads=1)
    connection.execute("CREATE NODE TABLE Company (id INT64 PRIMARY KEY)")
    connection.execute("CREATE REL TABLE Depends (FROM Company TO Company)")
    connection.execute(f"COPY Company FROM '{nodes}'")
    connection.execute(f"COPY Depends FROM '{pairs}'")
    pairs.unlink()
    question = f"MATCH p = (a:Company {{id: $root}})-[:Depends* SHORTEST 1..{DEPTH}]->(b) RETURN b.id, length(p)"
    times = []
    for number, root in enumerate(random.Random(9).sample(range(100, companies), KUZU_ROOTS) * 2):
        began = time.perf_counter()
        result: Any = connection.execute(question, {"root": root})
        while result.has_next():
            result.get_next()
        if number >= KUZU_ROOTS:
            times.append((time.perf_counter() - began) * 1_000)
    return Latency(times)


def _report(over_http: dict[str, Latency], ours: Latency, bare: Latency, by_kuzu: Latency) -> None:
    large = over_http["large"]
    growth = large.median / over_http["small"].median
    print(f"dependencies at depth {DEPTH}, both clocks set, {ROOTS} random companies, {ROUNDS} rounds")
    print(f"  over HTTP, small store   {over_http['small']}")
    print(f"  over HTTP, large store   {large}")
    print(f"  our SQL, large store     {ours}")
    print(f"  bare SQL, large store    {bare}")
    print(f"  Kuzu, shortest paths     {by_kuzu}")
    promises = [
        ("median over HTTP, ms", large.median, "at most", 3.0),
        ("p99 over HTTP, ms", large.p99, "at most", 15.0),
        ("our SQL / bare SQL", ours.median / bare.median, "at most", 1.5),
        ("large / small store over HTTP", growth, "at most", 1.5),
        ("Kuzu / our SQL", by_kuzu.median / ours.median, "at least", 5.0),
    ]
    kept = [value <= bound if word == "at most" else value >= bound for _, value, word, bound in promises]
    for (name, value, word, bound), good in zip(promises, kept, strict=True):
        print(f"  {name:30} {value:7.2f}  ({word} {bound:g}) {'kept' if good else 'MISSED'}")
    print(machine())
    if not all(kept):
        sys.exit(1)


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:3]))
