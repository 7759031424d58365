"""What a transaction has read of the records: each is asked for once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.references import resolve
from app.ledger.rows import Target, by_type
from app.models.ledger import OPEN, records, revisions, versions
from app.shared.among import any_of
from app.shared.chunks import in_chunks
from app.shared.fields import rfc3339

_CHUNK: Final = 1_000
_KNOWN: Final = (
    select(
        records.c.slug,
        records.c.id,
        records.c.version,
        revisions.c.recorded_at,
        versions.c.document,
        records.c.merged_into_id,
        records.c.retracted,
    )
    .outerjoin(versions, (versions.c.record_id == records.c.id) & (versions.c.to_revision == OPEN))
    .outerjoin(revisions, revisions.c.revision == versions.c.from_revision)
    .where(records.c.type == bindparam("type"), any_of(records.c.slug, "slugs"))
)


@dataclass(frozen=True, slots=True)
class Known:
    """A record as the store has it; the document is None where the record is retracted.

    ``merged_into`` is the id of the company that it turned out to be. What is only ``announced`` has no version yet.
    """

    id: int
    version: int
    recorded_at: str
    document: str | None
    merged_into: int | None = None
    announced: bool = False


@dataclass
class Seen:
    """The records that were asked for, None where there is none; and the ids of those that are referred to."""

    records: dict[Target, Known | None] = field(default_factory=dict)
    ids: dict[Target, int] = field(default_factory=dict)

    async def look(self, connection: AsyncConnection, targets: Iterable[Target]) -> None:
        """Read those records that were not asked for yet."""
        for kind, slugs in by_type(target for target in targets if target not in self.records):
            self.records |= {(kind, slug): None for slug in slugs}
            for some in in_chunks(slugs, _CHUNK):
                rows = await connection.execute(_KNOWN, {"type": kind, "slugs": some})
                for slug, id_, version, at, text, into, gone in rows:
                    announced = text is None and not gone
                    known = Known(id_, version, rfc3339(at) if at else "", text, into, announced)
                    self.records[kind, slug] = known

    async def find(self, connection: AsyncConnection, targets: Iterable[Target]) -> None:
        """Read the ids of records that can be referred to, of those that were not found yet."""
        self.ids |= await resolve(connection, (target for target in targets if target not in self.ids))

    def forget(self) -> None:
        """Read all anew when it is asked for again."""
        self.records.clear()
        self.ids.clear()
