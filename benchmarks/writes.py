"""Single writes with every guarantee, against a bare insert through the same stack, in one run (``make bench``).

Ours takes a key, an idempotency key, a strict body; it checks, keeps the version, the edges, the log of changes and the
reply, all in one transaction that commits before it answers. Both servers run on the first core, each asked in its
turn; PostgreSQL, with its default durability, and the client run on the last. The promise is about throughput: with as
many connections as keep both servers busy. With fewer, the time of a single write shows, which is printed too.
"""

import asyncio
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.report import Cell, Promise, Table, publish
from benchmarks.servers import postgresql, serving
from benchmarks.stores import keyed

FLOOR = 0.5
ROUNDS = 7
SECONDS = 2.0
CONNECTIONS = (1, 16, 64)
NAMES = ("ours", "bare insert")


def main() -> None:
    """Measure, print, and exit with 1 where our own writes are too slow."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]})
    with TemporaryDirectory(prefix="dealgraph-bench-") as folder, postgresql(Path(folder)) as url:
        key = asyncio.run(keyed(url))
        rates = {connections: measure(url, cores[0], key, connections) for connections in CONNECTIONS}
    table = table_of(rates)
    publish("writes", table)
    sys.exit(not table.is_kept)


def measure(url: str, core: int, key: str, connections: int) -> dict[str, list[float]]:
    """The writes answered a second in each round, for ours and for theirs, in turns."""
    rates: dict[str, list[float]] = {name: [] for name in NAMES}
    with ExitStack() as stack:
        ports = {name: stack.enter_context(serving(name, url, core, log_requests="0"))[0] for name in NAMES}
        for port in ports.values():
            write(port, connections, key)
        for _ in range(ROUNDS):
            for name, port in ports.items():
                rates[name].append(write(port, connections, key))
    return rates


def write(port: int, connections: int, key: str) -> float:
    """Let a client in a process of its own write for one round; the writes answered a second."""
    command = [sys.executable, "-m", "benchmarks.load", "writes", str(port), str(SECONDS), str(connections), key]
    return float(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


def table_of(rates: dict[int, dict[str, list[float]]]) -> Table:
    """What was measured for each number of connections; the promise is about the last."""
    rows: list[Sequence[Cell]] = []
    for connections, found in rates.items():
        medians = [statistics.median(found[name]) for name in NAMES]
        ratio = medians[0] / medians[1]
        promised = connections == CONNECTIONS[-1]
        rows.append((str(connections), *medians, Promise(ratio, at_least=FLOOR) if promised else ratio))
    how = f"Writes a second, medians of {ROUNDS} rounds of {SECONDS:g} s each, in turns; no server logs requests"
    return Table(("connections", *NAMES, "ratio"), rows, how)


if __name__ == "__main__":
    main()
