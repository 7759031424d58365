"""How long questions about the graph take, over HTTP and in SQL, beside a bare statement, Kuzu and networkx.

``make bench-scale``, or ``python -m benchmarks.graph 1000000 5000000 [FOLDER]`` for other sizes. A folder that is named
keeps the stores, so that they can be measured again without being filled; so does a server that BENCH_DATABASE_URL
names. All in one run on one machine: PostgreSQL holds a large store and one of a hundredth of it with the same degree.
The server has the first core, the client the last; what is compared is asked in turns. Exits with 1 where a promise is
missed.
"""

import asyncio
import datetime as dt
import math
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
import httpx
from sqlalchemy.engine import Dialect, make_url

from app.graph.question import EdgeFilter, Limits
from app.graph.store.found import form_of, values_of
from app.graph.store.near import near_statement
from app.shared.database import Database
from app.shared.settings import Settings
from benchmarks.graph_peers import by_kuzu, by_networkx, pairs
from benchmarks.graph_store import fill
from benchmarks.latency import Latency, ask
from benchmarks.report import Cell, Promise, Table, publish
from benchmarks.servers import postgresql, server
from benchmarks.stores import migrated

DEPTH, ROUNDS, ROOTS = 3, 5, 200
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


# The most that can be asked of this store: of company-1, a hub, and of all companies at once.
WORST = (
    "companies/company-1/dependents?depth=8",
    "companies/company-1/impact?depth=8",
    "companies/company-1/exposure?",
    "compare?company=company-1&company=company-2",
    "paths?from=company-500&to=company-1&max_depth=8",
    "loops?company=company-1&max_length=6",
    "loops?company=company-500&max_length=6",
    "loops?by=dependency&max_length=6",
    "rankings?by=dependents",
    "rankings?by=dependents&kind=energy&stage=active&published_by=2024-01-01",
    "rankings?by=sole_source",
    "rankings?by=contract_value",
    "rankings?by=investment",
)
PICTURES, NODES = 5, 60


