"""The digest of a store: one definition, to which a copy or a store in the other database can be held."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models.edges import edges
from app.models.ledger import changes, records, revisions, store, versions
from app.projection.row import COMPARED
from app.shared.json import dumps

_CHUNK: Final = 1_000


async def digest(connection: AsyncConnection) -> str:
    """The SHA-256 of all that a store says, now and in the past, in hexadecimal digits.

    Of the store's numbers, the revisions, records, versions, changes and edges, in this order: the name of the table
    on a line, then each row as a JSON array on a line of its own. Records stand by their type and slug, since ids are
    not the same in two stores; text is sorted by its code points. Keys, replies and webhooks are no part of it.
    """
    found = sha256()
    for name, query in _tables():
        found.update(f"{name}\n".encode())
        async with connection.stream(query.execution_options(yield_per=_CHUNK)) as rows:
            async for some in rows.partitions():
                found.update("".join(f"{dumps(list(row))}\n" for row in some).encode())
    return found.hexdigest()


def _tables() -> Iterator[tuple[str, Select[Any]]]:
    name, into = (records.c.type, records.c.slug), records.alias()
    yield "store", select(store.c.revision, store.c.position)
    told = (revisions.c[column] for column in ("revision", "recorded_at", "actor", "reason", "change", "request_id"))
    yield "revisions", select(*told, revisions.c.key_id).order_by(revisions.c.revision)
    merged = select(*name, records.c.version, records.c.retracted, into.c.slug)
    yield "records", merged.outerjoin(into, into.c.id == records.c.merged_into_id).order_by(*name)
    held = (versions.c[column] for column in ("version", "from_revision", "to_revision", "document"))
    yield "versions", select(*name, *held).join_from(records, versions).order_by(*name, versions.c.version)
    happened = select(changes.c.position, changes.c.revision, *name, changes.c.version, changes.c.action)
    yield "changes", happened.join_from(changes, records).order_by(changes.c.position)
    yield "edges", _edges()


def _edges() -> Select[Any]:
    dependent, on = records.alias("dependent"), records.alias("on_which")
    key = edges.c.record_type, edges.c.record_slug, dependent.c.slug, on.c.slug, edges.c.kind, edges.c.from_revision
    said = (edges.c[column] for column in COMPARED)
    query = select(*key, edges.c.to_revision, *said).join(dependent, dependent.c.id == edges.c.dependent_id)
    return query.join(on, on.c.id == edges.c.on_id).order_by(*key)
