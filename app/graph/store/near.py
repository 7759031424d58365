"""The edges near some company, the closest first; one more of each than the limits, so that a cut shows."""

from functools import cache
from typing import Any

from sqlalchemy import CTE, Select, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from app.graph.analysis.model import Direction
from app.graph.question import EdgeFilter, Limits
from app.graph.store.found import Form, Found, edge_rows, find, form_of
from app.graph.store.levels import Way, closest, levels_from
from app.graph.store.root import Root
from app.models.edges import edges


async def near(  # noqa: PLR0913 - a question, how far to ask it, and its limits
    connection: AsyncConnection, root: Root, direction: Direction, depth: int, *, only: EdgeFilter, limits: Limits
) -> Found:
    """The companies at most ``depth`` hops from ``root`` and the edges between them."""
    statement = near_statement(direction, depth, form_of(only), lateral=_lateral(connection))
    values, beside = _caps(limits) | {"root": root.id}, {root.id: root.node}
    found = await find(connection, statement, values, only, beside=beside)
    # A dependent of which some edges are cut off would look further away than it is.
    return found.of_whole(lambda edge: edge.dependent_id) if direction == "depended_on_by" else found


async def between(  # noqa: PLR0913 - the same, from both ends
    connection: AsyncConnection, source: Root, target: Root, depth: int, *, only: EdgeFilter, limits: Limits
) -> Found:
    """The edges among which every path of at most ``depth`` hops from ``source`` to ``target`` is.

    The first half of such a path is near the source, the other half near the target.
    """
    statement = _halfway(depth, form_of(only), lateral=_lateral(connection))
    values = _caps(limits) | {"source": source.id, "target": target.id}
    beside = {source.id: source.node, target.id: target.node}
    return await find(connection, statement, values, only, beside=beside)


async def circle(  # noqa: PLR0913 - the same, back to where it starts
    connection: AsyncConnection, root: Root, way: Way, length: int, *, only: EdgeFilter, limits: Limits
) -> Found:
    """The edges among which every cycle of at most ``length`` companies through ``root`` is."""
    statement = near_statement(way, length - 1, form_of(only), lateral=_lateral(connection))
    return await find(connection, statement, _caps(limits) | {"root": root.id}, only, beside={root.id: root.node})


async def downstream(connection: AsyncConnection, root: Root, depth: int, *, only: EdgeFilter, limits: Limits) -> Found:
    """The companies that depend on ``root``, and every edge on which one of them depends, also on others.

    Where the limit cuts, those of the closest companies: each with all that it depends on, or not at all.
    """
    statement = _downstream(depth, form_of(only), lateral=_lateral(connection))
    values, beside = _caps(limits) | {"root": root.id}, {root.id: root.node}
    found = await find(connection, statement, values, only, beside=beside)
    return found.of_whole(lambda edge: edge.dependent_id)


@cache
def near_statement(way: Way, depth: int, form: Form, *, lateral: bool) -> Select[Any]:
    """The statement of ``near`` and ``circle``, for ``root``, ``node_cap``, ``edge_cap`` and the values of a filter."""
    return _among(closest(levels_from("root", way, depth, form=form, lateral=lateral)), form)


@cache
def _halfway(depth: int, form: Form, *, lateral: bool) -> Select[Any]:
    ahead = levels_from("source", "depends_on", (depth + 1) // 2, form=form, lateral=lateral)
    behind = levels_from("target", "depended_on_by", depth // 2, form=form, lateral=lateral)
    return _among(closest(ahead, behind), form)


@cache
def _downstream(depth: int, form: Form, *, lateral: bool) -> Select[Any]:
    start = closest(levels_from("root", "depended_on_by", depth, form=form, lateral=lateral))
    leaving = edge_rows(start.join(edges, edges.c.dependent_id == start.c.id), form)
    return leaving.order_by(start.c.depth, edges.c.dependent_id, edges.c.on_id, edges.c.kind, edges.c.record_id)


def _among(companies: CTE, form: Form) -> Select[Any]:
    """The edges whose two companies are both there, those that leave the closest first.

    ``IS TRUE`` keeps PostgreSQL from turning the second test into a join, for which it expects four companies and loops
    over hundreds (22 ms); so it looks each up in a hash table (1 ms).
    """
    inside = edges.c.on_id.in_(select(companies.c.id).correlate(None)).is_(true())
    leaving = companies.join(edges, edges.c.dependent_id == companies.c.id)
    order = (companies.c.depth, edges.c.dependent_id, edges.c.on_id, edges.c.kind, edges.c.record_id)
    return edge_rows(leaving, form).where(inside).order_by(*order)


def _caps(limits: Limits) -> dict[str, int]:
    return {"node_cap": limits.nodes + 1, "edge_cap": limits.edges + 1}


def _lateral(connection: AsyncConnection) -> bool:
    return connection.dialect.name == "postgresql"
