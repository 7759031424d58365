"""From the command until a server listens and answers, and the memory of one that nobody asks (``make bench``).

Each store is migrated and seeded before. The modules are compiled before, as pip does when it installs them. Whoever
starts the server has the last core, the server the first.
"""

import asyncio
import compileall
import os
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from app.transfer.seed import seed
from benchmarks.report import Cell, Promise, Table, publish
from benchmarks.servers import postgresql, starting, wait
from benchmarks.stores import migrated

STARTS: Final = 9
IDLE_SECONDS: Final = 2
"""How long a process is left alone before its memory is read."""
SECONDS_PROMISED, MEBIBYTES_PROMISED = 1, 120
_MEBIBYTE: Final = 1_048_576


class Started(NamedTuple):
    """The seconds from the command until a server listened and answered, and the MiB that it held a moment later."""

    listened: float
    answered: float
    memory: float


def main() -> None:
    """Measure, publish, and exit with 1 where a promise is missed."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]})
    compileall.compile_dir("app", quiet=1)
    with TemporaryDirectory(prefix="dealgraph-bench-") as folder, postgresql(Path(folder)) as url:
        stores = {"SQLite": f"sqlite:///{folder}/store.db", "PostgreSQL": url}
        for store in stores.values():
            asyncio.run(prepare(store))
        rows = measure(stores, cores[0])
    columns = ("what", "s until it listens", "s to the first answer", "MiB of memory")
    table = Table(columns, rows, f"Medians of {STARTS} starts, in turns")
    publish("start", table)
    sys.exit(not table.is_kept)


async def prepare(url: str) -> None:
    """Migrate and seed a store."""
    async with migrated(url) as database:
        await seed(database)


def measure(stores: dict[str, str], core: int) -> list[list[Cell]]:
    """The rows of the table, ours by store and FastAPI's."""
    servers = {f"ours, {name}": ("ours", url) for name, url in stores.items()}
    servers["FastAPI, a fixed model"] = ("FastAPI, a fixed model", "")
    found: dict[str, list[Started]] = {what: [] for what in servers}
    for _ in range(STARTS):
        for what, (server, url) in servers.items():
            found[what].append(start(server, url, core))
    return [row(what, times) for what, times in found.items()]


def start(server: str, url: str, core: int) -> Started:
    """Start a server once, and leave it alone for a moment."""
    began = time.perf_counter()
    with starting(server, url, core) as (port, process):
        listened = wait(process, port) - began
        answered = time.perf_counter() - began
        time.sleep(IDLE_SECONDS)
        pages = int(Path(f"/proc/{process.pid}/statm").read_text("ascii").split()[1])
    return Started(listened, answered, pages * os.sysconf("SC_PAGE_SIZE") / _MEBIBYTE)


def row(what: str, found: Sequence[Started]) -> list[Cell]:
    """A row of the table; what is promised is promised of ours."""
    listens, answers, memory = (statistics.median(column) for column in zip(*found, strict=True))
    if what.startswith("ours"):
        promised = Promise(listens, at_most=SECONDS_PROMISED)
        return [what, promised, answers, Promise(memory, at_most=MEBIBYTES_PROMISED)]
    return [what, listens, answers, memory]


if __name__ == "__main__":
    main()
