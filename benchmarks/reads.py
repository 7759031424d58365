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
from benchmarks.report import Cell, Promise, Table, publish
from benchmarks.servers import postgresql, server

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
        table = table_of(measure(url, cores[0]))
    publish("reads", table)
    sys.exit(not table.is_kept)


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


def table_of(rates: dict[str, list[float]]) -> Table:
    """What was measured, and the promise."""
    medians = [statistics.median(rates[name]) for name in NAMES]
    row: list[Cell] = ["one record", *medians, Promise(medians[0] / medians[1], at_least=FLOOR)]
    how = (
        f"Requests a second over {CONNECTIONS} connections, medians of {ROUNDS} rounds of {SECONDS:g} s each, in turns"
    )
    return Table(("what", *NAMES, "ratio"), [row], how)


if __name__ == "__main__":
    main()
