"""The edges near some company, the closest first; one more of each than the limits, so that a cut shows."""

from typing import Any

from sqlalchemy import CTE, Select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.graph.analysis.model import Direction
from app.graph.question import EdgeFilter, Limits
from app.graph.store.found import Found, edge_rows, find
from app.graph.store.levels import Way, closest, levels_from
from app.models.edges import edges


async def near(  # noqa: PLR0913 - a question, how far to ask it, and its limits
    connection: AsyncConnection, root: int, direction: Direction, depth: int, *, only: EdgeFilter, limits: Limits
) -> Found:
    """The companies at most ``depth`` hops from ``root`` and the edges between them."""
    cap = limits.nodes + 1
    levels = levels_from(root, direction, depth, only=only, cap=cap, lateral=_lateral(connection))
    return await find(connection, _between(closest([levels], cap), only, limits), only, beside=[root])


async def between(  # noqa: PLR0913 - the same, from both ends
    connection: AsyncConnection, source: int, target: int, depth: int, *, only: EdgeFilter, limits: Limits
) -> Found:
    """The edges among which every path of at most ``depth`` hops from ``source`` to ``target`` is.

    The first half of such a path is near the source, the other half near the target.
    """
    cap, lateral = limits.nodes + 1, _lateral(connection)
    ahead = levels_from(source, "depends_on", (depth + 1) // 2, only=only, cap=cap, lateral=lateral)
    behind = levels_from(target, "depended_on_by", depth // 2, only=only, cap=cap, lateral=lateral)
    query = _between(closest([ahead, behind], cap), only, limits)
    return await find(connection, query, only, beside=[source, target])


async def circle(  # noqa: PLR0913 - the same, back to where it starts
    connection: AsyncConnection, root: int, way: Way, length: int, *, only: EdgeFilter, limits: Limits
) -> Found:
    """The edges among which every cycle of at most ``length`` companies through ``root`` is."""
    cap = limits.nodes + 1
    levels = levels_from(root, way, length - 1, only=only, cap=cap, lateral=_lateral(connection))
    return await find(connection, _between(closest([levels], cap), only, limits), only, beside=[root])


async def downstream(connection: AsyncConnection, root: int, depth: int, *, only: EdgeFilter, limits: Limits) -> Found:
    """The companies that depend on ``root``, and every edge on which one of them depends, also on others."""
    cap = limits.nodes + 1
    levels = levels_from(root, "depended_on_by", depth, only=only, cap=cap, lateral=_lateral(connection))
    start = closest([levels], cap)
    query = edge_rows(start.join(edges, edges.c.dependent_id == start.c.id), only)
    order = (start.c.depth, edges.c.dependent_id, edges.c.on_id, edges.c.kind, edges.c.record_id)
    return await find(connection, query.order_by(*order).limit(limits.edges + 1), only, beside=[root])


def _between(companies: CTE, only: EdgeFilter, limits: Limits) -> Select[Any]:
    """The edges whose two companies are both there, those closest to the root first."""
    start, end = companies.alias(), companies.alias()
    both = start.join(edges, edges.c.dependent_id == start.c.id).join(end, edges.c.on_id == end.c.id)
    query = edge_rows(both, only)
    nearness = start.c.depth + end.c.depth
    order = (nearness, edges.c.dependent_id, edges.c.on_id, edges.c.kind, edges.c.record_id)
    return query.order_by(*order).limit(limits.edges + 1)


def _lateral(connection: AsyncConnection) -> bool:
    return connection.dialect.name == "postgresql"
