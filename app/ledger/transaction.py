"""The way of every write: one transaction, one revision; a record, its version and its edges together or not at all."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.known import Known
from app.ledger.references import ends_of, referrers, unknown_targets
from app.ledger.resource import Resource
from app.ledger.rows import Mention, Target, mentions
from app.ledger.schemas import Record
from app.ledger.settling import asserting, settle
from app.ledger.storing import Clash, Stated, Write
from app.ledger.unit import Unit, unit
from app.models.ledger import Action, Change
from app.projection.impossible import impossible
from app.projection.rules import StatedRecord
from app.shared.chunks import in_chunks
from app.shared.database import Database
from app.shared.errors import Flaw
from app.shared.fields import rfc3339
from app.shared.json import dumps, loads_own

__all__ = ["Author", "Known", "Refused", "Tally", "Transaction", "transaction", "turn"]

_CHUNK: Final = 1_000
_NAMED: Final = 10
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


@dataclass
class Transaction:
    """A write under way. Its revision is taken when the first record changes, so that no change makes no revision.

    ``changed``: whether any did. ``promised`` counts the records that were announced and are still to be put, ``dated``
    are the ids of the sources that it dated anew, ``made`` the records as it left them.
    """

    unit: Unit
    author: Author
    revision: int
    changed: bool = False
    promised: int = 0
    dated: set[int] = field(default_factory=set)
    made: dict[Target, Known] = field(default_factory=dict)

    @property
    def connection(self) -> AsyncConnection:
        """The connection that the transaction is open on."""
        return self.unit.connection

    @property
    def position(self) -> int:
        """The position of the last change."""
        return self.unit.position

    @property
    def recorded_at(self) -> datetime:
        """When what it writes is recorded."""
        return self.unit.recorded_at

    async def known(self, resource: Resource, slugs: Sequence[str]) -> dict[str, Known]:
        """The records of these slugs that the store has or had, by slug."""
        targets = [(resource.type, slug) for slug in slugs]
        await self.unit.seen.look(self.connection, (target for target in targets if target not in self.made))
        found = ((target, self.made.get(target) or self.unit.seen.records[target]) for target in targets)
        return {slug: known for (_, slug), known in found if known}

    async def announce(self, resource: Resource, slugs: Sequence[str]) -> None:
        """Let records be referred to that are put later on in this transaction, as all of them have to be."""
        known = await self.known(resource, slugs)
        for slug in dict.fromkeys(slugs):
            if slug not in known:
                self._register(resource, slug)
                self.promised += 1
        await self._write()
        # What was read said that they are not there; and a long import must not keep what is.
        self.unit.seen.forget()

    async def put(self, resource: Resource, batch: Sequence[Record], action: Action | None = None) -> Tally:
        """Create or update records, each slug once, with the values that the claims of their sources prefer.

        Raises Refused when one names a record that does not exist, a claim is not valid for its field, or one says what
        cannot be true.

        ``action`` is what the log of changes calls the return of a record that was not current: restored, where it is
        left out, which what was merged into another cannot be.
        """
        batch, wrong = await settle(self.connection, batch)
        known = await self.known(resource, [record.slug for record in batch])
        if wrong := wrong or await self._merged(batch, known, action):
            raise Refused(wrong)
        tally, writes = self._decide(resource, batch, known, action)
        if wrong := [(place, flaw) for write in writes for place, flaw in _untrue(write, known.get(write.slug))]:
            raise Refused(wrong)
        # Only now are all records of the batch known, so that they may refer to each other in any order.
        for some in in_chunks(writes, _CHUNK):
            await self._refer(some)
            self.unit.pending.writes += some
            await self._write()
        if self.unit.at_once and len(self.made) > _CHUNK:
            # A long import must not keep in memory what it has written.
            self.made.clear()
            self.unit.seen.forget()
        return tally

    async def weigh(self) -> None:
        """Put the records again whose claims rest on a source that this write dated anew: others may be preferred now.

        Raises Refused where one of them could not be put so.
        """
        for resource, batch in (await asserting(self.connection, self.dated, self.revision)).items():
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
        await self._end(resource, slug, record, "retracted")

    async def merge(self, resource: Resource, slug: str, record: Known, into: Known) -> None:
        """Take a current record out because it is the record ``into``.

        Who calls this puts all records that refer to it again, by the other name, in the same transaction.
        """
        await self._end(resource, slug, record, "merged", into.id)

    async def _end(self, resource: Resource, slug: str, record: Known, action: Action, into: int | None = None) -> None:
        self.made[resource.type, slug] = Known(record.id, record.version, "", None, into)
        self.unit.pending.writes.append(self._next(resource, slug, record.id, record.version, action, into=into))
        await self._write()

    async def _merged(
        self, batch: Sequence[Record], known: Mapping[str, Known], action: Action | None
    ) -> list[tuple[int, Flaw]]:
        """The records of a batch that lead to another, unless they are to come back."""
        merged = [slug for slug, one in known.items() if one.merged_into is not None]
        if not merged or action == "unmerged":
            return []
        into_by = await ends_of(self.connection, merged)
        return [
            (place, Flaw(f"{record.slug!r} was merged into {into!r}", pointer="/slug", suggestion=into))
            for place, record in enumerate(batch)
            if (into := into_by.get(record.slug))
        ]

    def _decide(
        self, resource: Resource, batch: Sequence[Record], known: Mapping[str, Known], action: Action | None
    ) -> tuple[Tally, list[Write]]:
        """What becomes of each record of a batch."""
        tally, writes = Tally(), list[Write]()
        for place, record in enumerate(batch):
            before = known.get(record.slug)
            if before is None or before.announced:
                tally.created += 1
                self.promised -= before is not None
                id_ = before.id if before else self._register(resource, record.slug)
                writes.append(self._stating(resource, record, place, Known(id_, 0, "", None), "created"))
            elif dumps(resource.shown_of(record, before.version, before.recorded_at)) == before.document:
                tally.unchanged += 1
            else:
                tally.changed += 1
                if _is_dated(record, before):
                    self.dated.add(before.id)
                done: Action = "updated" if before.document else action or "restored"
                writes.append(self._stating(resource, record, place, before, done))
        return tally, writes

    def _stating(self, resource: Resource, record: Record, place: int, before: Known, action: Action) -> Write:
        version, at = before.version + 1, rfc3339(self.recorded_at)
        shown = resource.shown_of(record, version, at)
        stated = Stated(record, shown, dumps(shown), place)
        self.made[resource.type, record.slug] = Known(before.id, version, at, stated.document)
        return self._next(resource, record.slug, before.id, version, action, stated=stated)

    def _next(  # noqa: PLR0913 - what a write is
        self,
        resource: Resource,
        slug: str,
        id_: int,
        version: int,
        action: Action,
        *,
        stated: Stated | None = None,
        into: int | None = None,
    ) -> Write:
        if not self.changed:
            self.changed = True
            author = {name: getattr(self.author, name) for name in Author.__slots__}
            self.unit.pending.revisions.append({"revision": self.revision, "recorded_at": self.recorded_at, **author})
        self.unit.position += 1
        at = self.revision, self.unit.position, self.recorded_at
        return Write(resource, slug, id_, version, action, *at, stated, into)

    def _register(self, resource: Resource, slug: str) -> int:
        id_ = self.unit.new_id()
        row = {"id": id_, "type": resource.type, "slug": slug, "version": 1, "retracted": False}
        self.unit.pending.records.append(row)
        return id_

    async def _refer(self, writes: Sequence[Write]) -> None:
        """Find the ids of all that records refer to. Raises Refused where one of it does not exist."""
        wanted: dict[Target, list[tuple[int, Mention]]] = {}
        for write in writes:
            if write.stated:
                for mention in mentions(write.resource, write.stated.record):
                    wanted.setdefault(mention.target, []).append((write.stated.place, mention))
        ids = {target: known.id for target in wanted if (known := self.made.get(target)) and known.document}
        seen = self.unit.seen
        elsewhere = [target for target in wanted if target not in self.made]
        await seen.find(self.connection, elsewhere)
        ids |= {target: seen.ids[target] for target in elsewhere if target in seen.ids}
        missing = [(place, mention) for target in wanted if target not in ids for place, mention in wanted[target]]
        if missing:
            raise Refused(await unknown_targets(self.connection, missing))
        self.unit.pending.ids |= ids

    async def _write(self) -> None:
        if not self.unit.at_once:
            return
        try:
            await self.unit.write()
        except Clash as clash:
            raise Refused(clash.flaws) from None


@asynccontextmanager
async def transaction(database: Database, author: Author) -> AsyncIterator[Transaction]:
    """Write to the store: everything in the block commits together when it ends, and nothing when it raises."""
    async with database.writing() as connection, unit(connection) as one, turn(one, author) as write:
        yield write


@asynccontextmanager
async def turn(one: Unit, author: Author) -> AsyncIterator[Transaction]:
    """A write in a unit, which takes nothing of it where the block raises and nothing was to be written at once."""
    mark = one.mark()
    write = Transaction(one, author, one.revision + 1)
    try:
        yield write
        await write.weigh()
    except BaseException:
        one.take_back(mark)
        raise
    if write.promised:
        raise RuntimeError(f"{write.promised} records were announced and never put")
    one.keep(write.revision if write.changed else one.revision, write.made)


def _untrue(write: Write, before: Known | None) -> Iterator[tuple[int, Flaw]]:
    """What a record says that cannot be true, unless it said so before there was this check."""
    if write.stated is None:
        return
    about = StatedRecord(write.resource.type, write.slug, write.stated.shown, write.recorded_at.date())
    found = list(impossible(about))
    said = about._replace(document=loads_own(before.document)) if found and before and before.document else None
    already = {flaw.pointer for flaw in impossible(said)} if said else set()
    yield from ((write.stated.place, flaw) for flaw in found if flaw.pointer not in already)


def _is_dated(record: Record, known: Known) -> bool:
    """Whether a record is a source that says another day of publication than the store does."""
    day = getattr(record, "published_on", None)
    return "published_on" in type(record).model_fields and day != loads_own(known.document or "{}").get("published_on")
