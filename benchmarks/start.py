"""From the command to the first answer, and the memory of a process that nobody asks (``make bench``).

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
from typing import Final

from app.transfer.seed import seed
from benchmarks.report import Cell, Promise, Table, publish
from benchmarks.servers import postgresql, serving
from benchmarks.stores import migrated

STARTS: Final = 9
IDLE_SECONDS: Final = 2
"""How long a process is left alone before its memory is read."""
SECONDS_PROMISED, MEBIBYTES_PROMISED = 1, 120
_MEBIBYTE: Final = 1_048_576


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
    table = Table(("what", "s to the first answer", "MiB of memory"), rows, f"Medians of {STARTS} starts, in turns")
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
    found: dict[str, list[tuple[float, float]]] = {what: [] for what in servers}
    for _ in range(STARTS):
        for what, (server, url) in servers.items():
            found[what].append(start(server, url, core))
    return [row(what, times) for what, times in found.items()]


def start(server: str, url: str, core: int) -> tuple[float, float]:
    """The seconds from the command to the first answer, and the MiB that the process holds a moment later."""
    began = time.perf_counter()
    with serving(server, url, core) as (_, process):
        seconds = time.perf_counter() - began
        time.sleep(IDLE_SECONDS)
        pages = int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1])
    return seconds, pages * os.sysconf("SC_PAGE_SIZE") / _MEBIBYTE


def row(what: str, found: Sequence[tuple[float, float]]) -> list[Cell]:
    """A row of the table; what is promised is promised of ours."""
    seconds, memory = (statistics.median(one[place] for one in found) for place in (0, 1))
    if what.startswith("ours"):
        return [what, Promise(seconds, at_most=SECONDS_PROMISED), Promise(memory, at_most=MEBIBYTES_PROMISED)]
    return [what, seconds, memory]


if __name__ == "__main__":
    main()
