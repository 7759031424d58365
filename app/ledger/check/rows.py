"""Holds the typed tables against the documents of the current versions, a few hundred records at a time."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.check.finding import Finding, broken, named, of
from app.ledger.references import resolve
from app.ledger.resource import Resource
from app.ledger.rows import Row, mentions, part_rows, row_of
from app.ledger.schemas import Record
from app.models.ledger import OPEN, records, versions
from app.shared.json import loads_own

_CHUNK: Final = 500
Place = tuple[str, int, int]
"""Where a row belongs: the field that it is part of ("" for the record's own row), its record, its position."""


async def of_typed_tables(connection: AsyncConnection, resource: Resource) -> list[Finding]:
    """What is wrong with the tables of a resource."""
    table = resource.table
    joined = select(table.c.slug).select_from(table.outerjoin(records, records.c.id == table.c.id))
    other = or_(records.c.type != resource.type, records.c.slug != table.c.slug, records.c.retracted)
    strangers = joined.where(or_(records.c.id.is_(None), other))
    current = records.c.type == resource.type, ~records.c.retracted
    absent = select(records.c.slug).select_from(records.outerjoin(table, records.c.id == table.c.id))
    different = named()
    async for slug in _different(connection, resource):
        different.add([slug])
    return [
        *await broken(connection, f"rows of {table.name} that belong to no current record", strangers),
        *await broken(connection, f"{resource.type} with no row", absent.where(*current, table.c.id.is_(None))),
        *of(f"{resource.type} whose rows say something else than their document", different),
    ]


async def _different(connection: AsyncConnection, resource: Resource) -> AsyncIterator[str]:
    """The slugs of the records whose rows are not those that their documents make."""
    last = 0
    while rows := (await connection.execute(_current(resource, last))).all():
        last = rows[-1].id
        stated = {id_: _read(resource, document) for id_, _, document in rows}
        wanted = await _wanted(connection, resource, {id_: record for id_, record in stated.items() if record})
        kept = await _kept(connection, resource, [row.id for row in rows])
        for id_, slug, _ in rows:
            if stated[id_] is None or not _same(wanted.get(id_), kept.get(id_, {})):
                yield slug


def _current(resource: Resource, after: int) -> Select[Any]:
    query = select(records.c.id, records.c.slug, versions.c.document).join(
        versions, (versions.c.record_id == records.c.id) & (versions.c.to_revision == OPEN)
    )
    return query.where(records.c.type == resource.type, records.c.id > after).order_by(records.c.id).limit(_CHUNK)


def _read(resource: Resource, document: str) -> Record | None:
    try:
        return resource.schema.model_validate(loads_own(document))
    except ValidationError:
        return None


async def _wanted(
    connection: AsyncConnection, resource: Resource, stated: Mapping[int, Record]
) -> dict[int, dict[Place, Row]]:
    """The rows that records make, by the record; without a record that refers to what is not there."""
    targets = {id_: {mention.target for mention in mentions(resource, one)} for id_, one in stated.items()}
    ids = await resolve(connection, set().union(*targets.values()))
    wanted: dict[int, dict[Place, Row]] = {}
    for id_, record in stated.items():
        if targets[id_] <= ids.keys():
            parts = part_rows(resource, record, ids)
            wanted[id_] = {("", id_, 0): row_of(resource, record, ids)} | {
                (name, id_, row["position"]): row for name, row in parts
            }
    return wanted


async def _kept(connection: AsyncConnection, resource: Resource, ids: list[int]) -> dict[int, dict[Place, Row]]:
    """The rows that the tables hold of records, by the record."""
    kept: dict[int, dict[Place, Row]] = {}
    for name, query in _tables(resource, ids):
        for row in (await connection.execute(query)).mappings():
            owner, position = (row["owner_id"], row["position"]) if name else (row["id"], 0)
            kept.setdefault(owner, {})[name, owner, position] = dict(row)
    return kept


def _tables(resource: Resource, ids: list[int]) -> Iterator[tuple[str, Select[Any]]]:
    yield "", select(resource.table).where(resource.table.c.id.in_(ids))
    for name, part in resource.parts.items():
        yield name, select(part).where(part.c.owner_id.in_(ids))


def _same(wanted: Mapping[Place, Row] | None, kept: Mapping[Place, Row]) -> bool:
    """Whether the same rows are there, and each says what it should; a table may hold more than a document says."""
    if wanted is None or wanted.keys() != kept.keys():
        return False
    return all(kept[place][name] == value for place, row in wanted.items() for name, value in row.items())