def main(companies: int, edges: int, kept: Path | None = None) -> None:
    """Measure, print, write the table, and exit with 1 where a promise is missed."""
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(prefix="dealgraph-bench-") as scratch, _stores(kept or Path(scratch)) as base:
        small, large = _url(base, "small"), _url(base, "large")
        asyncio.run(_prepare(base, small, companies // 100, edges // 100))
        asyncio.run(_prepare(base, large, companies, edges))
        os.sched_setaffinity(0, {cores[-1]})
        over_http = _over_http({"small": (small, companies // 100), "large": (large, companies)}, cores[0])
        worst, pictures = _worst(large, companies, cores[0])
        ours, bare = asyncio.run(_in_sql(large, companies))
        file = asyncio.run(pairs(large, _RANGES, Path(scratch)))
        huge = asyncio.run(_huge_pages(base))
        peers = [by(file, companies, DEPTH) for by in (by_kuzu, by_networkx)]
    near, dearest = _table(over_http, ours, bare, *peers, huge=huge), _worst_table(worst, pictures)
    publish("graph", near)
    publish("graph worst", dearest)
    sys.exit(not (near.is_kept and dearest.is_kept))


@contextmanager
def _stores(folder: Path) -> Iterator[str]:
    folder.mkdir(parents=True, exist_ok=True)
    with postgresql(folder, settings={"shared_buffers": "6GB", "maintenance_work_mem": "512MB"}) as url:
        yield url


def _url(base: str, name: str) -> str:
    return make_url(base).set(database=name).render_as_string(hide_password=False)


async def _prepare(base: str, url: str, companies: int, edges: int) -> None:
    """A store of that size with the newest schema, in the memory of PostgreSQL: the one that is there, or a new one."""
    connection = await asyncpg.connect(base)
    name = make_url(url).database
    is_there = await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name)
    if not is_there:
        await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    async with migrated(url):
        pass
    if not is_there:
        print(f"filling a store of {edges:,} edges", flush=True)
        await fill(url, companies, edges)
    connection = await asyncpg.connect(url)
    found = await connection.fetchrow("SELECT (SELECT count(*) FROM companies), (SELECT count(*) FROM edges)")
    if tuple(found) != (companies, edges):
        raise ValueError(f"the store {name} holds {found}: name another folder")
    await connection.execute("CREATE EXTENSION IF NOT EXISTS pg_prewarm")
    for relation in ("edges", "ix_edges_dependent_id", "ix_edges_dependents", "records", "pk_records", "companies"):
        await connection.execute("SELECT pg_prewarm($1)", relation)
    await connection.close()


def _over_http(stores: dict[str, tuple[str, int]], core: int) -> dict[str, Latency]:
    """Dependencies of random companies over HTTP, both clocks set, small and large in turns."""
    times: dict[str, list[float]] = {name: [] for name in stores}
    for name, (url, companies) in stores.items():
        with server("ours", url, core) as port:
            # Others than those that are measured, which would be answered from what is kept.
            ask(port, _paths(companies, seed=ROUNDS))
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
    statement = near_statement("depends_on", DEPTH, form_of(only, asks=True), at="known_at", lateral=True)
    compiled = statement.compile(dialect=dialect)
    caps = {"node_cap": limits.nodes + 1, "edge_cap": limits.edges + 1}
    values = values_of(only) | caps | {"slug": None, "known_at": only.known_at}
    bound = dict(compiled.params) | values
    return str(compiled), [bound[name] for name in compiled.positiontup or ()]


def _worst(url: str, companies: int, core: int) -> tuple[dict[str, float], list[float]]:
    """The worst questions, each asked once, and pictures of 60 companies that were never drawn; in milliseconds."""
    with server("ours", url, core) as port:
        worst = {path: _once(port, f"/v1/{path}&as_of={DAY}") for path in WORST}
        address = f"http://127.0.0.1:{port}"
        of_60 = (path for path in _paths(companies, seed=99) if len(httpx.get(address + path).json()["nodes"]) >= NODES)
        drawn = [next(of_60) for _ in range(PICTURES)]
    # In a process that has drawn nothing yet.
    with server("ours", url, core) as port:
        return worst, ask(port, [f"{path}&format=svg" for path in drawn])


def _once(port: int, path: str) -> float:
    """How long a question takes, for ever where it is refused."""
    try:
        return ask(port, [path])[0]
    except ValueError as error:
        print(error, file=sys.stderr)
        return math.inf


async def _huge_pages(base: str) -> str:
    """Whether PostgreSQL has its memory in huge pages: ``on`` or ``off``."""
    connection = await asyncpg.connect(base)
    status = await connection.fetchval("SHOW huge_pages_status")
    await connection.close()
    return str(status)


def _table(  # noqa: PLR0913 - what is compared
    over_http: dict[str, Latency], ours: Latency, bare: Latency, kuzu: Latency, networkx: Latency, *, huge: str
) -> Table:
    small, large = over_http["small"], over_http["large"]
    growth, to_bare = large.median / small.median, ours.median / bare.median
    rows: list[list[Cell]] = [
        ["over HTTP, a hundredth of the store", small.median, small.p99, ""],
        ["over HTTP, to that", *_within(large, 3, 15), Promise(growth, at_most=1.5)],
        ["bare SQL", bare.median, bare.p99, ""],
        ["our SQL, to the bare", ours.median, ours.p99, Promise(to_bare, at_most=1.5)],
        ["Kuzu, to our SQL", kuzu.median, kuzu.p99, Promise(kuzu.median / ours.median, at_least=5)],
        ["networkx in memory, to our SQL", networkx.median, networkx.p99, networkx.median / ours.median],
    ]
    how = (
        f"Dependencies at depth {DEPTH} of {ROOTS} random companies, both clocks set, {ROUNDS} rounds, in turns. Bare "
        "is a statement by hand for the same companies and edges, without their names. Kuzu and networkx find who "
        f"is reached, with a path to each, in a graph of what holds on that day. PostgreSQL had huge pages {huge}"
    )
    return Table(("what", "median, ms", "p99, ms", "ratio"), rows, how)


def _within(latency: Latency, median: float, p99: float) -> tuple[Promise, Promise]:
    return Promise(latency.median, at_most=median), Promise(latency.p99, at_most=p99)


def _worst_table(worst: dict[str, float], pictures: list[float]) -> Table:
    rows: list[list[Cell]] = [[f"`{path.rstrip('?')}`", Promise(time, at_most=2_000)] for path, time in worst.items()]
    rows.append(["a picture of 60 companies, by a new process", Promise(pictures[0], at_most=300)])
    rows.append([f"the slowest of {len(pictures) - 1} more", Promise(max(pictures[1:]), at_most=300)])
    how = "Each asked once (inf: told 503), in the large store, in which 87,000 companies depend on `company-1`"
    return Table(("question", "ms"), rows, how)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), *map(Path, sys.argv[3:]))
