"""The edges near some company, the closest first; one more of each than the limits, so that a cut shows."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import CTE, Select, select, true
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.graph.analysis.model import Direction, Node
from app.graph.question import EdgeFilter, Limits
from app.graph.store.found import (
    ASKED,
    EDGE_CAP,
    Form,
    Found,
    edge_rows,
    edges_in,
    find,
    form_of,
    former_nodes,
    packed_edges,
    values_of,
)
from app.graph.store.induced import induced, level_by_level
from app.graph.store.levels import Way, bound, closest, levels_from
from app.graph.store.root import At, Root, root_in, root_statement, values_at
from app.models.companies import companies
from app.models.edges import edges
from app.shared.database import Database
from app.shared.driver import KEPT_STATEMENTS
from app.shared.packed import packed, values_in

# What stands where in the one row of ``near_statement``.
_ROOT: Final = slice(0, 5)
_NODES: Final = slice(5, 9)
_EDGES: Final = slice(9, None)


class Near(NamedTuple):
    """A company, the question at the revision that it was answered at, and what is near."""

    root: Root
    only: EdgeFilter
    found: Found


async def near(  # noqa: PLR0913 - a question, how far to ask it, and its limits
    database: Database, slug: str, direction: Direction, depth: int, *, only: EdgeFilter, limits: Limits
) -> Near | None:
    """The companies at most ``depth`` hops from one and the edges between them; None where there is no such company.

    The company, the revision and all names come with the edges, in one statement, so that they are of one moment. A
    filter that is at a revision already is answered at that one.
    """
    at: At = "revision" if only.newest else "known_at" if only.known_at else "newest"
    lateral = is_lateral(database.reader)
    statement = near_statement(direction, depth, form_of(only, asks=True), at=at, lateral=lateral)
    values = caps(limits) | values_at(only.known_at) | {"slug": slug} | values_of(only)
    rows = await database.rows(statement, values)
    if not rows:
        return None
    (row,) = rows
    root, between = root_in(slug, *row[_ROOT]), edges_in(row[_EDGES])
    nodes = {id_: Node(*node) for id_, *node in values_in(row[_NODES])} | {root.id: root.node}
    only = only.at(root.revision)
    if only.past:
        async with database.reading() as connection:
            nodes |= await former_nodes(connection, sorted(nodes), only.revision)
    found = Found(nodes, between, cut=len(between) == values[EDGE_CAP.key])
    # A dependent of which some edges are cut off would look further away than it is.
    whole = found.of_whole(lambda edge: edge.dependent_id) if direction == "depended_on_by" else found
    return Near(root, only, whole)


async def circle(  # noqa: PLR0913 - the same, back to where it starts
    connection: AsyncConnection, root: Root, way: Way, length: int, *, only: EdgeFilter, limits: Limits
) -> Found:
    """The edges among which every cycle of at most ``length`` companies through ``root`` is."""
    statement = circle_statement(way, length - 1, form_of(only), lateral=is_lateral(connection))
    return await find(connection, statement, caps(limits) | {"root": root.id}, only, beside={root.id: root.node})


async def downstream(connection: AsyncConnection, root: Root, depth: int, *, only: EdgeFilter, limits: Limits) -> Found:
    """The companies that depend on ``root``, and every edge on which one of them depends, also on others.

    Where the limit cuts, those of the closest companies: each with all that it depends on, or not at all.
    """
    statement = _downstream(depth, form_of(only), lateral=is_lateral(connection))
    values, beside = caps(limits) | {"root": root.id}, {root.id: root.node}
    found = await find(connection, statement, values, only, beside=beside)
    return found.of_whole(lambda edge: edge.dependent_id)


@lru_cache(KEPT_STATEMENTS)
def near_statement(direction: Direction, depth: int, form: Form, *, at: At, lateral: bool) -> Select[Any]:
    """The statement of ``near``, one row: the columns of ``find_root``, then the companies and the edges, packed."""
    asked = root_statement(at).cte(ASKED)
    levels = levels_from(select(asked.c.id), direction, depth, form=form, lateral=lateral)
    within = closest(levels)
    named = select(within.c.id, *(companies.c[name] for name in Node._fields))
    called = named.select_from(within.outerjoin(companies, companies.c.id == within.c.id))
    nodes = select(*packed(called.subquery())).subquery()
    between = packed_edges(_among(levels, within, form, lateral=lateral)).subquery()
    return select(*asked.c, *nodes.c, *between.c).select_from(asked.join(nodes, true()).join(between, true()))


@lru_cache(KEPT_STATEMENTS)
def circle_statement(way: Way, depth: int, form: Form, *, lateral: bool) -> Select[Any]:
    """The statement of ``circle`` for ``depth`` hops from the company called ``root``: its edges, packed."""
    levels = levels_from(bound("root"), way, depth, form=form, lateral=lateral)
    return packed_edges(_among(levels, closest(levels), form, lateral=lateral))


def _among(levels: Sequence[Select[Any]], within: CTE, form: Form, *, lateral: bool) -> Select[Any]:
    """The edges between the companies of a search."""
    return level_by_level(levels, within, form) if lateral else induced(within, form)


@lru_cache(KEPT_STATEMENTS)
def _downstream(depth: int, form: Form, *, lateral: bool) -> Select[Any]:
    start = closest(levels_from(bound("root"), "depended_on_by", depth, form=form, lateral=lateral))
    leaving = edge_rows(start.join(edges, edges.c.dependent_id == start.c.id), form)
    order = (start.c.depth, edges.c.dependent_id, edges.c.on_id, edges.c.kind, edges.c.record_id)
    return packed_edges(leaving.order_by(*order))


def caps(limits: Limits) -> dict[str, int]:
    """What the caps are bound to."""
    return {"node_cap": limits.nodes + 1, "edge_cap": limits.edges + 1}


def is_lateral(asked: AsyncConnection | AsyncEngine) -> bool:
    """Whether a database can be asked as ``levels_from`` does with ``lateral``."""
    return asked.dialect.name == "postgresql"
