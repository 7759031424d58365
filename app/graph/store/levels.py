"""Who is how near: the levels of a breadth-first search as one statement, each capped before the next is made."""

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    bindparam,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
    true,
    union,
    union_all,
)

from app.graph.store.found import Form, holds
from app.models.edges import edges

NODE_CAP = bindparam("node_cap", type_=Integer)
"""How many companies a search finds at most: one more than an answer may hold, so that a cut shows."""

Way = Literal["depends_on", "depended_on_by", "value"]
"""Which way edges are followed: to what a company depends on, to who depends on it, or the way that value goes."""

Arc = tuple[ColumnElement[int], ColumnElement[int], ColumnElement[bool]]


def bound(root: str) -> Select[int]:
    """The company to start from, by the name of its bound id."""
    return select(bindparam(root, type_=BigInteger).label("id"))


def levels_from(  # noqa: PLR0913 - where to start, how to go, and how far
    start: Select[int], way: Way, depth: int, *, form: Form, lateral: bool, cap: ColumnElement[int] = NODE_CAP
) -> list[Select[Any]]:
    """Selects of who is at most ``depth`` hops from a company: by id, with the depth.

    ``start`` gives the id of the company. ``lateral``: the database reads each company of a level no
    further than the ``cap``: a hub has 100,000 neighbours. Where the cap cuts, those recorded first are kept.
    """
    if not lateral:
        return [_walked(start, way, depth, form)]
    levels = [start.cte()]
    for _ in range(depth):
        levels.append(_step(levels, way, form, cap).cte())
    return [select(level.c.id, literal(number).label("depth")) for number, level in enumerate(levels)]


def closest(levels: Sequence[Select[Any]]) -> CTE:
    """The companies of a search with their ``depth``, the closest first, at most as many as the cap."""
    found = union_all(*levels).subquery()
    return select(found.c.id, found.c.depth).order_by(found.c.depth, found.c.id).limit(NODE_CAP).cte()


def _walked(start: Select[int], way: Way, depth: int, form: Form) -> Select[Any]:
    """The search as SQLite can do it: a recursive query whose ORDER BY makes it go breadth first.

    SQLite copies a subquery wherever it is named, so levels that name all those before them would take seconds to plan.
    A company is met once at each depth that some way to it has, so this many rows hold as many companies as the cap.
    """
    met = table(f"met_{way}", column("id", BigInteger), column("depth", Integer))
    first = start.add_columns(literal(0).label("depth"))
    steps = [
        select(far, met.c.depth + 1)
        .select_from(met.join(edges, near == met.c.id))
        .where(met.c.depth < depth, which, *holds(form))
        for near, far, which in _arcs(way)
    ]
    breadth_first = union(first, *steps).order_by(column("depth"), column("id")).limit(NODE_CAP * (depth + 1))
    walk = breadth_first.cte(met.name, recursive=True)
    return select(walk.c.id, func.min(walk.c.depth).label("depth")).group_by(walk.c.id)


def _arcs(way: Way) -> list[Arc]:
    """How edges are followed: from which end, to which end, and which edges."""
    dependent, on = edges.c.dependent_id, edges.c.on_id
    match way:
        case "depends_on":
            return [(dependent, on, true())]
        case "depended_on_by":
            return [(on, dependent, true())]
        case "value":
            # Spelt out, so that whatever the other values are the index of that flow has all that is sought.
            along, against = (edges.c.flow == literal_column(f"'{flow}'") for flow in ("along", "against"))
            return [(dependent, on, along), (on, dependent, against)]


def _step(levels: Sequence[CTE], way: Way, form: Form, cap: ColumnElement[int]) -> Select[int]:
    """The next level: the other ends of the edges that leave the last one, but for companies that were met before."""
    last = levels[-1]
    arcs = []
    for near, far, which in _arcs(way):
        found = select(far.label("id")).distinct().where(near == last.c.id, which, *_new(levels, far, form))
        one = found.order_by(far).limit(_room(levels, cap)).lateral()
        arcs.append(select(one.c.id).select_from(last.join(one, true())))
    return _capped(arcs, _room(levels, cap))


def _room(levels: Sequence[CTE], cap: ColumnElement[int]) -> ColumnElement[int]:
    """How many companies may still come: none once the cap is met, so that nothing further away is read at all."""
    room = cap
    for level in levels:
        room -= select(func.count()).select_from(level).correlate(None).scalar_subquery()
    return room


def _capped(arcs: Sequence[Select[int]], cap: ColumnElement[int]) -> Select[int]:
    found = union(*arcs).subquery() if len(arcs) > 1 else arcs[0].distinct().subquery()
    return select(found.c.id).order_by(found.c.id).limit(cap)


def _new(levels: Sequence[CTE], company: ColumnElement[int], form: Form) -> list[ColumnElement[bool]]:
    unmet = [company.not_in(select(level.c.id).correlate(None)) for level in levels]
    return [*holds(form), *unmet]
