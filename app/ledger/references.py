"""What records refer to, and who refers to them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.nearest import never_was, suggestions
from app.ledger.resource import Resource
from app.ledger.rows import Ids, Mention, Target, by_type
from app.models import metadata
from app.models.ledger import records
from app.shared.among import any_of
from app.shared.chunks import in_chunks
from app.shared.errors import Flaw

_CHUNK = 1_000
_IDS = select(records.c.slug, records.c.id).where(
    records.c.type == bindparam("type"), records.c.retracted.is_(False), any_of(records.c.slug, "slugs")
)
_GONE = select(records.c.slug, records.c.merged_into_id).where(
    records.c.type == bindparam("type"), records.c.retracted.is_(True), any_of(records.c.slug, "slugs")
)


class Referrer(NamedTuple):
    """A current record that names another."""

    id: int
    type: str
    slug: str


async def resolve(connection: AsyncConnection, targets: Iterable[Target]) -> Ids:
    """The ids of the records that ``targets`` name, without those that do not exist or were retracted."""
    found: dict[Target, int] = {}
    for kind, slugs in by_type(targets):
        for some in in_chunks(slugs, _CHUNK):
            rows = await connection.execute(_IDS, {"type": kind, "slugs": some})
            found |= {(kind, slug): id_ for slug, id_ in rows}
    return found


async def unknown_targets(
    connection: AsyncConnection, missing: Sequence[tuple[int, Mention]]
) -> list[tuple[int, Flaw]]:
    """A flaw for each mention of what does not exist: what became of it, or the nearest slug that does."""
    targets = dict.fromkeys(mention.target for _, mention in missing)
    flaws = await gone(connection, targets)
    never = [target for target in targets if target not in flaws]
    meant = await suggestions(connection, never)
    flaws |= {target: never_was(target, meant.get(target)) for target in never}
    return [(place, replace(flaws[mention.target], pointer=mention.pointer)) for place, mention in missing]


async def gone(connection: AsyncConnection, targets: Iterable[Target]) -> dict[Target, Flaw]:
    """What became of those of the targets that were there once: a flaw without its place for each."""
    found: dict[Target, Flaw] = {}
    for kind, slugs in by_type(targets):
        for some in in_chunks(slugs, _CHUNK):
            rows = (await connection.execute(_GONE, {"type": kind, "slugs": some})).all()
            ends = await ends_of(connection, [slug for slug, into in rows if into is not None])
            found |= {(kind, slug): _gone(slug, ends.get(slug)) for slug, _ in rows}
    return found


def _gone(slug: str, into: str | None) -> Flaw:
    return Flaw(f"{slug!r} was merged into {into!r}" if into else f"{slug!r} was retracted", suggestion=into)


async def referrers(connection: AsyncConnection, resource: Resource, id_: int) -> list[Referrer]:
    """The current records that name a record, each once, by type and slug."""
    found = set[Referrer]()
    for query in _naming(resource, id_):
        found |= {Referrer(*row) for row in await connection.execute(query)}
    return sorted((one for one in found if one.id != id_), key=lambda one: (one.type, one.slug))


async def into_of(connection: AsyncConnection, slugs: Sequence[str]) -> dict[str, str]:
    """For each of the companies that was merged into another, the slug of that."""
    other, found = records.alias(), dict[str, str]()
    query = select(records.c.slug, other.c.slug).join(other, other.c.id == records.c.merged_into_id)
    for some in in_chunks(slugs, _CHUNK):
        rows = await connection.execute(query.where(records.c.type == "companies", records.c.slug.in_(some)))
        found |= dict(rows.all())
    return found


async def ends_of(connection: AsyncConnection, slugs: Sequence[str]) -> dict[str, str]:
    """The same over chains of merges: the company at the end of each."""
    found = await into_of(connection, slugs)
    while further := await into_of(connection, list(found.values())):
        found = {slug: further.get(into, into) for slug, into in found.items()}
    return found


def _naming(resource: Resource, id_: int) -> list[Select[int, str, str]]:
    """A query for each column of any table that refers to the resource, for the owners of its rows."""
    queries = []
    for table in metadata.tables.values():
        owner = table.c.get("owner_id", table.c.get("id"))
        for key in table.foreign_keys:
            if key.column is resource.table.c.id and key.parent is not owner and owner is not None:
                query = select(records.c.id, records.c.type, records.c.slug).join(table, owner == records.c.id)
                queries.append(query.where(key.parent == id_))
    return queries
