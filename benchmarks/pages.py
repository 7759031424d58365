"""The page of a company against the JSON that it shows, in one run (``make bench``).

A page is asked for again while nothing changed; anew, after something else was recorded; and for a day that nobody
asked for before, so that its picture and its table are written for the first time. Its JSON is asked for in the same
state, in turns: the answer that is drawn and tabled, and all answers that the page is made of.
"""

import asyncio
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from app.shared.json import dumps
from app.transfer.load import load
from app.transfer.seed import seed
from benchmarks.report import Cell, Promise, Table, publish
from benchmarks.servers import postgresql, server
from benchmarks.stores import key_of, migrated

CEILING: Final = 3.0
ROUNDS: Final = 25
SOURCE: Final = "wired-italy-2025-03-12"
NEIGHBOURS: Final = 60
COMPANIES: Final = {"openai": "OpenAI", "hub": f"one with {NEIGHBOURS} neighbours"}
_KINDS: Final = ("compute", "hardware", "technology", "energy", "colocation", "other")
Addresses = Callable[[str, str], Sequence[str]]


def main() -> None:
    """Measure, print, and exit with 1 where a page takes too long."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]})
    with TemporaryDirectory(prefix="dealgraph-bench-") as folder, postgresql(Path(folder)) as url:
        key = asyncio.run(prepare(url))
        with server("ours", url, cores[0]) as port:
            asker = Asker(port, key)
            rows = [row for slug in COMPANIES for row in measure(asker, slug)]
    table = table_of(rows)
    publish("pages", table)
    sys.exit(not table.is_kept)


async def prepare(url: str) -> str:
    """Fill a store with the article and with a company that buys of many others; make a key."""
    async with migrated(url) as database:
        await seed(database)
        await load(database, hub(), actor="benchmark", reason="to be measured")
        return await key_of(database)


def hub() -> dict[str, list[dict[str, Any]]]:
    """A company and the contracts by which it buys of others; every sixth of those buys of the next."""
    names = [f"supplier-{number:02}" for number in range(NEIGHBOURS)]
    bought = [("hub", name) for name in names] + list(zip(names[::6], names[1::6], strict=True))
    companies = [{"slug": slug, "name": slug.replace("-", " ").title(), "kind": "other"} for slug in ("hub", *names)]
    return {
        "companies": companies,
        "contracts": [_contract(*pair, number) for number, pair in enumerate(bought)],
    }


def _contract(customer: str, supplier: str, number: int) -> dict[str, Any]:
    cited = {"source": SOURCE, "claim": f"{customer} buys of {supplier}.", "evidence": "reported"}
    return {
        "slug": f"{customer}-{supplier}",
        "title": f"{customer} buys of {supplier}",
        "kind": _KINDS[number % len(_KINDS)],
        "parties": [{"company": customer, "role": "customer"}, {"company": supplier, "role": "supplier"}],
        "value": {"qualifier": "exact", "amount": (number + 1) * 50_000_000, "unit": "USD"},
        "stage": "signed",
        "signed_on": f"20{20 + number % 5}-0{1 + number % 9}-10",
        "citations": [{**cited, "confidence": "medium"}],
    }


class Asker:
    """Somebody who asks over one connection that stays open, and may record something between two questions."""

    def __init__(self, port: int, key: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port)
        self._key = key
        self._written: Iterator[int] = count()

    def seconds(self, addresses: Sequence[str]) -> float:
        """How long it takes until all of them were answered, one after another."""
        began = time.perf_counter()
        for address in addresses:
            self._ask("GET", address, {"Accept-Encoding": "gzip"})
        return time.perf_counter() - began

    def write(self) -> None:
        """Record a company that none of the pages shows."""
        slug = f"elsewhere-{next(self._written)}"
        body = dumps({"slug": slug, "name": slug, "kind": "other"})
        headers = {"Authorization": f"Bearer {self._key}", "Idempotency-Key": slug, "Content-Type": "application/json"}
        self._ask("POST", "/v1/companies", headers, body)

    def _ask(self, method: str, address: str, headers: dict[str, str], body: str | None = None) -> None:
        self._connection.request(method, address, body, headers)
        reply = self._connection.getresponse()
        if reply.read() == b"" or reply.status >= 300:
            raise ValueError(f"{method} {address}: {reply.status}")


def page(slug: str, query: str) -> Sequence[str]:
    """The page."""
    return [f"/companies/{slug}{query}"]


def shown(slug: str, query: str) -> Sequence[str]:
    """The answer that it shows as a picture and as a table."""
    return [f"/v1/companies/{slug}/dependencies{query}"]


def made_of(slug: str, query: str) -> Sequence[str]:
    """All JSON that it is made of: that answer, the company, its dated facts for the slider, and the source cited."""
    others = (f"/v1/companies/{slug}", f"/v1/timeline?company={slug}", f"/v1/sources/{SOURCE}")
    return [*shown(slug, query), *others]


def measure(asker: Asker, slug: str) -> list[tuple[str, list[float]]]:
    """For each state, the medians of what the page, its answer and all its JSON take, in milliseconds."""
    days = (date(2026, 1, 1) + timedelta(days=number) for number in count())
    states: dict[str, Callable[[], str]] = {
        "again": lambda: "",
        "anew, after something else was recorded": lambda: asker.write() or "",  # type: ignore[func-returns-value]
        "for the first time": lambda: f"?as_of={next(days)}",
    }
    rows = []
    for name, before in states.items():
        found: dict[Addresses, list[float]] = {page: [], shown: [], made_of: []}
        for _ in range(ROUNDS):
            for addresses, seconds in found.items():
                query = before()
                seconds.append(asker.seconds(addresses(slug, query)))
        rows.append((f"{COMPANIES[slug]}, {name}", [statistics.median(seconds) * 1e3 for seconds in found.values()]))
    return rows


def table_of(rows: Sequence[tuple[str, Sequence[float]]]) -> Table:
    """What was measured; the promise is about all that a page shows."""
    cells: list[Sequence[Cell]] = [
        (name, *times, times[0] / times[1], Promise(times[0] / times[2], at_most=CEILING)) for name, times in rows
    ]
    columns = ("page", "ms", "ms of its answer", "ms of all its JSON", "to its answer", "to all its JSON")
    how = f"Medians of {ROUNDS} requests over one connection, in turns. The layout of a picture is kept by its shape"
    return Table(columns, cells, how)


if __name__ == "__main__":
    main()
