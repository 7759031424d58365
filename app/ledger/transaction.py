"""The way of every write: one transaction, one revision; a record, its version and its edges together or not at all."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.references import into_of, referrers, resolve, unknown_targets
from app.ledger.resource import Resource
from app.ledger.rows import Ids, Mention, Target, mentions, part_rows, row_of
from app.ledger.schemas import Record
from app.ledger.settling import asserting, settle
from app.ledger.unique import taken
from app.models.ledger import OPEN, Action, Change, changes, records, revisions, store, versions
from app.models.sources import citations
from app.projection.edges import project
from app.shared.database import Database, in_chunks
from app.shared.errors import Flaw
from app.shared.json import loads_own

_CHUNK = 1_000
_NAMED = 10
"""How many of the records that stand in the way are named."""


@dataclass
class Tally:
    """How many records of a batch were new, were changed, or said what was known already."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0


class Refused(Exception):  # noqa: N818 - a batch is refused
    """A batch that cannot be taken: each flaw with the position of its record in the batch."""

    def __init__(self, flaws: Sequence[tuple[int, Flaw]]) -> None:
        super().__init__("; ".join(flaw.detail for _, flaw in flaws))
        self.flaws = flaws


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes, and why: ``change`` says whether what was known was wrong, or the world changed."""

    actor: str
    reason: str | None = None
    change: Change | None = None
    key_id: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A record as the store has it; the document is None where the record is retracted.

    ``merged_into`` is the id of the company that it turned out to be.
    """

    id: int
    version: int
    recorded_at: str
    document: str | None
    merged_into: int | None = None


@dataclass(frozen=True, slots=True)
class _Write:
    record: Record
    id: int
    version: int
    action: Action


