"""The same reach by others: Kuzu's shortest paths, and networkx on a graph in memory."""

import csv
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import kuzu
import networkx as nx

from benchmarks.latency import Latency

ROOTS = 40


async def pairs(url: str, ranges: str, folder: Path) -> Path:
    """The dependencies that are in some ranges, as a file of two columns."""
    path = folder / "pairs.csv"
    connection = await asyncpg.connect(url)
    query = f"SELECT dependent_id, on_id FROM edges WHERE {ranges}"
    await connection.copy_from_query(query, output=path, format="csv")
    await connection.close()
    return path


def by_kuzu(file: Path, companies: int, depth: int) -> Latency:
    """Who is reached within the depth and how closely, by Kuzu's shortest paths."""
    nodes = file.with_name("companies.csv")
    nodes.write_text("\n".join(map(str, range(1, companies + 1))))
    connection = kuzu.Connection(kuzu.Database(str(file.with_name("graph.kuzu"))), num_threads=1)
    connection.execute("CREATE NODE TABLE Company (id INT64 PRIMARY KEY)")
    connection.execute("CREATE REL TABLE Depends (FROM Company TO Company)")
    connection.execute(f"COPY Company FROM '{nodes}'")
    connection.execute(f"COPY Depends FROM '{file}'")
    question = f"MATCH p = (a:Company {{id: $root}})-[:Depends* SHORTEST 1..{depth}]->(b) RETURN b.id, length(p)"

    def reach(root: int) -> None:
        result: Any = connection.execute(question, {"root": root})
        while result.has_next():
            result.get_next()

    return _timed(reach, companies)


def by_networkx(file: Path, companies: int, depth: int) -> Latency:
    """The same with a witness path to each, by networkx on a graph that is in memory."""
    graph: nx.DiGraph[int] = nx.DiGraph()
    with file.open(newline="") as lines:
        graph.add_edges_from((int(dependent), int(on)) for dependent, on in csv.reader(lines))
    return _timed(lambda root: nx.single_source_shortest_path(graph, root, cutoff=depth), companies)


def _timed(reach: Callable[[int], object], companies: int) -> Latency:
    times = []
    for number, root in enumerate(random.Random(9).sample(range(100, companies), ROOTS) * 2):
        began = time.perf_counter()
        reach(root)
        if number >= ROOTS:
            times.append((time.perf_counter() - began) * 1_000)
    return Latency(times)
