"""One transaction of the database that has the store to itself: where it stands, what was read, what is to be written.

It may hold the writes of several requests, one after the other, each of a revision of its own.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, NamedTuple

from sqlalchemy import bindparam, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.known import Known, Seen
from app.ledger.rows import Target
from app.ledger.storing import Pending, store
from app.models import metadata
from app.models.ledger import records, revisions
from app.models.ledger import store as newest

_LOCKED: Final = select(newest.c.revision, newest.c.position).with_for_update()
# Asked once the store's row is locked: what stands in the same statement as the lock was read before it was had.
_LAST: Final = select(
    select(revisions.c.recorded_at).where(revisions.c.revision == bindparam("revision")).scalar_subquery(),
    select(func.max(records.c.id)).scalar_subquery(),
)
_ADVANCE: Final = update(newest).values(revision=bindparam("to_revision"), position=bindparam("to_position"))

_MANY: Final = 10_000
"""From how many changes on PostgreSQL looks at its tables anew: its planner takes them for as small as they were until
autovacuum does, a minute or more later, and answers meanwhile with plans that read all of them."""
_ANALYZE: Final = text(f"ANALYZE {', '.join(table.name for table in metadata.sorted_tables)}")


class Mark(NamedTuple):
    """How far a unit had come: the position of its last change, and how many rows and writes it had decided."""

    position: int
    revisions: int
    records: int
    writes: int


@dataclass
class Unit:
    """``revision``, ``position`` and ``last_id`` are the newest of the store, with what was decided in this unit.

    ``at_once``: whether what is decided is written at once, and not at the end with all the rest.
    """

    connection: AsyncConnection
    revision: int
    position: int
    last_id: int
    recorded_at: datetime
    at_once: bool = True
    seen: Seen = field(default_factory=Seen)
    pending: Pending = field(default_factory=Pending)

    def new_id(self) -> int:
        """The id of a record that is new: nobody else takes one while the store is locked."""
        self.last_id += 1
        return self.last_id

    def keep(self, revision: int, made: Mapping[Target, Known]) -> None:
        """Count a write as done, for those that come after it."""
        self.revision = revision
        self.seen.records |= made
        self.seen.ids |= {target: known.id for target, known in made.items() if known.document}

    def mark(self) -> Mark:
        """What was decided so far."""
        pending = self.pending
        return Mark(self.position, len(pending.revisions), len(pending.records), len(pending.writes))

    def take_back(self, mark: Mark) -> None:
        """Forget what was decided since and is not written yet."""
        self.position = mark.position
        del self.pending.revisions[mark.revisions :], self.pending.records[mark.records :]
        del self.pending.writes[mark.writes :]

    async def write(self) -> None:
        """Write what is decided. Raises Clash where two records state what only one may have."""
        pending, self.pending = self.pending, Pending()
        await store(self.connection, pending)


@asynccontextmanager
async def unit(connection: AsyncConnection, *, at_once: bool = True) -> AsyncIterator[Unit]:
    """Have the store to oneself until the transaction of ``connection`` ends, which whoever began it commits.

    The store's row stays locked until then, so writers take turns, and revisions and the positions of changes follow
    the order of their commits.
    """
    revision, position = (await connection.execute(_LOCKED)).one()
    last, last_id = (await connection.execute(_LAST, {"revision": revision})).one()
    now = datetime.now(UTC)
    # A clock that was put back must not make a later revision look earlier.
    one = Unit(connection, revision, position, last_id or 0, max(now, last) if last else now, at_once)
    yield one
    await one.write()
    if one.revision > revision:
        await connection.execute(_ADVANCE, {"to_revision": one.revision, "to_position": one.position})
    if one.position - position >= _MANY and connection.dialect.name == "postgresql":
        await connection.execute(_ANALYZE)
