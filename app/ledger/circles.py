"""Records that would come back to themselves: a company that owns its owner, a contract that amends what amends it."""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import Column, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.resource import Resource
from app.ledger.rows import Row
from app.shared.among import any_of
from app.shared.errors import Flaw


async def circular(connection: AsyncConnection, resource: Resource, rows: Sequence[Row]) -> list[tuple[int, Flaw]]:
    """The rows, which stand in the table of the resource, that come back to themselves by one field: id and flaw."""
    found = list[tuple[int, Flaw]]()
    for shape in resource.referring:
        if shape.refers_to != resource.type or shape.is_list:
            continue
        column = resource.table.c[f"{shape.name}_id"]
        ids = [row["id"] for row in rows if row[column.name] is not None]
        if ids:
            back = await connection.execute(_coming_back(resource, column), {"ids": ids})
            found += [(id_, _flaw(shape.name, slug)) for id_, slug in back]
    return found


@cache
def _coming_back(resource: Resource, column: Column[int]) -> Select[int, str]:
    """Who of ``ids`` is reached again by following a column; a record that is reached twice is followed once."""
    its = resource.table.c
    steps = select(its.id.label("start"), column.label("at")).where(any_of(its.id, "ids")).cte("steps", recursive=True)
    onward = select(steps.c.start, column).join(resource.table, its.id == steps.c.at).where(column.is_not(None))
    steps = steps.union(onward)
    return select(its.id, its.slug).join(steps, (steps.c.start == its.id) & (steps.c.at == its.id)).order_by(its.id)


def _flaw(field: str, slug: str) -> Flaw:
    return Flaw(f"by its {field}, {slug!r} would come back to itself", pointer=f"/{field}")
