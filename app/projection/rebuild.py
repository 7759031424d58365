"""Proves that the edges which are kept equal a replay of the history, or replaces them by it, a part at a time."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models.edges import edges
from app.models.ledger import records, store
from app.projection.edges import company_ids
from app.projection.history import CHUNK, Part, parts
from app.projection.replay import replay
from app.projection.row import COMPARED, EdgeRow
from app.shared.bulk import insert_rows
from app.shared.chunks import in_chunks
from app.shared.counted import Counted

_SHOWN: Final = 20
"""How many edges of each kind of difference are kept."""
_KEY = ("record_id", "dependent_id", "on_id", "kind", "record_type", "record_slug", "from_revision", "to_revision")
_KEPT: Final = select(*(edges.c[name] for name in (*_KEY, *COMPARED))).where(
    edges.c.record_id.between(bindparam("first"), bindparam("last"))
)
_LOCK: Final = select(store.c.revision).with_for_update()


@dataclass
class Difference:
    """How many edges are kept, those of them that are not implied, and those that are implied but not kept."""

    kept: int = 0
    surplus: Counted[EdgeRow] = field(default_factory=lambda: Counted(_SHOWN))
    missing: Counted[EdgeRow] = field(default_factory=lambda: Counted(_SHOWN))

    @property
    def clean(self) -> bool:
        """Whether the kept edges are what the records imply."""
        return not (self.surplus.number or self.missing.number)


class _Itself(dict[str, Any]):
    """Stands for each company by its slug: which ids are wanted is known once the edges are."""

    def __missing__(self, slug: str) -> str:
        return slug


async def compare(connection: AsyncConnection, at_once: int = CHUNK) -> Difference:
    """Hold the kept edges against a replay of all versions, so many records at once.

    Raises LookupError, TypeError or ValueError for a document that no edges can be derived from.
    """
    found = Difference()
    async for part in parts(connection, at_once):
        rows = await connection.execute(_KEPT, {"first": part.first, "last": part.last})
        kept = [dict(row) for row in rows.mappings()]
        derived = await _replayed(connection, part)
        found.kept += len(kept)
        found.surplus.add(_beyond(kept, derived))
        found.missing.add(_beyond(derived, kept))
    return found


async def slugs_of(connection: AsyncConnection, rows: Iterable[EdgeRow]) -> dict[int, str]:
    """The slugs of the companies at both ends of edges, by their ids."""
    ids = {row[end] for row in rows for end in ("dependent_id", "on_id")}
    found: dict[int, str] = {}
    for some in in_chunks(sorted(ids), CHUNK):
        query = select(records.c.id, records.c.slug).where(records.c.id.in_(some))
        found |= dict((await connection.execute(query)).all())
    return found


async def rebuild(connection: AsyncConnection) -> int:
    """Replace all edges by a replay of all versions; return how many there are. Writers wait meanwhile."""
    await connection.execute(_LOCK)
    await connection.execute(delete(edges))
    number = 0
    async for part in parts(connection):
        rows = await _replayed(connection, part)
        await insert_rows(connection, edges, rows)
        number += len(rows)
    return number


async def _replayed(connection: AsyncConnection, part: Part) -> list[EdgeRow]:
    """All edges that the records of a part ever implied."""
    rows = [row for row in replay(part.changes, _Itself()) if part.first <= row["record_id"] <= part.last]
    companies = await company_ids(connection, {row[end] for row in rows for end in ("dependent_id", "on_id")})
    return [row | {end: companies[row[end]] for end in ("dependent_id", "on_id")} for row in rows]


def _beyond(rows: Iterable[EdgeRow], others: Iterable[EdgeRow]) -> Iterator[EdgeRow]:
    """The rows that ``others`` does not have, or has fewer times."""
    unmatched = Counter(map(_identity, others))
    for row in rows:
        identity = _identity(row)
        if unmatched[identity]:
            unmatched[identity] -= 1
        else:
            yield row


def _identity(row: EdgeRow) -> tuple[Any, ...]:
    return tuple(row[name] for name in (*_KEY, *COMPARED))
