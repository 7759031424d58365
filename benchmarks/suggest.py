"""How long a suggestion takes over HTTP while somebody types, in a PostgreSQL store of many companies.

``python -m benchmarks.suggest 1000000``, or another size. The server has the first core, the client and PostgreSQL the
last. Names are made of syllables, so that many begin alike and some are only a letter apart; each company has an alias
with a legal form and a CIK. What is typed is drawn from a fixed seed: beginnings of names and aliases of any length,
later words, identifiers, and names with a slip. Exits with 1 where the promise is missed.
"""

import asyncio
import os
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import asyncpg

from app.projection.names import name_rows
from benchmarks.latency import Latency, ask
from benchmarks.report import Cell, Promise, Table, publish
from benchmarks.servers import postgresql, server
from benchmarks.stores import migrated

CEILING_MS = 15.0
ROUNDS, QUESTIONS = 5, 1_000
SEED = 57
_AT_ONCE = 20_000
_SYLLABLES = """
al an ar be bo ca co cor da den el en fin ga glo hel in ka lu mar mer net nor op or pa qua ra sol ta tri ver xen
bit con dex dia fi gen gy ix lex line lo max mo nia nix on plex ra sys tec ton tra va vex wave zen
"""
_WORDS = "Analytics Capital Cloud Compute Data Digital Dynamics Energy Group Holdings Labs Networks Power Systems"
_FORMS = ("Inc.", "Corp.", "Ltd.", "GmbH", "S.p.A.", "plc")
_COLUMNS = ("company_id", "position", "what", "scheme", "value", "inside", "key", "core", "backwards", "letters")


def main(companies: int) -> None:
    """Measure, publish, and exit with 1 where the promise is missed."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]})
    settings = {"shared_buffers": "2GB"}
    with TemporaryDirectory(prefix="dealgraph-bench-") as folder, postgresql(Path(folder), settings) as url:
        print(f"filling a store with {companies:,} companies", flush=True)
        asyncio.run(prepare(url, companies))
        table = table_of(companies, measure(url, cores[0], companies))
    publish("suggest", table)
    sys.exit(not table.is_kept)


def company(number: int) -> dict[str, Any]:
    """What is looked up of a company, by its number from 1."""
    draw = random.Random(SEED * 1_000_003 + number)
    stem = "".join(draw.choices(_SYLLABLES.split(), k=draw.randint(2, 4)))
    name = f"{stem.title()} {draw.choice(_WORDS.split())}"
    return {
        "name": name,
        "aliases": [f"{name} {draw.choice(_FORMS)}"],
        "identifiers": [{"scheme": "cik", "value": str(1_000_000 + number)}],
    }


async def prepare(url: str, companies: int) -> None:
    """Migrate the store, and copy into it what suggestions read."""
    async with migrated(url):
        pass
    connection = await asyncpg.connect(url)
    await connection.execute("SET session_replication_role = replica")
    for start in range(1, companies + 1, _AT_ONCE):
        made = {number: company(number) for number in range(start, min(start + _AT_ONCE, companies + 1))}
        rows = [(number, f"company-{number}", one["name"], "software") for number, one in made.items()]
        names = [
            tuple(row[name] for name in _COLUMNS) for number, one in made.items() for row in name_rows(number, one)
        ]
        await connection.copy_records_to_table("companies", records=rows, columns=("id", "slug", "name", "kind"))
        await connection.copy_records_to_table("name_keys", records=names, columns=_COLUMNS)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


def measure(url: str, core: int, companies: int) -> dict[str, list[float]]:
    """The times of each kind of question."""
    times: dict[str, list[float]] = {}
    with server("ours", url, core) as port:
        ask(port, [path for _, path in questions(companies, seed=0)])
        for round_ in range(1, ROUNDS + 1):
            asked = list(questions(companies, seed=round_))
            for (kind, _), took in zip(asked, ask(port, [path for _, path in asked]), strict=True):
                times.setdefault(kind, []).append(took)
    return times


def questions(companies: int, seed: int) -> Iterator[tuple[str, str]]:
    """What is typed: the kind of question, and its path."""
    draw = random.Random(seed)
    for _ in range(QUESTIONS):
        kind = draw.choices(("beginning", "later word", "identifier", "slip"), (70, 10, 10, 10))[0]
        yield kind, f"/v1/suggest?q={quote(_typed(kind, company(draw.randint(1, companies)), draw))}"


def _typed(kind: str, one: dict[str, Any], draw: random.Random) -> str:
    name: str = draw.choice([one["name"], *one["aliases"]])
    cik: str = one["identifiers"][0]["value"]
    match kind:
        case "beginning":
            return name[: draw.randint(1, len(name))]
        case "later word":
            return name.partition(" ")[2][: draw.randint(2, 8)]
        case "identifier":
            return cik[: draw.randint(3, len(cik))]
        case _:
            return _slip(one["name"], draw)


def _slip(name: str, draw: random.Random) -> str:
    """A name with one letter missing, doubled, wrong, or swapped with the next."""
    at = draw.randrange(len(name) - 1)
    before, letter, following, rest = name[:at], name[at], name[at + 1], name[at + 2 :]
    return before + draw.choice((following, letter * 2 + following, f"q{following}", following + letter)) + rest


def table_of(companies: int, found: dict[str, list[float]]) -> Table:
    """All questions together, for which the promise is, and each kind."""
    together = Latency([took for times in found.values() for took in times])
    rows: list[Sequence[Cell]] = [("all", together.median, Promise(together.p99, at_most=CEILING_MS))]
    rows += [(kind, one.median, one.p99) for kind, one in ((kind, Latency(times)) for kind, times in found.items())]
    how = f"{len(together.times):,} requests over one connection, {companies:,} companies"
    return Table(("what is typed", "median ms", "p99 ms"), rows, how)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
