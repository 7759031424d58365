"""How many companies depend on each, counted by the database."""

from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.graph.question import EdgeFilter
from app.graph.store.found import Form, form_of, holds, values_of
from app.models.edges import edges
from app.models.ledger import records


async def dependents_of_all(connection: AsyncConnection, only: EdgeFilter, limit: int) -> dict[str, int]:
    """The companies with the most direct dependents, one more than the limit, each with their number."""
    most = counted(form_of(only)).subquery()
    query = select(records.c.slug, most.c.count).join(most, most.c.on_id == records.c.id)
    rows = await connection.execute(query, {**values_of(only), "most": limit + 1})
    return {slug: count for slug, count in rows}  # noqa: C416 - dict() does not know that a row is a pair


@cache
def counted(form: Form) -> Select[Any]:
    """The ids of the companies with the most dependents, each with their number: what one index answers."""
    count = func.count(edges.c.dependent_id.distinct()).label("count")
    counts = select(edges.c.on_id, count).where(*holds(form)).group_by(edges.c.on_id)
    return counts.order_by(count.desc(), edges.c.on_id).limit(bindparam("most", type_=Integer))
