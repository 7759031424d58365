"""Keeps what is searched: in the transaction of a write, the entries of every record that the write changed."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, delete, exists, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models.ledger import OPEN, records, store, versions
from app.models.search import name_keys, search_entries
from app.projection.edges import Left
from app.projection.searched import entry
from app.shared.among import any_of
from app.shared.bulk import insert_rows
from app.shared.chunks import with_pauses
from app.shared.json import loads_own

CHUNK: Final = 1_000
_STATED: Final = (
    select(records.c.id, records.c.type, versions.c.document)
    .join(versions, versions.c.record_id == records.c.id)
    .where(versions.c.to_revision == OPEN, any_of(records.c.id, "ids"))
)
_NO_ENTRIES: Final = delete(search_entries).where(any_of(search_entries.c.record_id, "ids"))
_NO_NAMES: Final = delete(name_keys).where(any_of(name_keys.c.company_id, "ids"))
_CURRENT: Final = (
    select(versions.c.record_id)
    .where(versions.c.to_revision == OPEN, versions.c.record_id > bindparam("after"))
    .order_by(versions.c.record_id)
    .limit(CHUNK)
)
_LOCK: Final = select(store.c.revision).with_for_update()
_UNFILLED: Final = select(exists(select(versions.c.record_id)) & ~exists(select(search_entries.c.record_id)))

_ENTERED: Final = tuple(search_entries.columns.keys())
# For all at once, which takes 22 µs a row; one after the other 33. The driver cannot write a tsvector for COPY.
_ENTER: Final = text(
    "INSERT INTO search_entries (record_id, type, words, digest, title, content) "
    "SELECT record_id, type, words, digest, CAST(title AS tsvector), CAST(content AS tsvector) "
    "FROM unnest(CAST(:record_id AS bigint[]), CAST(:type AS text[]), CAST(:words AS integer[]), "
    "CAST(:digest AS bigint[]), CAST(:title AS text[]), CAST(:content AS text[])) "
    "AS said (record_id, type, words, digest, title, content)"
)


class Entries(NamedTuple):
    """The rows of ``search_entries`` for some records, and those of ``name_keys`` for the companies among them."""

    rows: list[dict[str, Any]]
    names: list[dict[str, Any]]

    def add(self, stated: Iterable[tuple[int, str, Mapping[str, Any]]]) -> None:
        """Make those of records, by their ids, types and documents."""
        for id_, kind, document in stated:
            row, names = entry(id_, kind, document)
            self.rows.append(row)
            self.names.extend(names)


async def entries_of(changed: Sequence[Left]) -> Entries:
    """The entries of records as a write leaves them, made with pauses."""
    made = Entries([], [])
    async for some in with_pauses(changed):
        made.add((one.id, one.type, one.document) for one in some if one.document is not None)
    return made


async def keep(connection: AsyncConnection, changed: Sequence[Left], entries: Entries) -> None:
    """Put the entries of records in the place of those that they had; those of records that are gone go too."""
    before = [one for one in changed if not one.new]
    if before:
        await connection.execute(_NO_ENTRIES, {"ids": [one.id for one in before]})
    if companies := [one.id for one in before if one.type == "companies"]:
        await connection.execute(_NO_NAMES, {"ids": companies})
    await _enter(connection, entries)


async def rebuild(connection: AsyncConnection) -> int:
    """Make all entries anew, a thousand records at a time; return how many there are. Writers wait meanwhile."""
    await connection.execute(_LOCK)
    await connection.execute(delete(search_entries))
    await connection.execute(delete(name_keys))
    number = 0
    async for ids in current_ids(connection):
        rows = await connection.execute(_STATED, {"ids": ids})
        entries = Entries([], [])
        entries.add((id_, kind, loads_own(text)) for id_, kind, text in rows)
        await _enter(connection, entries)
        number += len(ids)
    return number


async def fill(connection: AsyncConnection) -> int:
    """Make the entries of a store that holds records and none: one of before there was a search. Return how many."""
    await connection.execute(_LOCK)
    return await rebuild(connection) if await connection.scalar(_UNFILLED) else 0


async def current_ids(connection: AsyncConnection) -> AsyncIterator[Sequence[int]]:
    """The ids of all current records in their order, a thousand at a time."""
    last = 0
    while ids := (await connection.scalars(_CURRENT, {"after": last})).all():
        yield ids
        last = ids[-1]


async def _enter(connection: AsyncConnection, entries: Entries) -> None:
    if entries.rows:
        await _insert_entries(connection, entries.rows)
    await insert_rows(connection, name_keys, entries.names)


async def _insert_entries(connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    if connection.dialect.name == "postgresql":
        await connection.execute(_ENTER, {name: [row[name] for row in rows] for name in _ENTERED})
    else:
        await connection.execute(insert(search_entries), list(rows))
