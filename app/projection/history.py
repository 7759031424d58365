"""Reads the history of the records a part at a time, each part with all that the edges of its records hang on.

The edges of a record follow from what it said, from when its sources were published, and from the next observation of
the same thing, which may hang on its sources too. So a replay of its own changes and of theirs makes its edges; nothing
else of the store is needed.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, bindparam, func, literal, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models.ledger import OPEN, records, revisions, versions
from app.projection.observations import series_of
from app.projection.replay import Change
from app.shared.among import any_of
from app.shared.json import loads_own

CHUNK: Final = 1_000
Key = tuple[str, Hashable]


@dataclass(frozen=True, slots=True)
class Part:
    """The records whose ids lie in a range, both ends included; their changes and those beside, by revision."""

    first: int
    last: int
    changes: Sequence[Change]


@dataclass
class _Observations:
    """Which records are ever observations of a thing: all that is kept of the store from one part to the next."""

    of: dict[Key, set[int]] = field(default_factory=lambda: defaultdict(set))
    slugs: dict[int, str] = field(default_factory=dict)

    def add(self, record_id: int, kind: str, document: dict[str, Any]) -> None:
        if key := _observing(kind, document):
            self.of[key].add(record_id)
            self.slugs[record_id] = document["slug"]

    def beside(self, changes: Iterable[Change]) -> Iterator[int]:
        for change in changes:
            if change.type == "fleets":
                yield from self._later(change.slug)
            elif change.document and (series := series_of(change.type, change.document)):
                yield from self.of.get(("series", series), ())

    def _later(self, fleet: str) -> set[int]:
        """The fleets that ever superseded one, those that superseded them, and so on."""
        found, ahead = set[int](), [fleet]
        while ahead:
            new = self.of.get(("supersedes", ahead.pop()), set()) - found
            found |= new
            ahead += [self.slugs[id_] for id_ in new]
        return found


def _changes(condition: ColumnElement[bool]) -> Select[Any]:
    """Every version as it opened, and every version that closed with none after it: a retraction."""
    later = versions.alias()
    followed = select(literal(1)).where(
        later.c.record_id == versions.c.record_id, later.c.from_revision == versions.c.to_revision
    )
    opened = select(versions.c.record_id, versions.c.from_revision.label("revision"), versions.c.document)
    closed = select(versions.c.record_id, versions.c.to_revision, null()).where(
        versions.c.to_revision != OPEN, ~followed.exists()
    )
    changes = union_all(opened.where(condition), closed.where(condition)).subquery()
    shown = changes.c.revision, revisions.c.recorded_at, records.c.id, records.c.type, records.c.slug
    return (
        select(*shown, changes.c.document)
        .join(records, records.c.id == changes.c.record_id)
        .join(revisions, revisions.c.revision == changes.c.revision)
    )


_BETWEEN: Final = _changes(versions.c.record_id.between(bindparam("first"), bindparam("last")))
_OF: Final = _changes(any_of(versions.c.record_id, "ids"))
_IDS: Final = select(records.c.id).where(records.c.id > bindparam("after")).order_by(records.c.id)
_LAST: Final = select(func.max(_IDS.limit(bindparam("at_once")).subquery().c.id))
_OBSERVED: Final = (
    select(versions.c.record_id, records.c.type, versions.c.document)
    .join(records, records.c.id == versions.c.record_id)
    .where(
        versions.c.record_id.between(bindparam("first"), bindparam("last")), records.c.type.in_(("fleets", "metrics"))
    )
)
_SOURCES: Final = select(records.c.id).where(records.c.type == "sources", any_of(records.c.slug, "slugs"))


async def parts(connection: AsyncConnection, at_once: int = CHUNK) -> AsyncIterator[Part]:
    """The whole history, so many records at once. All statements have to see the same state of the store."""
    observations = await _observations(connection)
    async for first, last in _ranges(connection, at_once):
        own = await _read(connection, _BETWEEN, {"first": first, "last": last})
        read = [*own, *await _others(connection, first, last, observations.beside(own))]
        read += await _others(connection, first, last, await _cited(connection, read))
        yield Part(first, last, sorted(read, key=lambda change: (change.revision, change.record_id)))


async def _others(connection: AsyncConnection, first: int, last: int, ids: Iterable[int]) -> list[Change]:
    """The changes of records beside those of a range."""
    beside = sorted({id_ for id_ in ids if not first <= id_ <= last})
    return await _read(connection, _OF, {"ids": beside}) if beside else []


async def _ranges(connection: AsyncConnection, at_once: int) -> AsyncIterator[tuple[int, int]]:
    """Ranges of ids that hold so many records, both ends included."""
    after = 0
    while (last := await connection.scalar(_LAST, {"after": after, "at_once": at_once})) is not None:
        yield after + 1, last
        after = last


async def _observations(connection: AsyncConnection) -> _Observations:
    found = _Observations()
    async for first, last in _ranges(connection, CHUNK):
        for id_, kind, text in await connection.execute(_OBSERVED, {"first": first, "last": last}):
            found.add(id_, kind, loads_own(text))
    return found


def _observing(kind: str, document: dict[str, Any]) -> Key | None:
    if kind == "fleets":
        return ("supersedes", document["supersedes"]) if document["supersedes"] else None
    series = series_of(kind, document)
    return ("series", series) if series else None


async def _cited(connection: AsyncConnection, changes: Iterable[Change]) -> Sequence[int]:
    slugs = {one["source"] for change in changes for one in (change.document or {}).get("citations", ())}
    return (await connection.scalars(_SOURCES, {"slugs": sorted(slugs)})).all() if slugs else ()


async def _read(connection: AsyncConnection, query: Select[Any], values: dict[str, Any]) -> list[Change]:
    return [_change(*row) for row in await connection.execute(query, values)]


def _change(revision: int, at: datetime, record_id: int, kind: str, slug: str, text: str | None) -> Change:  # noqa: PLR0913, PLR0917 - a row
    return Change(revision, at.date(), record_id, kind, slug, loads_own(text) if text else None)
