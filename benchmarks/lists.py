"""How long a list of 20 contracts takes over HTTP: each filter with a frequent, a rare, an absent value, and each sort.

``make bench-scale``, or ``python -m benchmarks.lists 20000 20`` for other numbers of contracts and of rounds. A store
that BENCH_DATABASE_URL names is filled where it is empty, and asked as it is where it has so many contracts. The client
and PostgreSQL have the last core, the server the first. Exits with 1 where a list misses the promise.
"""

import asyncio
import json
import os
import statistics
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from app.contracts.repository import CONTRACTS
from app.ledger.filters import Filter, filters_of
from app.ledger.ordering import sortable
from app.ledger.shape import Holds
from benchmarks.latency import Latency, ask
from benchmarks.list_store import filled
from benchmarks.report import Cell, Promise, Table, publish
from benchmarks.servers import postgresql, server

PROMISE_MS: Final = 25.0
LIMIT, WARM, ROUNDS, SHOWN = 20, 3, 100, 10
SETTINGS: Final = {"shared_buffers": "4GB", "maintenance_work_mem": "512MB"}
MOST_MS: Final = 3_000
"""How long one question is asked at most: what takes as long as this is not within the promise anyhow."""
FEWEST: Final = 20_000
"""A store has to have what is asked for by name."""
LARGE: Final = 200_000
"""From how many contracts on PostgreSQL is given the memory of a server that is only its own."""


@dataclass(frozen=True)
class Spread:
    """Values of a field: of many records, of one in ten thousand, and of none."""

    frequent: str
    rare: str
    absent: str


EQUAL: Final = {
    "q": Spread("h100", "antarctica", "zeppelin"),
    "slug": Spread("contract-1", "contract-5000", "contract-x"),
    "citations.source": Spread("source-1", "source-999", "source-21"),
    "citations.attributed_to": Spread("source-1", "source-999", "source-21"),
    "citations.locator": Spread("page 1", "appendix 7", "page 3"),
    "citations.claim": Spread("So it was.", "Number 5000 was agreed at the pole.", "So it is."),
    "citations.excerpt": Spread("We have agreed.", "On ice.", "We have not."),
    "citations.evidence": Spread("reported", "estimated", "rumoured"),
    "citations.confidence": Spread("medium", "low", "low"),
    "title": Spread("company-1 rents H100 1", "company-1 rents H100 2", "None"),
    "kind": Spread("compute", "partnership", "other"),
    "parties.company": Spread("company-1", "company-1999", "company-1998"),
    "company": Spread("company-1", "company-1999", "company-1998"),
    "parties.role": Spread("customer", "guarantor", "venture"),
    "value": Spread("1000000", "700000000000", "7"),
    "value__unit": Spread("USD", "JPY", "CHF"),
    "value__qualifier": Spread("exact", "less_than", "undisclosed"),
    "capacities": Spread("500", "7000000", "0"),
    "capacities__unit": Spread("gpu", "site", "GW"),
    "capacities__qualifier": Spread("exact", "less_than", "undisclosed"),
    **dict.fromkeys(("announced_on", "signed_on", "starts_on"), Spread("2020", "2031-07", "1999")),
    "exclusive_until": Spread("2022", "2031-07", "1999"),
    "ends_on": Spread("2022", "2077", "1999"),
    "term_months": Spread("12", "7", "13"),
    "exclusive": Spread("false", "true", "true"),
    "stage": Spread("signed", "rumoured", "lapsed"),
    "conditions": Spread("Subject to permits.", "Only if a glacier melts.", "None."),
    "amends": Spread("contract-1", "contract-5000", "contract-3"),
    "products": Spread("H100 system", "Prototype 7", "Abacus"),
    "used_in": Spread("Site Texas", "Site Vostok", "Site Mars"),
    "description": Spread("Number 1 of the contracts", "Number 2", "None"),
}
PARTS: Final = {
    "slug": Spread("contract", "contract-5000", "x"),
    "citations.locator": Spread("page", "appendix", "chapter"),
    "citations.claim": Spread("Number", "Number 5000", "Nobody"),
    "citations.excerpt": Spread("We", "On ice", "They"),
    "title": Spread("company", "company-1999", "nobody"),
    "conditions": Spread("Subject", "Only if", "Never"),
    "products": Spread("H100", "Prototype", "Abacus"),
    "used_in": Spread("Site", "Site V", "Moon"),
    "description": Spread("Number", "Number 5000", "Nobody"),
}
INSIDE: Final = PARTS | {
    "citations.claim": Spread("agreed", "at the pole", "refused"),
    "title": Spread("rents", "Antarctica", "lends"),
    "conditions": Spread("permits", "glacier", "volcano"),
    "used_in": Spread("Texas", "Vostok", "Mars"),
    "description": Spread("contracts for", "on ice", "on fire"),
}
_DATES: Final = ("announced_on", "signed_on", "starts_on", "exclusive_until")
ABOVE: Final = {
    "value": Spread("1000000", "9990000000", "8000000000000"),
    "capacities": Spread("10", "99990", "90000000"),
    "term_months": Spread("12", "59", "1000"),
    "ends_on": Spread("2018", "2076", "2099"),
    **dict.fromkeys(_DATES, Spread("2016", "2031", "2099")),
}
BELOW: Final = {
    "value": Spread("9000000000", "1000100", "1"),
    "capacities": Spread("90000", "2", "0"),
    "term_months": Spread("60", "8", "2"),
    "ends_on": Spread("2030", "2017", "1999"),
    **dict.fromkeys(_DATES, Spread("2030", "2015-01-05", "1999")),
}
EMPTY: Final = {"true": "true", "false": "false"}
HARD: Final = (
    {"role__not": "supplier"},  # all records have one
    {"role__not": "supplier", "sort": "-announced_on"},
    {"claim__contains": "Number 77 was"},  # words that all share
    {"claim__contains": "agreed at the equator"},
    {"title__startswith": "rents"},  # within all, at the beginning of none
    {"title__contains": "company-1999 rents"},
)
"""What indexes do not answer by themselves: what all have left out, words that all share."""
SHORT: Final = (
    *({"title__contains": part} for part in ("zq", "9z", "#", "z", "--", "a")),
    *({"description__contains": part} for part in ("zq", "j", "on")),
    *({"conditions__contains": part} for part in ("zq", "gl", "to")),
)
"""Parts of one or two letters, or of signs, which have no index (docs/lists.md): found at once where many have them."""


