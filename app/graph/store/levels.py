"""Who is how near: the levels of a breadth-first search as one statement, each capped before the next is made."""

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import CTE, ColumnElement, Select, func, literal, select, true, union, union_all

from app.graph.question import EdgeFilter
from app.graph.store.found import holds
from app.models.edges import edges

Way = Literal["depends_on", "depended_on_by", "value"]
"""Which way edges are followed: to what a company depends on, to who depends on it, or the way that value goes."""

Arc = tuple[ColumnElement[int], ColumnElement[int], ColumnElement[bool]]


def levels_from(root: int, way: Way, depth: int, *, only: EdgeFilter, cap: int, lateral: bool) -> list[CTE]:  # noqa: PLR0913 - a search and its bounds
    """A subquery of ids for each depth from 0; a company stands in the first level that reaches it.

    ``lateral``: read each company of a level no further than the cap, where the database can: a hub has 100,000
    neighbours. Where the cap cuts, those that were recorded first are kept.
    """
    levels = [select(literal(root).label("id")).cte()]
    for _ in range(depth):
        step = _step_lateral if lateral else _step
        levels.append(step(levels, way, only, cap).cte())
    return levels


def closest(searches: Sequence[Sequence[CTE]], cap: int) -> CTE:
    """The companies of some searches with their least depths, the closest first, at most ``cap`` of them."""
    reached = union_all(
        *(
            select(level.c.id, literal(depth).label("depth"))
            for levels in searches
            for depth, level in enumerate(levels)
        )
    ).subquery()
    if len(searches) > 1:
        reached = select(reached.c.id, func.min(reached.c.depth).label("depth")).group_by(reached.c.id).subquery()
    return select(reached.c.id, reached.c.depth).order_by(reached.c.depth, reached.c.id).limit(cap).cte()


def _arcs(way: Way) -> list[Arc]:
    """How edges are followed: from which end, to which end, and which edges."""
    dependent, on = edges.c.dependent_id, edges.c.on_id
    match way:
        case "depends_on":
            return [(dependent, on, true())]
        case "depended_on_by":
            return [(on, dependent, true())]
        case "value":
            return [(dependent, on, edges.c.flow == "along"), (on, dependent, edges.c.flow == "against")]


def _step(levels: Sequence[CTE], way: Way, only: EdgeFilter, cap: int) -> Select[int]:
    """The next level: the other ends of the edges that leave the last one, but for companies that were met before."""
    last = levels[-1]
    arcs = [
        select(far.label("id")).select_from(last.join(edges, near == last.c.id)).where(which, *_new(levels, far, only))
        for near, far, which in _arcs(way)
    ]
    return _capped(arcs, _room(levels, cap))


def _step_lateral(levels: Sequence[CTE], way: Way, only: EdgeFilter, cap: int) -> Select[int]:
    last = levels[-1]
    arcs = []
    for near, far, which in _arcs(way):
        found = select(far.label("id")).distinct().where(near == last.c.id, which, *_new(levels, far, only))
        one = found.order_by(far).limit(_room(levels, cap)).lateral()
        arcs.append(select(one.c.id).select_from(last.join(one, true())))
    return _capped(arcs, _room(levels, cap))


def _room(levels: Sequence[CTE], cap: int) -> ColumnElement[int]:
    """How many companies may still come: none once the cap is met, so that nothing further away is read at all."""
    room: ColumnElement[int] = literal(cap)
    for level in levels:
        room -= select(func.count()).select_from(level).correlate(None).scalar_subquery()
    return room


def _capped(arcs: Sequence[Select[int]], cap: ColumnElement[int]) -> Select[int]:
    found = union(*arcs).subquery() if len(arcs) > 1 else arcs[0].distinct().subquery()
    return select(found.c.id).order_by(found.c.id).limit(cap)


def _new(levels: Sequence[CTE], company: ColumnElement[int], only: EdgeFilter) -> list[ColumnElement[bool]]:
    unmet = [company.not_in(select(level.c.id).correlate(None)) for level in levels]
    return [holds(only), *unmet]
