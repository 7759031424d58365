"""Reads beside what others take for the same, all in one run (``make bench``): PostgreSQL first, then SQLite.

All servers of a store run on the first core, each asked in its turn; PostgreSQL and the client run on the last. The
server called "ours" keeps no answers, so that each is made; "kept" is the same with the settings as they come. Ours
write no line for a request into the log, as the others do not. The CPU is that of the server's process alone.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.generate import fill
from benchmarks.report import Cell, Promise, Table, publish
from benchmarks.servers import postgresql, serving
from benchmarks.stores import migrated

COMPANIES: Final = 20_000
CONNECTIONS: Final = 16
ROUNDS: Final = 15
SECONDS: Final = 0.5
RECORD, LIST = "/v1/companies/{slug}", "/v1/companies?limit=20"
ONE: Final = "/v1/companies/company-7"
_TABLE: Final = "/store/companies.json?_shape=objects&_nocount=1&_nofacet=1"
_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass
class Asked:
    """A server, what it is asked, and what came of each round: requests a second, and CPU a request in µs."""

    server: str
    kind: str
    path: str
    rates: list[float] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """The median of the requests answered a second."""
        return statistics.median(self.rates)


@dataclass(frozen=True)
class Compared:
    """One of ours beside one of theirs; ``at_least`` is the ratio that is promised, None where none is."""

    what: str
    ours: str
    theirs: str
    at_least: float | None

    def row(self, store: str, found: dict[str, Asked]) -> list[Cell]:
        """A row of the table."""
        ours, theirs = found[self.ours], found[self.theirs]
        # Of each round, in which the machine was as fast for both: it is not from one round to another.
        ratio = statistics.median(one / other for one, other in zip(ours.rates, theirs.rates, strict=True))
        told = ratio if self.at_least is None else Promise(ratio, at_least=self.at_least)
        costs = [statistics.median(one.costs) for one in (ours, theirs)]
        return [store, self.what, ours.rate, theirs.server, theirs.rate, told, *costs]


def asked() -> dict[str, Asked]:
    """What is asked on both databases."""
    return {
        "record": Asked("ours", "records", RECORD),
        "list": Asked("ours", "same", LIST),
        "record again": Asked("kept", "same", ONE),
        "list again": Asked("kept", "same", LIST),
        "304": Asked("kept", "known", ONE),
        "fixed": Asked("FastAPI, a fixed model", "same", ONE),
    }


AGAIN: Final = (
    Compared("one record, unchanged", "record again", "fixed", 2.5),
    Compared("a list of 20, unchanged", "list again", "fixed", None),
    Compared("304, one record", "304", "fixed", 2.5),
)
POSTGRESQL: Final = (
    Compared("one record", "record", "record by hand", 0.9),
    Compared("a list of 20", "list", "list by hand", 0.8),
    *AGAIN,
)
SQLITE: Final = (
    Compared("one record", "record", "bare", 0.08),
    Compared("a list of 20", "list", "bare", 0.06),
    Compared("one record", "record", "Datasette's record", None),
    Compared("a list of 20", "list", "Datasette's list", None),
    *AGAIN,
)


def main() -> None:
    """Measure, publish, and exit with 1 where a promise is missed."""
    cores = sorted(os.sched_getaffinity(0))
    with TemporaryDirectory(prefix="dealgraph-bench-") as folder:
        rows = [*on_postgresql(Path(folder), cores), *on_sqlite(Path(folder), cores)]
    columns = ("store", "what", "ours, req/s", "beside", "theirs, req/s", "ratio", "ours, µs CPU", "theirs, µs CPU")
    rounds = f"medians of {ROUNDS} rounds of {SECONDS:g} s each, in turns, ratios too; no server logs requests"
    how = f"{COMPANIES:,} companies, {CONNECTIONS} connections, {rounds}"
    table = Table(columns, rows, how)
    publish("reads", table)
    sys.exit(not table.is_kept)


def on_postgresql(folder: Path, cores: Sequence[int]) -> Iterator[list[Cell]]:
    """The rows of PostgreSQL."""
    os.sched_setaffinity(0, {cores[-1]})
    with postgresql(folder) as url:
        asyncio.run(prepare(url))
        found = asked() | {
            "record by hand": Asked("asyncpg by hand", "records", RECORD),
            "list by hand": Asked("asyncpg, JSON made in the database", "same", LIST),
        }
        measure(url, cores[0], found)
    yield from (one.row("PostgreSQL", found) for one in POSTGRESQL)


def on_sqlite(folder: Path, cores: Sequence[int]) -> Iterator[list[Cell]]:
    """The rows of SQLite; Datasette serves the same file."""
    url = f"sqlite:///{folder / 'store.db'}"
    asyncio.run(prepare(url))
    found = asked() | {
        "bare": Asked("bare ASGI, fixed bytes", "same", ONE),
        "Datasette's record": Asked("Datasette", "records", f"{_TABLE}&slug__exact={{slug}}"),
        "Datasette's list": Asked("Datasette", "same", f"{_TABLE}&_sort=slug&_size=20"),
    }
    measure(url, cores[0], found)
    yield from (one.row("SQLite", found) for one in SQLITE)


async def prepare(url: str, companies: int = COMPANIES) -> None:
    """Migrate and fill the store."""
    print(f"filling a store with {companies:,} companies", flush=True)
    async with migrated(url) as database:
        await fill(url, companies)
        async with database.reading() as connection:
            await connection.exec_driver_sql("VACUUM" if url.startswith("sqlite") else "VACUUM ANALYZE")


def measure(url: str, core: int, found: dict[str, Asked]) -> None:
    """Ask each question for a round, in turns; the first round is for warming up."""
    with ExitStack() as stack:
        names = dict.fromkeys(one.server for one in found.values())
        servers = {name: stack.enter_context(serving(name, url, core, log_requests="0")) for name in names}
        about = {name: told(servers[one.server][0], one) for name, one in found.items()}
        for number in range(ROUNDS + 1):
            for name, one in found.items():
                port, process = servers[one.server]
                before = cpu_of(process)
                rate = ask(port, one.kind, about[name])
                if number:
                    one.rates.append(rate)
                    one.costs.append((cpu_of(process) - before) / (rate * SECONDS) * 1e6)


def told(port: int, one: Asked) -> list[str]:
    """What the client is told to ask, once an answer was seen to hold what it should."""
    path = one.path.replace("{slug}", "company-7")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as reply:
        content, tag = reply.read(), reply.headers["ETag"]
    expected = 20 if "20" in path else 1
    if content.count(b'"company-') < expected:
        raise ValueError(f"{one.server} answers {path} with {content[:300]!r}")
    match one.kind:
        case "records":
            return [str(COMPANIES), one.path]
        case "known":
            return [one.path, tag]
        case _:
            return [one.path]


def ask(port: int, kind: str, about: Sequence[str]) -> float:
    """Let a client in a process of its own ask for one round; the requests answered a second."""
    command = [sys.executable, "-m", "benchmarks.load", kind, str(port), str(SECONDS), str(CONNECTIONS), *about]
    return float(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


def cpu_of(process: int) -> float:
    """The seconds of CPU that a process has taken (proc(5), utime and stime)."""
    fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


if __name__ == "__main__":
    main()
