"""The whole check of a store, and its digest."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Select, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.check.finding import Finding, broken
from app.ledger.check.log import of_versions_and_changes
from app.ledger.check.rows import of_typed_tables
from app.ledger.check.search import of_search
from app.ledger.resource import Resource
from app.models import metadata
from app.models.ledger import OPEN, changes, records, versions
from app.projection.rebuild import compare
from app.shared.json import dumps


@dataclass(frozen=True, slots=True)
class Report:
    """What a store holds, what is wrong with it, and its digest."""

    records: int
    versions: int
    changes: int
    findings: Sequence[Finding]
    digest: str


async def check(connection: AsyncConnection, resources: Sequence[Resource]) -> Report:
    """Look for everything that can be wrong with a store. All statements have to see the same state of it."""
    findings = [*await _references(connection), *await of_versions_and_changes(connection)]
    for resource in resources:
        findings += await of_typed_tables(connection, resource)
    findings += await _edges(connection)
    findings += await of_search(connection)
    counts = [await connection.scalar(select(func.count()).select_from(t)) or 0 for t in (records, versions, changes)]
    return Report(counts[0], counts[1], counts[2], findings, await digest(connection))


async def digest(connection: AsyncConnection) -> str:
    """The SHA-256 of all documents, current and past, in the order of type, slug and version.

    Two stores that were told the same have the same digest, whatever database keeps them.
    """
    current = (versions.c.to_revision == OPEN).label("current")
    query = (
        select(records.c.type, records.c.slug, versions.c.version, current, versions.c.document)
        .join(versions, versions.c.record_id == records.c.id)
        .order_by(records.c.type, records.c.slug, versions.c.version)
    )
    found = sha256()
    async with connection.stream(query) as rows:
        async for row in rows:
            found.update(f"{dumps(list(row))}\n".encode())
    return found.hexdigest()


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
    return [Finding(what, len(rows)) for what, rows in wrong.items() if rows]
