"""Proves that the edges which are kept equal a replay of the history, or replaces them by it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, literal, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models.edges import edges
from app.models.ledger import OPEN, records, revisions, versions
from app.projection.replay import Change, replay
from app.projection.row import COMPARED, EdgeRow
from app.shared.database import in_chunks
from app.shared.json import loads_own

_CHUNK = 1_000
_KEY = ("record_id", "dependent_id", "on_id", "kind", "record_type", "record_slug", "from_revision", "to_revision")


@dataclass(frozen=True, slots=True)
class Difference:
    """Edges that are kept but not implied, and edges that are implied but not kept."""

    kept: int
    surplus: list[dict[str, Any]]
    missing: list[dict[str, Any]]

    @property
    def clean(self) -> bool:
        """Whether the kept edges are what the records imply."""
        return not (self.surplus or self.missing)


async def compare(connection: AsyncConnection) -> Difference:
    """Hold the kept edges against a replay of all versions."""
    columns = [edges.c[name] for name in (*_KEY, *COMPARED)]
    kept = [dict(row) for row in (await connection.execute(select(*columns))).mappings()]
    derived = await _replayed(connection)
    return Difference(len(kept), surplus=_beyond(kept, derived), missing=_beyond(derived, kept))


async def slugs_of(connection: AsyncConnection, rows: Iterable[EdgeRow]) -> dict[int, str]:
    """The slugs of the companies at both ends of edges, by their ids."""
    ids = {row[end] for row in rows for end in ("dependent_id", "on_id")}
    found: dict[int, str] = {}
    for some in in_chunks(sorted(ids), _CHUNK):
        query = select(records.c.id, records.c.slug).where(records.c.id.in_(some))
        found |= dict((await connection.execute(query)).all())
    return found


async def rebuild(connection: AsyncConnection) -> int:
    """Replace all edges by a replay of all versions; return how many there are."""
    rows = await _replayed(connection)
    await connection.execute(delete(edges))
    for some in in_chunks(rows, _CHUNK):
        await connection.execute(insert(edges), list(some))
    return len(rows)


async def _replayed(connection: AsyncConnection) -> list[EdgeRow]:
    query = select(records.c.slug, records.c.id).where(records.c.type == "companies")
    companies = dict((await connection.execute(query)).all())
    return list(replay(await _history(connection), companies))


async def _history(connection: AsyncConnection) -> list[Change]:
    """Every version as it opened, and every version that closed with none after it: a retraction."""
    later = versions.alias()
    followed = select(literal(1)).where(
        later.c.record_id == versions.c.record_id, later.c.from_revision == versions.c.to_revision
    )
    opened = select(versions.c.record_id, versions.c.from_revision.label("revision"), versions.c.document)
    closed = select(versions.c.record_id, versions.c.to_revision, null()).where(
        versions.c.to_revision != OPEN, ~followed.exists()
    )
    changes = union_all(opened, closed).subquery()
    query = (
        select(
            changes.c.revision,
            revisions.c.recorded_at,
            records.c.id,
            records.c.type,
            records.c.slug,
            changes.c.document,
        )
        .join(records, records.c.id == changes.c.record_id)
        .join(revisions, revisions.c.revision == changes.c.revision)
        .order_by(changes.c.revision, records.c.id)
    )
    return [_change(*row) for row in await connection.execute(query)]


def _change(revision: int, at: datetime, record_id: int, kind: str, slug: str, text: str | None) -> Change:  # noqa: PLR0913, PLR0917 - a row
    return Change(revision, at.date(), record_id, kind, slug, loads_own(text) if text else None)


def _beyond(rows: Iterable[EdgeRow], others: Iterable[EdgeRow]) -> list[EdgeRow]:
    """The rows that ``others`` does not have, or has fewer times."""
    unmatched = Counter(map(_identity, others))
    beyond = []
    for row in rows:
        identity = _identity(row)
        if unmatched[identity]:
            unmatched[identity] -= 1
        else:
            beyond.append(row)
    return beyond


def _identity(row: EdgeRow) -> tuple[Any, ...]:
    return tuple(row[name] for name in (*_KEY, *COMPARED))
