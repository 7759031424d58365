"""Edges by the company or record that they belong to, and all of them."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Select, and_, bindparam, case, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.graph.question import EdgeFilter, Limits
from app.graph.store.found import EDGE_CAP, Form, Found, StoredEdge, edge_rows, find, form_of, holds, packed_edges
from app.graph.store.root import Root
from app.models.edges import edges

_ORDER = (edges.c.dependent_id, edges.c.on_id, edges.c.kind, edges.c.record_id)


async def touching(connection: AsyncConnection, roots: Sequence[Root], *, only: EdgeFilter, limits: Limits) -> Found:
    """The edges that leave or reach one of some companies: where the limit cuts, all with the same other companies."""
    ids = {root.id for root in roots}

    def other_end(edge: StoredEdge) -> int:
        return max({edge.dependent_id, edge.on_id} - ids, default=0)

    values = _cap(limits) | {"companies": sorted(ids)}
    beside = {root.id: root.node for root in roots}
    found = await find(connection, _touching(form_of(only)), values, only, beside=beside)
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


@cache
def _touching(form: Form) -> Select[Any]:
    some = bindparam("companies", expanding=True, type_=BigInteger)
    leaving, reaching = edges.c.dependent_id.in_(some), edges.c.on_id.in_(some)
    other_end = case((and_(leaving, reaching), 0), (leaving, edges.c.on_id), else_=edges.c.dependent_id)
    return packed_edges(edge_rows(edges, form).where(or_(leaving, reaching)).order_by(other_end, *_ORDER))


@cache
def _of_same_records(form: Form) -> Select[Any]:
    root = bindparam("root", type_=BigInteger)
    touched = select(edges.c.record_id).where(or_(edges.c.dependent_id == root, edges.c.on_id == root), *holds(form))
    some = touched.order_by(edges.c.record_id).limit(EDGE_CAP)
    whole = edge_rows(edges, form).where(edges.c.record_id.in_(some)).order_by(edges.c.record_id, *_ORDER)
    return packed_edges(whole)


@cache
def _every_edge(form: Form) -> Select[Any]:
    return packed_edges(edge_rows(edges, form).order_by(*_ORDER))


def _cap(limits: Limits) -> dict[str, int]:
    return {"edge_cap": limits.edges + 1}
