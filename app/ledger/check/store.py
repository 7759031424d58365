"""The whole check of a store."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, literal, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.check.digest import digest
from app.ledger.check.finding import Finding, broken
from app.ledger.check.log import of_versions_and_changes
from app.ledger.check.rows import of_typed_tables
from app.ledger.check.search import of_search
from app.ledger.resource import Resource
from app.models import metadata
from app.models.edges import edges
from app.models.ledger import changes, records, store, versions
from app.projection.rebuild import compare


@dataclass(frozen=True, slots=True)
class Report:
    """What a store holds, what is wrong with it, and its digest."""

    revision: int
    records: int
    versions: int
    changes: int
    edges: int
    findings: Sequence[Finding]
    digest: str


async def check(connection: AsyncConnection, resources: Sequence[Resource]) -> Report:
    """Look for everything that can be wrong with a store. All statements have to see the same state of it.

    A thousand records at a time: how much memory that takes does not grow with the store.
    """
    findings = [*await _pages(connection), *await _references(connection), *await of_versions_and_changes(connection)]
    for resource in resources:
        findings += await of_typed_tables(connection, resource)
    findings += await _edges(connection)
    findings += await of_search(connection)
    counts = [await connection.scalar(select(func.count()).select_from(t)) or 0 for t in (records, versions, changes)]
    kept = await connection.scalar(select(func.count()).select_from(edges)) or 0
    revision = await connection.scalar(select(store.c.revision)) or 0
    return Report(revision, counts[0], counts[1], counts[2], kept, findings, await digest(connection))


async def _pages(connection: AsyncConnection) -> list[Finding]:
    """What SQLite finds wrong with its file: PostgreSQL has no such look at all of it."""
    if connection.dialect.name != "sqlite":
        return []
    # Not integrity_check, which also holds every index against its table, and takes ten times as long.
    found = (await connection.scalars(text("PRAGMA quick_check"))).all()
    return [] if found == ["ok"] else [Finding("pages of the file that are damaged", len(found), tuple(found[:1]))]


async def _references(connection: AsyncConnection) -> list[Finding]:
    """Rows that refer to what is not there, in every column of any table that is a foreign key."""
    found: list[Finding] = []
    for table in metadata.sorted_tables:
        for key in table.foreign_keys:
            what = f"{table.name} whose {key.parent.name} is not in {key.column.table.name}"
            target = key.column.table.alias()
            there = select(literal(1)).where(target.c[key.column.name] == key.parent).exists()
            orphans: Select[int] = select(key.parent).where(key.parent.is_not(None), ~there)
            found += await broken(connection, what, orphans)
    return found


async def _edges(connection: AsyncConnection) -> list[Finding]:
    try:
        difference = await compare(connection)
    except (LookupError, TypeError, ValueError) as error:
        # A document that is none, now or in the past.
        return [Finding(f"edges cannot be derived ({type(error).__name__}: {error})", 1)]
    wrong = {"edges that no record implies": difference.surplus, "edges that are missing": difference.missing}
    return [Finding(what, rows.number) for what, rows in wrong.items() if rows.number]
