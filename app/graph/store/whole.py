"""Edges by the company or record that they belong to, and all of them."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import product
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from app.graph.question import EdgeFilter, Limits
from app.graph.store.found import EDGE_CAP, Form, Found, StoredEdge, edge_rows, find, form_of, holds, packed_edges
from app.graph.store.root import Root
from app.models.edges import edges
from app.shared.driver import KEPT_STATEMENTS

_ENDS = (edges.c.dependent_id, edges.c.on_id)
_ORDER = (*_ENDS, edges.c.kind, edges.c.record_id)


async def touching(connection: AsyncConnection, roots: Sequence[Root], *, only: EdgeFilter, limits: Limits) -> Found:
    """The edges that leave or reach one of some companies: where the limit cuts, all with the same other companies."""
    ids = {root.id for root in roots}

    def other_end(edge: StoredEdge) -> int:
        return max({edge.dependent_id, edge.on_id} - ids, default=0)

    values = _cap(limits) | {_root(number): id_ for number, id_ in enumerate(sorted(ids))}
    beside = {root.id: root.node for root in roots}
    found = await find(connection, touching_statement(form_of(only), len(ids)), values, only, beside=beside)
    return found.of_whole(other_end)


async def of_same_records(connection: AsyncConnection, root: Root, *, only: EdgeFilter, limits: Limits) -> Found:
    """The edges that touch a company, and all others of the same records: of whole records where the limit cuts."""
    values = _cap(limits) | {"root": root.id}
    found = await find(connection, _of_same_records(form_of(only)), values, only, beside={root.id: root.node})
    return found.of_whole(lambda edge: (edge.record_type, edge.record_slug))


async def every_edge(connection: AsyncConnection, *, only: EdgeFilter, limits: Limits) -> Found:
    """All edges of the store: where the limit cuts, all that some companies depend on."""
    found = await find(connection, _every_edge(form_of(only)), _cap(limits), only, beside={})
    return found.of_whole(lambda edge: edge.dependent_id)


@lru_cache(KEPT_STATEMENTS)
def touching_statement(form: Form, number: int) -> Select[Any]:
    """The statement of ``touching`` for so many companies: the edges between them, then by the id of the other company.

    Each side of each company is read no further than the limit, in the order of an index: to read and to sort all edges
    of two hubs, 300,000, took more than 2 s.
    """
    some = [bindparam(_root(one), type_=BigInteger) for one in range(number)]
    inside = edge_rows(edges, form).add_columns(literal(0).label("other"))
    parts = [inside.where(edges.c.dependent_id.in_(some), edges.c.on_id.in_(some))]
    for root, (near, far) in product(some, (_ENDS, _ENDS[::-1])):
        side = edge_rows(edges, form).add_columns(far.label("other")).where(near == root, far.not_in(some))
        parts.append(side.order_by(far))
    found = union_all(*(part.subquery().select() for part in parts)).subquery()
    rows = select(*(found.c[name] for name in StoredEdge._fields))
    return packed_edges(rows.order_by(found.c.other).limit(EDGE_CAP))


@lru_cache(KEPT_STATEMENTS)
def _of_same_records(form: Form) -> Select[Any]:
    root = bindparam("root", type_=BigInteger)
    touched = select(edges.c.record_id).where(or_(edges.c.dependent_id == root, edges.c.on_id == root), *holds(form))
    some = touched.order_by(edges.c.record_id).limit(EDGE_CAP)
    whole = edge_rows(edges, form).where(edges.c.record_id.in_(some)).order_by(edges.c.record_id, *_ORDER)
    return packed_edges(whole)


@lru_cache(KEPT_STATEMENTS)
def _every_edge(form: Form) -> Select[Any]:
    return packed_edges(edge_rows(edges, form).order_by(*_ORDER))


def _root(number: int) -> str:
    return f"company_{number}"


def _cap(limits: Limits) -> dict[str, int]:
    return {"edge_cap": limits.edges + 1}
