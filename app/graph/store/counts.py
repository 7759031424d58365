"""How many companies depend on each, counted by the database."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Integer, Select, bindparam, func, not_, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from app.graph.analysis.rankings import Count
from app.graph.question import EdgeFilter
from app.graph.store.found import Form, form_of, holds, is_possible, values_of
from app.models.edges import edges
from app.models.ledger import records
from app.projection.lifetime import NOT_BINDING
from app.shared.driver import KEPT_STATEMENTS

PARTS: Final = 8
"""How many ranges of ids are counted apart: PostgreSQL gives them to several processes, of which it starts two if it is
not told otherwise. On two cores 4,500,000 edges are counted in 1.5 to 1.7 s so (docs/performance.md)."""
MOST: Final = 2_000
"""How many companies are looked at: more than a ranking shows, so that it knows who may be before whom."""
_NEWEST: Final = select(func.max(edges.c.on_id))


async def dependents_of_all(
    connection: AsyncConnection, only: EdgeFilter, most: int = MOST
) -> tuple[dict[str, Count], bool]:
    """The companies with the most direct dependents, by slug, and whether there may be others.

    No other may have more than any of them certainly has; of equals those recorded first are there. What is only
    intended or rumoured may come to nothing.
    """
    counts = counted(form_of(only)).subquery()
    fields = (counts.c.low, counts.c.high, counts.c.all)
    query = select(records.c.slug, *fields).join(counts, counts.c.on_id == records.c.id)
    newest = await connection.scalar(_NEWEST) or 0
    rows = (await connection.execute(query, {**values_of(only), "newest": newest, "most": most})).all()
    cut = len(rows) == most
    enough = min(row.high for row in rows) if cut else 0
    return {slug: Count(low, high, 0, every - high) for slug, low, high, every in rows if low >= enough}, cut


@lru_cache(KEPT_STATEMENTS)
def counted(form: Form) -> Select[Any]:
    """The ids of the companies that may have the most dependents, with their numbers: what one index answers.

    ``low`` of them hold for certain, ``high`` may; ``all`` are there with those that are only intended or rumoured.
    ``newest`` is the id up to which the companies are counted in parts of the same width; all after it are in the last.
    """
    dependents = func.count(edges.c.dependent_id.distinct())
    binds = or_(edges.c.stage.is_(None), edges.c.stage.not_in(sorted(NOT_BINDING)))
    low, high = dependents.filter(binds, not_(is_possible())), dependents.filter(binds)
    counts = select(edges.c.on_id, low.label("low"), high.label("high"), dependents.label("all"))
    counts = counts.where(*holds(form)).group_by(edges.c.on_id)
    parts = union_all(*(counts.where(*_in_part(part)) for part in range(PARTS))).subquery()
    return select(parts).order_by(parts.c.high.desc(), parts.c.on_id).limit(bindparam("most", type_=Integer))


def _in_part(part: int) -> Iterator[ColumnElement[bool]]:
    newest: ColumnElement[int] = bindparam("newest", type_=BigInteger)
    if part > 0:
        yield edges.c.on_id > newest * part // PARTS
    if part < PARTS - 1:
        yield edges.c.on_id <= newest * (part + 1) // PARTS