def main(contracts: int, rounds: int) -> None:
    """Measure, publish, and exit with 1 where the promise is missed."""
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(prefix="dealgraph-bench-") as folder, _store(Path(folder), contracts) as url:
        asyncio.run(filled(url, contracts))
        os.sched_setaffinity(0, {cores[-1]})
        with server("ours", url, cores[0]) as port:
            found = {name: _measured(port, paths, rounds) for name, paths in _questions(port).items()}
            short = {name: _measured(port, [_path(**one)], rounds) for one in SHORT for name in [_name(one)]}
    table = table_of(contracts, rounds, found, short)
    publish("lists", table)
    sys.exit(not table.is_kept)


@contextmanager
def _store(folder: Path, contracts: int) -> Iterator[str]:
    with postgresql(folder, settings=SETTINGS if contracts >= LARGE else None) as url:
        yield url


def _questions(port: int) -> dict[str, list[str]]:
    """What is asked, by filter and by sort: each value, the second page, each sort of what a filter finds."""
    # A shorter name for a field asks the same of the store.
    filters = [one for one in filters_of(CONTRACTS).values() if one.name.startswith(one.field)]
    asked = {one.name: [_path(**{one.name: value}) for value in dict.fromkeys(_values(one))] for one in filters}
    for sort in (sign + field for field in sortable(CONTRACTS) for sign in ("", "-")):
        first, kinds = _path(sort=sort), ("compute", "partnership", "other")
        asked[f"sort={sort}"] = [first, _second(port, first), *(_path(sort=sort, kind=kind) for kind in kinds)]
    return asked | {_name(parameters): [_path(**parameters)] for parameters in HARD}


def _name(parameters: Mapping[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in parameters.items())


def _values(one: Filter) -> list[str]:
    match one.operator.removeprefix("possibly_"):
        case "empty":
            return list(EMPTY)
        case "gt" | "gte":
            spread = ABOVE[one.field]
        case "lt" | "lte":
            spread = BELOW[one.field]
        case "startswith":
            spread = PARTS[one.field]
        case "contains":
            spread = INSIDE[one.field]
        case _:
            spread = EQUAL[one.field]
    # A reference to what does not exist is refused: there is no absent one to ask for.
    named = one.shape.holds is Holds.REFERENCE
    return [spread.frequent, spread.rare] if named else [spread.frequent, spread.rare, spread.absent]


def _path(**parameters: str) -> str:
    return f"/v1/contracts?{urlencode({'limit': str(LIMIT), **parameters})}"


def _second(port: int, path: str) -> str:
    """The address of the second page of a list."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as reply:
        following: str = json.load(reply)["next"]
    return following


def _measured(port: int, paths: Sequence[str], rounds: int) -> Latency:
    times = list[float]()
    for path in paths:
        slowest = max(ask(port, [path] * WARM))
        times += ask(port, [path] * max(WARM, min(rounds, round(MOST_MS / slowest))))
    return Latency(times)


def table_of(contracts: int, rounds: int, found: Mapping[str, Latency], short: Mapping[str, Latency]) -> Table:
    """The worst of all filters and sorts, the slowest ten, and what no index finds."""
    worst = sorted(found.items(), key=lambda item: -item[1].p99)
    medians = statistics.median(times.median for times in found.values())
    promise = Promise(worst[0][1].p99, at_most=PROMISE_MS)
    rows: list[Sequence[Cell]] = [(f"all {len(found)} filters and sorts: the middle one, the worst", medians, promise)]
    missed = sum(times.p99 > PROMISE_MS for times in found.values())
    rows += [(f"`{name}`", times.median, times.p99) for name, times in worst[: max(SHOWN, missed)]]
    rows += [(f"no index, not promised: `{name}`", times.median, times.p99) for name, times in short.items()]
    how = (
        f"A list of {LIMIT} of {contracts:,} contracts over one connection: every filter with a frequent, a rare and an"
        " absent value, every sort with its second page and of what a filter finds, what is hard to plan, and parts of"
        f" texts that no index finds. Each question {rounds} times"
    )
    return Table(("question", "median ms", "p99 ms"), rows, how)


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:]]
    main(max(given[0], FEWEST) if given else 1_000_000, given[1] if len(given) > 1 else ROUNDS)
