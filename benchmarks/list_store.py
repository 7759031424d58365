"""Fills a PostgreSQL store with contracts, their parties, citations and versions, by COPY: all drawn from one seed.

Each field has frequent and rare values: of contracts, six in ten are for compute and one in ten thousand is a
partnership; 20 companies take part in a third of all. Rows and documents are made by the functions of the app.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, Final

import asyncpg

from app.companies.repository import COMPANIES
from app.contracts.repository import CONTRACTS
from app.ledger.resource import Resource
from app.ledger.rows import Target, part_rows, row_of
from app.models.ledger import OPEN, records, versions
from app.models.search import search_entries
from app.projection.searched import entry
from app.shared.json import loads_own
from app.shared.types import Scaled
from app.sources.repository import SOURCES

SEED: Final = 5
HUBS: Final = 20
RARE: Final = 10_000
"""One of so many has a rare value."""
_RECORDED_AT: Final = "2026-11-23T12:00:00Z"
_AT_ONCE: Final = 10_000
_FIRST_DAY: Final = date(2015, 1, 1)
_PLACES: Final = ("Texas", "Ohio", "Virginia", "Oregon", "Bavaria", "Lombardy")
_PRODUCTS: Final = ("H100", "H200", "GB200", "MI300X", "TPU")
_ENTRIES: Final = "entries_as_text"

Row = dict[str, Any]
Stated = tuple[Resource, Row]
Rows = dict[str, list[Row]]


class Ids(dict[Target, int]):
    """The id of every record, which follows from the number in its slug: companies, then sources, then contracts."""

    def __init__(self, contracts: int) -> None:
        super().__init__()
        self.companies, self.sources = companies_of(contracts), max(contracts // 20, HUBS)
        self.before = {"companies": 1, "sources": 1 + self.companies, "contracts": 1 + self.companies + self.sources}

    def __missing__(self, target: Target) -> int:
        resource, slug = target
        return self.before[resource] + int(slug.rpartition("-")[2])


def companies_of(contracts: int) -> int:
    """How many companies a store of so many contracts has."""
    return max(contracts // 10, 2 * HUBS)


async def fill(url: str, contracts: int) -> None:
    """Fill an empty, migrated store; its indexes are made anew at the end, which is faster."""
    connection = await asyncpg.connect(url)
    await connection.execute("SET session_replication_role = replica; SET maintenance_work_mem = '512MB'")
    indexes = await connection.fetch(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexname LIKE 'ix_%'"
    )
    for row in indexes:
        await connection.execute(f"DROP INDEX {row['indexname']}")
    await connection.execute(
        "INSERT INTO revisions (revision, recorded_at, actor) VALUES (1, now(), 'generator'); "
        "UPDATE store SET revision = 1; "
        f"CREATE TABLE {_ENTRIES} (record_id bigint, type text, words int, digest bigint, title text, content text)"
    )
    for rows in _batches(contracts):
        for table, some in rows.items():
            await _copy(connection, table, some)
    # COPY has no vectors of words.
    await connection.execute(
        f"INSERT INTO {search_entries.name} (record_id, type, words, digest, title, content) "
        f"SELECT record_id, type, words, digest, title::tsvector, content::tsvector FROM {_ENTRIES}; "
        f"DROP TABLE {_ENTRIES}"
    )
    for row in indexes:
        await connection.execute(row["indexdef"])
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def _copy(connection: asyncpg.Connection, table: str, rows: Sequence[Row]) -> None:
    await connection.copy_records_to_table(table, columns=list(rows[0]), records=[tuple(row.values()) for row in rows])


def _batches(contracts: int) -> Iterator[Rows]:
    """The rows of all tables, some thousand records at a time."""
    ids, rows = Ids(contracts), Rows()
    for number, (resource, stated) in enumerate(_everything(contracts, ids), 1):
        _add(rows, resource, stated, ids)
        if number % _AT_ONCE == 0:
            yield rows
            rows = {}
    yield rows


def _add(rows: Rows, resource: Resource, stated: Row, ids: Ids) -> None:
    record = resource.schema.model_validate(stated)
    identity = ids[resource.type, record.slug]
    document = resource.document(record, 1, _RECORDED_AT)
    found: list[tuple[str, Row]] = [
        (records.name, {"id": identity, "type": resource.type, "slug": record.slug, "version": 1, "retracted": False}),
        (resource.table.name, {"id": identity} | _plain(resource.table, row_of(resource, record, ids))),
        (versions.name, _version(identity, document)),
        (_ENTRIES, entry(identity, resource.type, loads_own(document))[0]),
    ]
    for name, row in part_rows(resource, record, ids):
        part = resource.parts[name]
        found.append((part.name, {"owner_id": identity} | _plain(part, row)))
    for table, row in found:
        rows.setdefault(table, []).append(row)


def _version(identity: int, document: str) -> Row:
    return {"record_id": identity, "version": 1, "from_revision": 1, "to_revision": OPEN, "document": document}


def _plain(table: Any, row: Row) -> Row:  # noqa: ANN401 - a table of ours
    """A row as COPY takes it: numbers as the integers that are kept."""
    kinds = {name: table.c[name].type for name in row}
    return {
        name: kind.scaled(value) if value is not None and isinstance(kind := kinds[name], Scaled) else value
        for name, value in row.items()
    }


def _everything(contracts: int, ids: Ids) -> Iterator[Stated]:
    for number in range(ids.companies):
        kind, name = ("software", "cloud_provider")[number % 2], f"Company {number}"
        yield COMPANIES, {"slug": f"company-{number}", "name": name, "kind": kind, "country": "US"}
    for number in range(ids.sources):
        yield SOURCES, {"slug": f"source-{number}", "title": f"Report {number}", "publisher": "Gazette", "kind": "news"}
    draw = random.Random(SEED)
    for number in range(contracts):
        yield CONTRACTS, _contract(draw, number, ids, rare=number % RARE == RARE // 2)


def _contract(draw: random.Random, number: int, ids: Ids, *, rare: bool) -> Row:
    day = _FIRST_DAY + timedelta(days=draw.randrange(3_900))
    parties = [{"company": _company(draw, ids), "role": role} for role in ("customer", "supplier")]
    guarantor = {"company": f"company-{number % ids.companies}", "role": "guarantor"}
    place, product = draw.choice(_PLACES), draw.choice(_PRODUCTS)
    return {
        "slug": f"contract-{number}",
        "title": f"{parties[0]['company']} rents {product} {number}" + " in Antarctica" * rare,
        "kind": "partnership" if rare else draw.choices(("compute", "hardware", "energy"), (6, 3, 1))[0],
        "parties": [*parties, *([guarantor] if rare else ())],
        "value": _money(draw, rare=rare),
        "capacities": _capacities(draw, rare=rare),
        **_days(draw, day, rare=rare),
        "term_months": 7 if rare else draw.choice((12, 24, 36, 60, None)),
        "exclusive": True if rare else draw.choice((None, None, None, False)),
        "stage": "rumoured" if rare else draw.choices(("signed", "active", "completed"), (5, 3, 2))[0],
        "conditions": "Only if a glacier melts." if rare else draw.choice((None, None, "Subject to permits.")),
        "amends": f"contract-{draw.randrange(number)}" if number and draw.random() < 0.02 else None,
        "products": ["Prototype 7" if rare else f"{product} system"],
        "used_in": [f"Site {place}"] if draw.random() < 0.3 else ["Site Vostok"] * rare,
        "description": f"Number {number} of the contracts for {product} in {place}" + ", on ice." * rare,
        "citations": _citations(draw, number, ids, rare=rare),
    }


def _company(draw: random.Random, ids: Ids) -> str:
    """A company: a hub in a third of all."""
    return f"company-{draw.randrange(HUBS if draw.random() < 0.35 else ids.companies)}"


def _money(draw: random.Random, *, rare: bool) -> Row | None:
    if rare:
        return {"qualifier": "less_than", "amount": 700_000_000_000, "unit": "JPY"}
    qualifier = draw.choices(("exact", "more_than", "up_to", "approximately", None), (5, 2, 1, 1, 1))[0]
    amount = round(10 ** draw.uniform(6, 10))
    unit = "USD" if draw.random() < 0.9 else "EUR"
    return None if qualifier is None else {"qualifier": qualifier, "amount": amount, "unit": unit}


def _capacities(draw: random.Random, *, rare: bool) -> list[Row]:
    if rare:
        return [{"qualifier": "less_than", "amount": 7_000_000, "unit": "site"}]
    unit, most = draw.choice((("gpu", 100_000), ("MW", 1_000)))
    return [{"qualifier": "exact", "amount": draw.randrange(1, most), "unit": unit}] * (draw.random() < 0.5)


def _days(draw: random.Random, day: date, *, rare: bool) -> Row:
    """Dates of each precision; rare ones are all in the future."""
    if rare:
        return dict.fromkeys(("announced_on", "signed_on", "starts_on", "exclusive_until"), "2031-07") | {
            "ends_on": "2077"
        }
    later = day + timedelta(days=draw.randrange(365))
    end = day.year + draw.randrange(1, 10)
    return {
        "announced_on": draw.choice((f"{day}", f"{day:%Y-%m}", f"{day:%Y}")),
        "signed_on": draw.choice((f"{day}", None)),
        "starts_on": draw.choice((f"{later}", f"{later:%Y-%m}", None)),
        "ends_on": draw.choice((f"{end}", f"{end}-06-30", None)),
        "exclusive_until": draw.choice((f"{end}", None, None, None)),
    }


def _citations(draw: random.Random, number: int, ids: Ids, *, rare: bool) -> list[Row]:
    first = {
        "source": f"source-{draw.randrange(HUBS if draw.random() < 0.35 else ids.sources)}",
        "claim": f"Number {number} was agreed" + " at the pole" * rare + ".",
        "locator": "appendix 7" if rare else draw.choice(("page 1", "page 2", None)),
        "excerpt": "On ice." if rare else draw.choice(("We have agreed.", None, None)),
        "evidence": "estimated" if rare else draw.choices(("reported", "confirmed"), (4, 1))[0],
        "confidence": "low" if rare else draw.choices(("medium", "high"), (4, 1))[0],
        "attributed_to": f"source-{number % ids.sources}" if rare or draw.random() < 0.1 else None,
    }
    second = {"source": f"source-{draw.randrange(ids.sources)}", "claim": "So it was.", "evidence": "reported"}
    return [first, second] if draw.random() < 0.3 else [first]
