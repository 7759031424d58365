"""How many companies depend on each, counted by the database."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Integer, Select, bindparam, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from app.graph.question import EdgeFilter
from app.graph.store.found import Form, form_of, holds, values_of
from app.models.edges import edges
from app.models.ledger import records
from app.shared.driver import KEPT_STATEMENTS

PARTS: Final = 8
"""How many ranges of ids are counted apart: PostgreSQL gives them to several processes, of which it starts two if it is
not told otherwise. On two cores 4,500,000 edges are counted in 1.5 s instead of 2.2 (docs/performance.md)."""
_NEWEST: Final = select(func.max(edges.c.on_id))


async def dependents_of_all(connection: AsyncConnection, only: EdgeFilter, limit: int) -> dict[str, int]:
    """The companies with the most direct dependents, one more than the limit, each with their number."""
    most = counted(form_of(only)).subquery()
    query = select(records.c.slug, most.c.count).join(most, most.c.on_id == records.c.id)
    values = {"newest": await connection.scalar(_NEWEST) or 0, "most": limit + 1}
    rows = await connection.execute(query, values | values_of(only))
    return {slug: count for slug, count in rows}  # noqa: C416 - dict() does not know that a row is a pair


@lru_cache(KEPT_STATEMENTS)
def counted(form: Form) -> Select[Any]:
    """The ids of the companies with the most dependents, each with their number: what one index answers.

    ``newest`` is the id up to which the companies are counted in parts of the same width; all after it are in the last.
    """
    number = func.count(edges.c.dependent_id.distinct()).label("count")
    counts = select(edges.c.on_id, number).where(*holds(form)).group_by(edges.c.on_id)
    all_counts = union_all(*(counts.where(*_in_part(part)) for part in range(PARTS))).subquery()
    most = select(all_counts).order_by(all_counts.c.count.desc(), all_counts.c.on_id)
    return most.limit(bindparam("most", type_=Integer))


def _in_part(part: int) -> Iterator[ColumnElement[bool]]:
    newest: ColumnElement[int] = bindparam("newest", type_=BigInteger)
    if part > 0:
        yield edges.c.on_id > newest * part // PARTS
    if part < PARTS - 1:
        yield edges.c.on_id <= newest * (part + 1) // PARTS
