"""Values that only one record may have, such as the identifier of a company in a public scheme."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, UniqueConstraint, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.resource import Resource
from app.ledger.rows import Row
from app.shared.chunks import in_chunks
from app.shared.errors import Flaw

_CHUNK = 1_000

Key = tuple[Any, ...]


async def taken(
    connection: AsyncConnection, resource: Resource, name: str, rows: Sequence[Row]
) -> list[tuple[int, Flaw]]:
    """The rows of the list ``name`` whose values another record has, in the store or among them: owner and flaw."""
    part, found = resource.parts[name], []
    for columns in _unique(part):
        keys = [tuple(row[column] for column in columns) for row in rows]
        holders = await _holders(connection, resource.table, part, columns, keys)
        for row, key in zip(rows, keys, strict=True):
            if key in holders:
                flaw = Flaw(
                    f"{' '.join(map(str, key))} belongs to {holders[key]}", pointer=f"/{name}/{row['position']}"
                )
                found.append((row["owner_id"], flaw))
            holders.setdefault(key, "another record of the same import")
    return found


def _unique(part: Table) -> list[tuple[str, ...]]:
    constraints = [one for one in part.constraints if isinstance(one, UniqueConstraint)]
    return [tuple(column.name for column in one.columns) for one in constraints]


async def _holders(
    connection: AsyncConnection, table: Table, part: Table, names: Sequence[str], keys: Sequence[Key]
) -> dict[Key, str]:
    columns = [part.c[name] for name in names]
    query = select(table.c.slug, *columns).join(part, part.c.owner_id == table.c.id)
    found: dict[Key, str] = {}
    for some in in_chunks(keys, _CHUNK):
        rows = await connection.execute(query.where(tuple_(*columns).in_(some)))
        found |= {tuple(key): repr(slug) for slug, *key in rows}
    return found
