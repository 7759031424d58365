"""A store with the worst that can be asked about, written straight into its tables: the way of records is too slow.

Random deals among 1,000 companies (5,000 of them, with loops), 60 companies that all buy from each other, and a hub on
which 20,000 companies depend. Every deal is a contract of its own.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from random import Random
from typing import Any

from sqlalchemy import insert, update

from app.models.companies import companies
from app.models.edges import edges
from app.models.ledger import OPEN, records, revisions, store
from app.shared.chunks import in_chunks
from app.shared.database import Database
from app.shared.json import dumps

RANDOM, DEALS, DENSE, SPOKES = 1_000, 5_000, 60, 20_000
DAY = "2025-06-01"
_CHUNK = 5_000
Hop = tuple[str, str]


async def fill(database: Database) -> None:
    """Write all of it as revision 1."""
    hops = list(_hops())
    slugs = list(dict.fromkeys(slug for hop in hops for slug in hop))
    ids = {slug: number for number, slug in enumerate(slugs, 1)}
    contracts = {hop: number for number, hop in enumerate(hops, len(slugs) + 1)}
    async with database.writing() as connection:
        await connection.execute(update(store).values(revision=1))
        now = {"revision": 1, "recorded_at": datetime.now(UTC), "actor": "test", "reason": None}
        await connection.execute(insert(revisions), now)
        rows: list[tuple[Any, list[dict[str, Any]]]] = [
            (records, [_record(id_, "companies", slug) for slug, id_ in ids.items()]),
            (records, [_record(id_, "contracts", "-".join(hop)) for hop, id_ in contracts.items()]),
            (companies, [_company(id_, slug) for slug, id_ in ids.items()]),
            (edges, [_edge(ids, hop, id_) for hop, id_ in contracts.items()]),
        ]
        for table, all_rows in rows:
            for some in in_chunks(all_rows, _CHUNK):
                await connection.execute(insert(table), list(some))


def _hops() -> Iterator[Hop]:
    chance = Random(7)  # noqa: S311 - the same each time
    deals: set[Hop] = set()
    while len(deals) < DEALS:
        one, other = chance.randrange(RANDOM), chance.randrange(RANDOM)
        if one != other:
            deals.add((f"r{one}", f"r{other}"))
    yield from sorted(deals)
    dense = [f"d{number:02}" for number in range(DENSE)]
    yield from ((one, other) for one in dense for other in dense if one != other)
    yield from ((f"s{number}", "hub") for number in range(SPOKES))
    yield from (("small", "smaller"), ("mid", "hub"), ("small", "mid"))


def _record(id_: int, resource: str, slug: str) -> dict[str, Any]:
    return {"id": id_, "type": resource, "slug": slug, "version": 1, "retracted": False}


def _company(id_: int, slug: str) -> dict[str, Any]:
    return {"id": id_, "slug": slug, "name": slug.title(), "kind": "other"}


def _edge(ids: dict[str, int], hop: Hop, contract: int) -> dict[str, Any]:
    slug = "-".join(hop)
    link = {"type": "contracts", "slug": slug, "url": f"/v1/contracts/{slug}"}
    unstated = dict.fromkeys(("amount", "share", "since", "until", "evidenced_from", "evidenced_to", "part_of"))
    said = {"stage": "signed", "flow": "along", "nature": "supply", "derived": {}, "record": link, "citations": []}
    always, never = date(2020, 1, 1), date.max
    return {
        "dependent_id": ids[hop[0]],
        "on_id": ids[hop[1]],
        "kind": "compute",
        "record_id": contract,
        "record_type": "contracts",
        "record_slug": slug,
        "start_earliest": always,
        "start_latest": always,
        "end_earliest": never,
        "end_latest": never,
        "from_revision": 1,
        "to_revision": OPEN,
        "stage": "signed",
        "flow": "along",
        "summary": "{dependent} gets compute from {on}.",
        "document": dumps(unstated | said),
    }
