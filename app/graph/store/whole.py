"""Edges by the company or record that they belong to, and all of them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.graph.question import EdgeFilter, Limits
from app.graph.store.found import Found, among, edge_rows, find, holds
from app.models.edges import edges


async def touching(connection: AsyncConnection, companies: Sequence[int], *, only: EdgeFilter, limits: Limits) -> Found:
    """The edges that leave or reach one of some companies."""
    ends = [among(connection, end, companies) for end in (edges.c.dependent_id, edges.c.on_id)]
    query = edge_rows(edges, only).where(or_(*ends))
    return await find(connection, _first(query, limits), only, beside=companies)


async def of_same_records(connection: AsyncConnection, company: int, *, only: EdgeFilter, limits: Limits) -> Found:
    """The edges that touch a company, and all others of the same records."""
    touched = select(edges.c.record_id).where(
        or_(edges.c.dependent_id == company, edges.c.on_id == company), holds(only)
    )
    query = edge_rows(edges, only).where(
        edges.c.record_id.in_(touched.order_by(edges.c.record_id).limit(limits.edges + 1))
    )
    return await find(connection, _first(query, limits), only, beside=[company])


async def every_edge(connection: AsyncConnection, *, only: EdgeFilter, limits: Limits) -> Found:
    """All edges of the store, those that were recorded first where the limit cuts."""
    return await find(connection, _first(edge_rows(edges, only), limits), only)


def _first(query: Select[Any], limits: Limits) -> Select[Any]:
    return query.order_by(edges.c.id).limit(limits.edges + 1)