@dataclass
class Transaction:
    """A write under way. Its revision is taken when the first record changes, so that no change makes no revision.

    ``position`` is that of the last change; ``changed`` are the ids of the records that it touched, ``dated`` those of
    the sources that it dated anew.
    """

    connection: AsyncConnection
    author: Author
    revision: int
    recorded_at: datetime
    position: int
    opened: bool = False
    changed: set[int] = field(default_factory=set)
    dated: set[int] = field(default_factory=set)

    async def put(self, resource: Resource, batch: Sequence[Record], action: Action | None = None) -> Tally:
        """Create or update records by their slugs, each with the values that its sources' claims prefer.

        Raises Refused when one names a record that does not exist, or a claim is not valid for its field.

        ``action`` is what the log of changes calls the return of a record that was not current: restored, where it is
        left out, which what was merged into another cannot be.
        """
        _refuse_twice(batch)
        batch, wrong = await settle(self.connection, batch)
        if wrong := wrong or await self._merged(resource, batch, action):
            raise Refused(wrong)
        tally, writes = Tally(), list[_Write]()
        for some in in_chunks(batch, _CHUNK):
            writes += await self._prepare(resource, some, tally, action)
        # Only now are all records of the batch known, so that they may refer to each other in any order.
        positions = {record.slug: position for position, record in enumerate(batch)}
        for written in in_chunks(writes, _CHUNK):
            ids = await self._resolve(resource, written, positions)
            await self._store(resource, written, ids, positions)
        return tally

    async def weigh(self) -> None:
        """Put the records again whose claims rest on a source that this write dated anew: others may be preferred now.

        Raises Refused where one of them could not be put so.
        """
        for resource, batch in (await asserting(self.connection, self.dated, self.changed)).items():
            try:
                await self.put(resource, batch)
            except Refused as refused:
                told = [f"{resource.type}/{batch[place].slug}: {flaw.detail}" for place, flaw in refused.flaws]
                raise Refused([(0, Flaw(f"by this date another claim counts, for {one}")) for one in told]) from None

    async def retract(self, resource: Resource, slug: str) -> None:
        """Take a current record out of what the store holds to be true; its versions stay.

        Raises Refused, naming them, while other records refer to it.
        """
        record = (await self.known(resource, [slug]))[slug]
        if naming := await referrers(self.connection, resource, record.id):
            raise Refused([(0, Flaw(f"{one.type}/{one.slug} refers to it")) for one in naming[:_NAMED]])
        await self._end(resource, record, "retracted")

    async def merge(self, resource: Resource, record: Known, into: Known) -> None:
        """Take a current record out because it is the record ``into``.

        Who calls this puts all records that refer to it again, by the other name, in the same transaction.
        """
        await self._end(resource, record, "merged", into.id)

    async def _end(self, resource: Resource, record: Known, action: Action, into: int | None = None) -> None:
        await self._open_revision()
        await self._clear(resource, [record.id])
        gone = update(records).where(records.c.id == record.id).values(retracted=True, merged_into_id=into)
        await self.connection.execute(gone)
        await self._log([(record.id, record.version, action)])

    async def _merged(
        self, resource: Resource, batch: Sequence[Record], action: Action | None
    ) -> list[tuple[int, Flaw]]:
        """The records of a batch that lead to another, unless they are to come back."""
        if resource.type != "companies" or action == "unmerged":
            return []
        merged = await into_of(self.connection, [record.slug for record in batch])
        return [
            (place, Flaw(f"{record.slug!r} was merged into {into!r}", pointer="/slug", suggestion=into))
            for place, record in enumerate(batch)
            if (into := merged.get(record.slug))
        ]

    async def _prepare(
        self, resource: Resource, batch: Sequence[Record], tally: Tally, action: Action | None
    ) -> list[_Write]:
        known = await self.known(resource, [record.slug for record in batch])
        new = [record for record in batch if record.slug not in known]
        changed = [
            record for record in batch if record.slug in known and _differs(resource, record, known[record.slug])
        ]
        self.dated |= {known[record.slug].id for record in changed if _is_dated(record, known[record.slug])}
        tally.created += len(new)
        tally.changed += len(changed)
        tally.unchanged += len(batch) - len(new) - len(changed)
        if not new and not changed:
            return []
        await self._open_revision()
        again = [_again(record, known[record.slug], action) for record in changed]
        await self._clear(resource, [write.id for write in again])
        # Before the references of the batch are resolved, which may be to these.
        await self._bring_back([known[record.slug].id for record in changed if known[record.slug].document is None])
        return await self._register(resource, new) + again

    async def known(self, resource: Resource, slugs: Sequence[str]) -> dict[str, Known]:
        """The records of these slugs that the store has or had, by slug."""
        current = (versions.c.record_id == records.c.id) & (versions.c.to_revision == OPEN)
        query = (
            select(
                records.c.slug,
                records.c.id,
                records.c.version,
                revisions.c.recorded_at,
                versions.c.document,
                records.c.merged_into_id,
            )
            .outerjoin(versions, current)
            .outerjoin(revisions, revisions.c.revision == versions.c.from_revision)
            .where(records.c.type == resource.type, records.c.slug.in_(slugs))
        )
        rows = await self.connection.execute(query)
        return {
            slug: Known(id_, version, at and rfc3339(at), text, into) for slug, id_, version, at, text, into in rows
        }

    async def _open_revision(self) -> None:
        if self.opened:
            return
        self.opened = True
        row = {"revision": self.revision, "recorded_at": self.recorded_at, **asdict(self.author)}
        await self.connection.execute(insert(revisions), row)

    async def _register(self, resource: Resource, new: Sequence[Record]) -> list[_Write]:
        if not new:
            return []
        rows = [{"type": resource.type, "slug": record.slug, "version": 1, "retracted": False} for record in new]
        made = await self.connection.execute(insert(records).returning(records.c.slug, records.c.id), rows)
        ids: dict[str, int] = dict(made.all())
        return [_Write(record, ids[record.slug], 1, "created") for record in new]

    async def _clear(self, resource: Resource, ids: Sequence[int]) -> None:
        """Take the current state of records away, to be stored anew; the lists inside them go with them."""
        if not ids:
            return
        await self.connection.execute(delete(citations).where(citations.c.owner_id.in_(ids)))
        await self.connection.execute(delete(resource.table).where(resource.table.c.id.in_(ids)))
        closing = update(versions).where(versions.c.record_id.in_(ids), versions.c.to_revision == OPEN)
        await self.connection.execute(closing.values(to_revision=self.revision))

    async def _bring_back(self, ids: Sequence[int]) -> None:
        if ids:
            back = update(records).where(records.c.id.in_(ids)).values(retracted=False, merged_into_id=None)
            await self.connection.execute(back)

    async def _resolve(self, resource: Resource, writes: Sequence[_Write], positions: Mapping[str, int]) -> Ids:
        wanted: dict[Target, list[tuple[int, Mention]]] = {}
        for write in writes:
            for mention in mentions(resource, write.record):
                wanted.setdefault(mention.target, []).append((positions[write.record.slug], mention))
        ids = await resolve(self.connection, wanted)
        missing = [
            (place, mention) for target, places in wanted.items() if target not in ids for place, mention in places
        ]
        if missing:
            raise Refused(await unknown_targets(self.connection, missing))
        return ids

    async def _store(
        self, resource: Resource, writes: Sequence[_Write], ids: Ids, positions: Mapping[str, int]
    ) -> None:
        rows = [{"id": write.id, **row_of(resource, write.record, ids)} for write in writes]
        await self.connection.execute(insert(resource.table), rows)
        parts: dict[str, list[dict[str, Any]]] = {}
        for write in writes:
            for name, row in part_rows(resource, write.record, ids):
                parts.setdefault(name, []).append({"owner_id": write.id, **row})
        places = {write.id: positions[write.record.slug] for write in writes}
        for name, part in parts.items():
            if clashes := await taken(self.connection, resource, name, part):
                raise Refused([(places[owner], flaw) for owner, flaw in clashes])
            await self.connection.execute(insert(resource.parts[name]), part)
        await self._store_versions(resource, writes)
        await self._log([(write.id, write.version, write.action) for write in writes])

    async def _log(self, done: Sequence[tuple[int, int, Action]]) -> None:
        rows = [
            {"position": position, "revision": self.revision, "record_id": id_, "version": version, "action": action}
            for position, (id_, version, action) in enumerate(done, self.position + 1)
        ]
        await self.connection.execute(insert(changes), rows)
        self.position += len(rows)
        self.changed |= {id_ for id_, _, _ in done}

    async def _store_versions(self, resource: Resource, writes: Sequence[_Write]) -> None:
        at = rfc3339(self.recorded_at)
        rows = [
            {
                "record_id": write.id,
                "version": write.version,
                "from_revision": self.revision,
                "to_revision": OPEN,
                "document": resource.document(write.record, write.version, at),
            }
            for write in writes
        ]
        await self.connection.execute(insert(versions), rows)
        bumped = [{"its_id": write.id, "to": write.version} for write in writes if write.version > 1]
        if bumped:
            statement = update(records).where(records.c.id == bindparam("its_id"))
            await self.connection.execute(statement.values(version=bindparam("to")), bumped)


