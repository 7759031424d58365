"""How many companies depend on each, counted by the database."""

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    bindparam,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from app.graph.analysis.intervals import Bounds
from app.graph.analysis.rankings import Count
from app.graph.question import EdgeFilter
from app.graph.store.found import Form, form_of, holds, is_possible, values_of
from app.models.edges import edges
from app.models.ledger import records
from app.projection.lifetime import NOT_BINDING
from app.shared.driver import KEPT_STATEMENTS

PARTS: Final = 8
"""How many ranges of ids are counted apart: PostgreSQL gives them to several processes, of which it starts two if it is
not told otherwise. On two cores 4,500,000 edges are counted in 1.5 s instead of 2.2 (docs/performance.md)."""
_NEWEST: Final = select(func.max(edges.c.on_id))


class Counted(NamedTuple):
    """The companies with the most dependents, and how many companies there are of each bounds, those among them."""

    most: dict[str, Count]
    among: dict[Bounds, int]


async def dependents_of_all(connection: AsyncConnection, only: EdgeFilter, limit: int) -> Counted:
    """The companies with the most direct dependents, then by slug: one more than the limit."""
    values = {"newest": await connection.scalar(_NEWEST) or 0, "limit": limit}
    rows = (await connection.execute(most_and_all(form_of(only)), values | values_of(only))).all()
    most = {slug: Count(*counts) for slug, _, *counts in rows if slug is not None}
    return Counted(most, {Bounds(Decimal(low), Decimal(high)): of for slug, of, low, high, *_ in rows if slug is None})


@lru_cache(KEPT_STATEMENTS)
def most_and_all(form: Form) -> Select[Any]:
    """A row for each of the companies with the most dependents, and one without a slug for each bounds that any have.

    The columns are the slug, how many companies a row is of, and the fields of Count.
    """
    counts = counted(form).cte("counts")
    most = _most(counts)
    bounds = counts.c.low, counts.c.high
    alike = select(null(), func.count(), *bounds, literal(0), literal(0)).group_by(*bounds)
    both = union_all(select(*most.c), alike).subquery()
    return select(*both.c)


@lru_cache(KEPT_STATEMENTS)
def counted(form: Form) -> Select[Any]:
    """How many dependents each company has by its id, as the fields of Count: what one index answers.

    ``newest`` is the id up to which the companies are counted in parts of the same width; all after it are in the last.
    """
    dependents = func.count(edges.c.dependent_id.distinct())
    binds = or_(edges.c.stage.is_(None), edges.c.stage.not_in(sorted(NOT_BINDING)))
    certain, binding = not_(is_possible()), dependents.filter(binds)
    counts = select(
        edges.c.on_id,
        dependents.filter(binds, certain).label("low"),
        binding.label("high"),
        (dependents.filter(or_(binds, certain)) - binding).label("planned_low"),
        (dependents - binding).label("planned_high"),
    )
    counts = counts.where(*holds(form)).group_by(edges.c.on_id)
    parts = union_all(*(counts.where(*_in_part(part)) for part in range(PARTS))).subquery()
    return select(*parts.c)


def _most(counts: FromClause) -> FromClause:
    """The companies up to the limit, and one more: of those with as many as the last, the first by their slugs."""
    others, limit = counts.alias(), bindparam("limit", type_=Integer)
    last = select(others.c.low).order_by(others.c.low.desc()).offset(limit).limit(1).scalar_subquery()
    fields = [counts.c[name] for name in Count._fields]
    query = select(records.c.slug, literal(1).label("companies"), *fields).join(counts, counts.c.on_id == records.c.id)
    query = query.where(counts.c.low >= func.coalesce(last, 0)).order_by(counts.c.low.desc(), records.c.slug)
    return query.limit(limit + 1).subquery()


def _in_part(part: int) -> Iterator[ColumnElement[bool]]:
    newest: ColumnElement[int] = bindparam("newest", type_=BigInteger)
    if part > 0:
        yield edges.c.on_id > newest * part // PARTS
    if part < PARTS - 1:
        yield edges.c.on_id <= newest * (part + 1) // PARTS
