"""The feed of changes: what happened to which record, in the order of the commits, with no gap.

A position is given while the store's row is locked, so whoever reads a change has seen every change before it
(docs/decisions/one-revision.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, Select, Subquery, and_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.history import differences
from app.ledger.resource import stated
from app.models.ledger import changes, records, revisions, store, versions
from app.shared.fields import rfc3339
from app.shared.json import fragment, loads_own

_MOST_BYTES: Final = 8_000_000
"""A page ends with the change whose documents bring it this far."""
_SCANNED: Final = 10_000
"""How many positions a page that is narrowed by type looks at, so that rare types cost no walk over all changes."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A page of the feed: changes as they are shown, each with its ``position``.

    ``after`` is where the next page begins, ``more`` whether it would hold something now. ``revision`` is the state of
    the store that the page was read from.
    """

    data: Sequence[dict[str, Any]]
    after: int
    more: bool
    revision: int


async def feed(connection: AsyncConnection, after: int, limit: int, types: Sequence[str] = ()) -> Feed:
    """The changes after a position, up to ``limit`` of them; with ``types`` only of these resources. One statement."""
    rows = (await connection.execute(_page(after, limit, types))).all()
    newest, revision = rows[0].newest, rows[0].at
    found = [row for row in rows if row.position is not None]
    kept = _within_bytes(found[:limit])
    data = [_shown(row) for row in kept]
    if len(kept) < len(found):
        return Feed(data, kept[-1].position, more=True, revision=revision)
    looked_at = min(newest, after + _SCANNED) if types else newest
    return Feed(data, max(after, looked_at), more=looked_at < newest, revision=revision)


async def changes_at(connection: AsyncConnection, positions: Sequence[int]) -> list[dict[str, Any]]:
    """The changes at some positions, in their order, as the feed shows them. One statement."""
    wanted = _told().where(changes.c.position.in_(positions)).subquery()
    return [_shown(row) for row in await connection.execute(_with_documents(wanted)) if row.position is not None]


def _page(after: int, limit: int, types: Sequence[str]) -> Select[Any]:
    """The changes of a page and one more, which tells whether there is a next."""
    query = _told().where(changes.c.position > after).order_by(changes.c.position).limit(limit + 1)
    if types:
        query = query.where(records.c.type.in_(types), changes.c.position <= after + _SCANNED)
    return _with_documents(query.subquery())


def _told() -> Select[Any]:
    """Changes, who made them and why, and of which record."""
    columns = [column for column in revisions.c if column.name not in ("revision", "key_id")]
    return (
        select(*changes.c, *columns, records.c.type, records.c.slug)
        .join(records, records.c.id == changes.c.record_id)
        .join(revisions, revisions.c.revision == changes.c.revision)
    )


def _with_documents(told: Subquery) -> Select[Any]:
    """What changes made of what. The store's row stands in front, so that also no change at all says where they end."""
    old, new = versions.alias("old"), versions.alias("new")
    same = told.c.record_id
    made = and_(new.c.record_id == same, new.c.version == told.c.version, new.c.from_revision == told.c.revision)
    # A change ended the version before the one that it made, or the one that it names where it made none.
    ended = and_(
        old.c.record_id == same,
        old.c.version.between(told.c.version - 1, told.c.version),
        old.c.to_revision == told.c.revision,
    )
    documents = (old.c.document.label("old_document"), new.c.document.label("new_document"))
    query = select(store.c.position.label("newest"), store.c.revision.label("at"), told, *documents)
    joined = store.outerjoin(told, true()).outerjoin(new, made).outerjoin(old, ended)
    return query.select_from(joined).order_by(told.c.position)


def _within_bytes(rows: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    """The first rows whose documents go into one reply; at least one."""
    size = 0
    for number, row in enumerate(rows, 1):
        size += len(row.old_document or "") + len(row.new_document or "")
        if size >= _MOST_BYTES:
            return rows[:number]
    return rows


def _shown(row: Row[Any]) -> dict[str, Any]:
    old, new = (stated(loads_own(text)) if text else {} for text in (row.old_document, row.new_document))
    return {
        "position": row.position,
        "revision": row.revision,
        "recorded_at": rfc3339(row.recorded_at),
        "actor": row.actor,
        "reason": row.reason,
        "change": row.change,
        "request_id": row.request_id,
        "action": row.action,
        "record": {"type": row.type, "slug": row.slug, "url": f"/v1/{row.type}/{row.slug}"},
        "version": row.version,
        "before": row.old_document and fragment(row.old_document),
        "after": row.new_document and fragment(row.new_document),
        "changes": differences(old, new),
    }
