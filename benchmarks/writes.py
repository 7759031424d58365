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
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from app.ledger.keys import create
from app.shared.database import Database
from app.shared.migration import migrate
from app.shared.settings import Settings
from benchmarks.servers import machine, postgresql, server

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
        key = asyncio.run(prepare(url))
        rates = {connections: measure(url, cores[0], key, connections) for connections in CONNECTIONS}
    ratios = [report(connections, found) for connections, found in rates.items()]
    print(machine())
    if ratios[-1] < FLOOR:
        sys.exit(1)


async def prepare(url: str) -> str:
    """Migrate the store, and make a key."""
    database = Database(Settings(database_url=url))
    await migrate(database)
    key = await create(database, "benchmark", "write")
    await database.close()
    return key


def measure(url: str, core: int, key: str, connections: int) -> dict[str, list[float]]:
    """The writes answered a second in each round, for ours and for theirs, in turns."""
    rates: dict[str, list[float]] = {name: [] for name in NAMES}
    with ExitStack() as stack:
        ports = {name: stack.enter_context(server(name, url, core)) for name in NAMES}
        for port in ports.values():
            write(port, connections, key)
        for _ in range(ROUNDS):
            for name, port in ports.items():
                rates[name].append(write(port, connections, key))
    return rates


def write(port: int, connections: int, key: str) -> float:
    """Let a client in a process of its own write for one round; the writes answered a second."""
    command = [sys.executable, "-m", "benchmarks.load", "write", str(port), str(SECONDS), str(connections), key]
    return float(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


def report(connections: int, rates: dict[str, list[float]]) -> float:
    """Print what was measured; return the ratio of the medians."""
    medians = {name: statistics.median(found) for name, found in rates.items()}
    ratio = medians["ours"] / medians["bare insert"]
    print(f"POST /v1/companies, {connections} connections, {ROUNDS} rounds of {SECONDS:.0f} s each, in turns")
    for name, found in rates.items():
        print(f"  {name:12} {medians[name]:7,.0f} writes/s  (from {min(found):,.0f} to {max(found):,.0f})")
    print(f"  ratio        {ratio:7.2f}" + (f"           (at least {FLOOR})" if connections == CONNECTIONS[-1] else ""))
    return ratio


if __name__ == "__main__":
    main()