@asynccontextmanager
async def transaction(database: Database, author: Author) -> AsyncIterator[Transaction]:
    """Write to the store: everything in the block commits together when it ends, and nothing when it raises."""
    async with database.writing() as connection, turn(connection, author) as write:
        yield write


@asynccontextmanager
async def turn(connection: AsyncConnection, author: Author) -> AsyncIterator[Transaction]:
    """Write to the store inside a transaction that is open already; what it belongs to commits it.

    The store's row stays locked until then, so writers take turns, and revisions and the positions of changes follow
    the order of their commits.
    """
    newest = select(store.c.revision, store.c.position).with_for_update()
    revision, position = (await connection.execute(newest)).one()
    last = await connection.scalar(select(revisions.c.recorded_at).where(revisions.c.revision == revision))
    now = datetime.now(UTC)
    # A clock that was put back must not make a later revision look earlier.
    write = Transaction(connection, author, revision + 1, max(now, last) if last else now, position)
    yield write
    await write.weigh()
    if write.changed:
        await project(connection, write.revision, write.changed)
        await connection.execute(update(store).values(revision=write.revision, position=write.position))


def rfc3339(moment: datetime) -> str:
    """An instant in UTC as RFC 3339 writes it, with ``Z``."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _refuse_twice(batch: Sequence[Record]) -> None:
    seen: set[str] = set()
    twice = []
    for position, record in enumerate(batch):
        if record.slug in seen:
            twice.append((position, Flaw(f"{record.slug!r} is given twice", pointer="/slug")))
        seen.add(record.slug)
    if twice:
        raise Refused(twice)


def _again(record: Record, known: Known, action: Action | None) -> _Write:
    return _Write(record, known.id, known.version + 1, "updated" if known.document else action or "restored")


def _differs(resource: Resource, record: Record, known: Known) -> bool:
    return resource.document(record, known.version, known.recorded_at) != known.document


def _is_dated(record: Record, known: Known) -> bool:
    """Whether a record is a source that says another day of publication than the store does."""
    day = getattr(record, "published_on", None)
    return "published_on" in type(record).model_fields and day != loads_own(known.document or "{}").get("published_on")
