"""Reads of one record on PostgreSQL: our own route against one that is written by hand, in one run (``make bench``).

Both servers run on the first core, each asked in its turn; PostgreSQL and the client run on the last. What counts is
the ratio of the medians, which has to reach FLOOR; the figures themselves are those of the machine.
"""

import asyncio
import os
import statistics
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from app.shared.database import Database
from app.shared.migration import migrate
from app.shared.settings import Settings
from benchmarks.generate import fill
from benchmarks.servers import machine, postgresql, server

FLOOR = 0.65
COMPANIES = 100_000
CONNECTIONS = 16
ROUNDS = 9
SECONDS = 2.0
NAMES = ("ours", "by hand")


def main() -> None:
    """Measure, print, and exit with 1 where our own route is too slow."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]})
    with TemporaryDirectory(prefix="dealgraph-bench-") as folder, postgresql(Path(folder)) as url:
        print(f"filling a store with {COMPANIES:,} companies", flush=True)
        asyncio.run(prepare(url))
        rates = measure(url, cores[0])
    report(rates)


async def prepare(url: str) -> None:
    """Migrate and fill the store."""
    database = Database(Settings(database_url=url, statement_timeout_ms=600_000))
    await migrate(database)
    await fill(url, COMPANIES)
    async with database.reading() as connection:
        await connection.exec_driver_sql("VACUUM ANALYZE")
    await database.close()


def measure(url: str, core: int) -> dict[str, list[float]]:
    """The requests answered a second in each round, for ours and for theirs, asked in turns."""
    rates: dict[str, list[float]] = {name: [] for name in NAMES}
    with ExitStack() as stack:
        ports = {name: stack.enter_context(server(name, url, core)) for name in NAMES}
        for port in ports.values():
            ask(port)
        for _ in range(ROUNDS):
            for name, port in ports.items():
                rates[name].append(ask(port))
    return rates


def ask(port: int) -> float:
    """Let a client in a process of its own ask for one round; the requests answered a second."""
    arguments = ["read", str(port), str(SECONDS), str(CONNECTIONS), str(COMPANIES)]
    command = [sys.executable, "-m", "benchmarks.load", *arguments]
    return float(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


def report(rates: dict[str, list[float]]) -> None:
    """Print what was measured where; exit with 1 below the floor."""
    medians = {name: statistics.median(found) for name, found in rates.items()}
    ratio = medians["ours"] / medians["by hand"]
    print(f"GET /v1/companies/{{slug}}, {CONNECTIONS} connections, {ROUNDS} rounds of {SECONDS:.0f} s each, in turns")
    for name, found in rates.items():
        print(f"  {name:8} {medians[name]:7,.0f} req/s  (from {min(found):,.0f} to {max(found):,.0f})")
    print(f"  ratio    {ratio:7.2f}        (at least {FLOOR})")
    print(machine())
    if ratio < FLOOR:
        sys.exit(1)


if __name__ == "__main__":
    main()
