"""Fills a PostgreSQL store with companies, sources and contracts, by COPY: records, edges and what is searched.

Rows, documents and edges are made by the functions of the app, in as many processes as there are cores.
"""

import asyncio
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from typing import Any, Final

import asyncpg
from sqlalchemy import func, select

from app.contracts.repository import CONTRACTS
from app.ledger.resource import Resource
from app.ledger.rows import Target, part_rows, row_of
from app.models.companies import company_aliases
from app.models.edges import edges
from app.models.ledger import OPEN, records, versions
from app.models.search import name_keys, search_entries
from app.projection.row import edge_rows
from app.projection.rules import StatedRecord, edges_of
from app.projection.searched import entry
from app.shared.json import loads_own
from app.shared.partial_date import PartialDate
from app.shared.slug import slugify
from app.shared.types import Scaled
from benchmarks.drawn import Size, Stated, records_of, source
from benchmarks.stores import migrated

_RECORDED_AT: Final = "2026-11-23T12:00:00Z"
_AT_ONCE: Final = 5_000
_ENTRIES: Final = "entries_as_text"
_INDEXES: Final = """
SELECT indexname, indexdef FROM pg_indexes JOIN pg_class ON relname = indexname JOIN pg_index ON indexrelid = oid
WHERE schemaname = 'public' AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""

Row = dict[str, Any]
Rows = dict[str, list[Row]]


class Ids(dict[Target, int]):
    """The id of every record, which follows from the number in its slug: companies, then sources, then contracts."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.before = {"companies": 1, "sources": 1 + size.companies, "contracts": 1 + size.companies + size.sources}

    def __missing__(self, target: Target) -> int:
        resource, slug = target
        return self.before[resource] + int(slug.rpartition("-")[2])


async def filled(url: str, contracts: int) -> None:
    """Migrate a store, and fill it where it is empty. Raises ValueError for one with another number of contracts."""
    async with migrated(url) as database:
        there = await database.scalar(select(func.count()).select_from(CONTRACTS.table), {})
    if there not in (0, contracts):
        raise ValueError(f"the store has {there:,} contracts, not {contracts:,}")
    if not there:
        print(f"filling a store of {contracts:,} contracts", flush=True)
        await fill(url, contracts)


async def fill(url: str, contracts: int) -> None:
    """Fill an empty, migrated store; its indexes are made anew at the end, which is faster."""
    connection = await asyncpg.connect(url)
    indexes = await connection.fetch(_INDEXES)
    for row in indexes:
        await connection.execute(f"DROP INDEX {row['indexname']}")
    await connection.execute(
        "INSERT INTO revisions (revision, recorded_at, actor) VALUES (1, now(), 'generator'); "
        "UPDATE store SET revision = 1; "
        f"CREATE TABLE {_ENTRIES} (record_id bigint, type text, words int, digest bigint, title text, content text)"
    )
    size = Size(contracts)
    # The driver has threads of its own, which a fork would not take along.
    with ProcessPoolExecutor(len(os.sched_getaffinity(0)), get_context("spawn")) as processes:
        pieces = [(url, size, start, min(start + _AT_ONCE, size.records)) for start in range(0, size.records, _AT_ONCE)]
        list(processes.map(_copy_piece, pieces))
    # COPY has no vectors of words.
    await connection.execute(
        f"INSERT INTO {search_entries.name} (record_id, type, words, digest, title, content) "
        f"SELECT record_id, type, words, digest, title::tsvector, content::tsvector FROM {_ENTRIES}; "
        f"DROP TABLE {_ENTRIES}; SELECT setval('records_id_seq', {size.records}); "
        "SET maintenance_work_mem = '1GB'"
    )
    for row in indexes:
        await connection.execute(row["indexdef"])
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


def _copy_piece(piece: tuple[str, Size, int, int]) -> None:
    url, size, start, stop = piece
    rows, ids = Rows(), Ids(size)
    for resource, stated in records_of(size, start, stop):
        _add(rows, resource, stated, ids)
    asyncio.run(_copy(url, rows))


async def _copy(url: str, rows: Rows) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("SET session_replication_role = replica; SET synchronous_commit = off")
    for table, some in rows.items():
        content = [tuple(row.values()) for row in some]
        await connection.copy_records_to_table(table, columns=list(some[0]), records=content)
    await connection.close()


def _add(rows: Rows, resource: Resource, stated: Stated, ids: Ids) -> None:
    record = resource.schema.model_validate(stated)
    identity = ids[resource.type, record.slug]
    document = resource.document(record, 1, _RECORDED_AT)
    shown = loads_own(document)
    found, names = entry(identity, resource.type, shown)
    made: list[tuple[str, Row]] = [
        (records.name, {"id": identity, "type": resource.type, "slug": record.slug, "version": 1, "retracted": False}),
        (resource.table.name, {"id": identity} | _plain(resource.table, row_of(resource, record, ids))),
        (versions.name, _version(identity, document)),
        (_ENTRIES, found),
    ]
    made += [(name_keys.name, row) for row in names]
    for name, row in part_rows(resource, record, ids):
        part = resource.parts[name]
        made.append((part.name, {"owner_id": identity} | _keyed(part.name, _plain(part, row))))
    made += [(edges.name, row) for row in _edges(resource, record.slug, shown, ids)]
    for table, row in made:
        rows.setdefault(table, []).append(row)


def _version(identity: int, document: str) -> Row:
    return {"record_id": identity, "version": 1, "from_revision": 1, "to_revision": OPEN, "document": document}


def _keyed(table: str, row: Row) -> Row:
    """The row of an alias with its key, which an INSERT of SQLAlchemy would add."""
    return row | {"key": slugify(row["value"])} if table == company_aliases.name else row


def _plain(table: Any, row: Row) -> Row:  # noqa: ANN401 - a table of ours
    """A row as COPY takes it: numbers as the integers that are kept."""
    kinds = {name: table.c[name].type for name in row}
    return {
        name: kind.scaled(value) if value is not None and isinstance(kind := kinds[name], Scaled) else value
        for name, value in row.items()
    }


def _edges(resource: Resource, slug: str, shown: Stated, ids: Ids) -> Sequence[Row]:
    cited = {one["source"] for one in shown["citations"]}
    published = {name: PartialDate.parse(source(int(name.rpartition("-")[2]))["published_on"]) for name in cited}
    record = StatedRecord(resource.type, slug, shown, date(2026, 11, 23), published)
    implied = edges_of(record)
    companies = {slug: ids["companies", slug] for edge in implied for slug in (edge.dependent, edge.on)}
    always = {"from_revision": 1, "to_revision": OPEN}
    return [row | always for row in edge_rows(ids[resource.type, slug], record, implied, companies)]
