"""Holds what is searched against the documents of the current versions, a thousand records at a time."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from sqlalchemy import Select, Text, cast, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.check.finding import Finding, broken, named, of
from app.models.ledger import OPEN, records, versions
from app.models.search import name_keys, search_entries
from app.projection.search import current_ids
from app.projection.searched import entry
from app.shared.among import any_of
from app.shared.json import loads_own

# As text: PostgreSQL writes the words of a tsvector in quotes.
_WORDS = [func.replace(cast(search_entries.c[name], Text), "'", "") for name in ("title", "content")]
_DOCUMENTS = (
    select(records.c.id, records.c.type, records.c.slug, versions.c.document, search_entries.c.digest, *_WORDS)
    .join(versions, (versions.c.record_id == records.c.id) & (versions.c.to_revision == OPEN))
    .outerjoin(search_entries, search_entries.c.record_id == records.c.id)
    .where(any_of(records.c.id, "ids"))
    .order_by(records.c.id)
)
_NAMES = (
    select(name_keys)
    .where(any_of(name_keys.c.company_id, "ids"))
    .order_by(name_keys.c.company_id, name_keys.c.position)
)


async def of_search(connection: AsyncConnection) -> list[Finding]:
    """What is wrong with what is searched: entries that are missing, that say something else, or of no record."""
    missing, other = named(), named()
    async for ids in current_ids(connection):
        async for name, is_there in _differing(connection, ids):
            (other if is_there else missing).add([name])
    return [
        *of("records that search does not find", missing),
        *of("records that search finds by something else than they say", other),
        *await broken(
            connection, "entries of search that belong to no current record", _surplus(search_entries.c.record_id)
        ),
        *await broken(connection, "names of companies that are not current", _surplus(name_keys.c.company_id)),
    ]


async def _differing(connection: AsyncConnection, ids: Sequence[int]) -> AsyncIterator[tuple[str, bool]]:
    """The records whose entries are not as they should be, and whether there is one."""
    kept: dict[int, list[dict[str, Any]]] = {}
    for row in (await connection.execute(_NAMES, {"ids": ids})).mappings():
        kept.setdefault(row["company_id"], []).append(dict(row))
    for id_, kind, slug, document, digest, *found in await connection.execute(_DOCUMENTS, {"ids": ids}):
        try:
            wanted, names = entry(id_, kind, loads_own(document))
        except (LookupError, TypeError, ValueError, AttributeError):
            # A document that is none is found as such where the typed tables are held against it.
            continue
        same = (wanted["digest"], names) == (digest, kept.get(id_, []))
        if not (same and _words(wanted["title"], wanted["content"]) == _words(*found)):
            yield f"{kind}/{slug}", digest is not None


def _words(*texts: str | None) -> list[set[str]]:
    return [set((text or "").split()) for text in texts]


def _surplus(column: Any) -> Select[int]:  # noqa: ANN401 - a column
    current = select(literal(1)).where(versions.c.record_id == column, versions.c.to_revision == OPEN)
    return select(column).where(~current.exists()).distinct()
