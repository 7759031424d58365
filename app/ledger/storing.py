"""Writes down what a transaction has decided: for all of its records at once, a statement for each table."""

from asyncio import create_task, gather
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.circles import circular
from app.ledger.resource import Resource
from app.ledger.rows import Ids, Row, part_rows, row_of
from app.ledger.schemas import Record
from app.ledger.unique import taken
from app.models.ledger import OPEN, Action, changes, records, revisions, versions
from app.models.sources import citations
from app.projection.edges import Left, project
from app.projection.search import entries_of, keep
from app.shared.among import any_of
from app.shared.bulk import insert_rows
from app.shared.chunks import in_chunks
from app.shared.errors import Flaw

_CHUNK: Final = 1_000
_UNCITE = delete(citations).where(any_of(citations.c.owner_id, "ids"))
_CLOSE = (
    update(versions)
    .where(versions.c.record_id == bindparam("its_id"), versions.c.to_revision == OPEN)
    .values(to_revision=bindparam("at"))
)
_UPDATE = (
    update(records)
    .where(records.c.id == bindparam("its_id"))
    .values(version=bindparam("to"), retracted=bindparam("gone"), merged_into_id=bindparam("into"))
)


@dataclass(frozen=True, slots=True)
class Stated:
    """What a record states now: ``shown`` as the API shows it, ``document`` in JSON; ``place`` in its batch."""

    record: Record
    shown: Mapping[str, Any]
    document: str
    place: int


@dataclass(frozen=True, slots=True)
class Write:
    """What becomes of one record at a revision, which is logged at a position.

    ``stated`` is None where it is taken out, and then ``version`` is the one that ends; ``into`` is the id of the
    record that it turned out to be.
    """

    resource: Resource
    slug: str
    id: int
    version: int
    action: Action
    revision: int
    position: int
    recorded_at: datetime
    stated: Stated | None = None
    into: int | None = None


@dataclass
class Pending:
    """What is decided but not written yet: rows of revisions and of new records, and what becomes of which record."""

    revisions: list[Row] = field(default_factory=list)
    records: list[Row] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    ids: dict[tuple[str, str], int] = field(default_factory=dict)


class Clash(Exception):  # noqa: N818 - of two records
    """Records that do not go with others of the store: each flaw with the place of its record in its batch."""

    def __init__(self, flaws: Sequence[tuple[int, Flaw]]) -> None:
        super().__init__("; ".join(flaw.detail for _, flaw in flaws))
        self.flaws = flaws


async def store(connection: AsyncConnection, pending: Pending) -> None:
    """Write all of it. Raises Clash where two records state what only one may have, or one comes back to itself."""
    await insert_rows(connection, revisions, pending.revisions)
    await insert_rows(connection, records, pending.records)
    for some in in_chunks(pending.writes, _CHUNK):
        await _store(connection, some, pending.ids)


async def _store(connection: AsyncConnection, writes: Sequence[Write], ids: Ids) -> None:
    left = [_left(write) for write in writes]
    # Made while the database is busy with the rest: an import takes a twelfth less.
    entries = create_task(entries_of(left))
    try:
        await _state(connection, writes, ids)
        await project(connection, left, {slug: id_ for (kind, slug), id_ in ids.items() if kind == "companies"})
        await keep(connection, left, await entries)
    finally:
        entries.cancel()
        # What it says of itself is taken note of, since what went wrong first is told.
        await gather(entries, return_exceptions=True)


async def _state(connection: AsyncConnection, writes: Sequence[Write], ids: Ids) -> None:
    """Write what records state now, in the place of what they stated, and that they changed."""
    await _clear(connection, [write for write in writes if write.action != "created"])
    for resource, those in _by_resource(write for write in writes if write.stated):
        await _insert_state(connection, resource, those, ids)
    await insert_rows(
        connection, versions, [_version(write, write.stated.document) for write in writes if write.stated]
    )
    await insert_rows(connection, changes, [_change(write) for write in writes])


async def _clear(connection: AsyncConnection, writes: Sequence[Write]) -> None:
    """Take the current state of records away, to be stored anew; the lists inside them go with them."""
    if not writes:
        return
    await connection.execute(_UNCITE, {"ids": [write.id for write in writes]})
    for resource, those in _by_resource(writes):
        gone = delete(resource.table).where(any_of(resource.table.c.id, "ids"))
        await connection.execute(gone, {"ids": [write.id for write in those]})
    await connection.execute(_CLOSE, [{"its_id": write.id, "at": write.revision} for write in writes])
    states = [
        {"its_id": write.id, "to": write.version, "gone": write.stated is None, "into": write.into} for write in writes
    ]
    await connection.execute(_UPDATE, states)


async def _insert_state(connection: AsyncConnection, resource: Resource, writes: Sequence[Write], ids: Ids) -> None:
    places = {write.id: write.stated.place for write in writes if write.stated}
    rows, parts = list[Row](), defaultdict[str, list[Row]](list)
    for write in writes:
        if write.stated:
            rows.append({"id": write.id, **row_of(resource, write.stated.record, ids)})
            for name, row in part_rows(resource, write.stated.record, ids):
                parts[name].append({"owner_id": write.id, **row})
    await insert_rows(connection, resource.table, rows)
    if circles := await circular(connection, resource, rows):
        raise Clash([(places[id_], flaw) for id_, flaw in circles])
    for name, part in parts.items():
        if name == "identifiers" and (clashes := await taken(connection, part, places.keys())):
            raise Clash([(places[owner], flaw) for owner, flaw in clashes])
        await insert_rows(connection, resource.parts[name], part)


def _by_resource(writes: Iterable[Write]) -> Iterable[tuple[Resource, list[Write]]]:
    found: dict[Resource, list[Write]] = {}
    for write in writes:
        found.setdefault(write.resource, []).append(write)
    return found.items()


def _version(write: Write, document: str) -> Row:
    return {
        "record_id": write.id,
        "version": write.version,
        "from_revision": write.revision,
        "to_revision": OPEN,
        "document": document,
    }


def _change(write: Write) -> Row:
    return {
        "position": write.position,
        "revision": write.revision,
        "record_id": write.id,
        "version": write.version,
        "action": write.action,
    }


def _left(write: Write) -> Left:
    at, shown = write.recorded_at.date(), write.stated.shown if write.stated else None
    return Left(write.id, write.resource.type, write.slug, write.revision, at, shown, write.action == "created")
