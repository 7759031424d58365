"""The edges near some company, the closest first; one more of each than the limits, so that a cut shows."""

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import takewhile
from typing import Any, NamedTuple

from sqlalchemy import CTE, BigInteger, CompoundSelect, Select, null, select, true, union_all
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.graph.analysis.model import Direction, Node
from app.graph.question import EdgeFilter, Limits, Revision
from app.graph.store.found import (
    ASKED,
    EDGE_CAP,
    Form,
    Found,
    StoredEdge,
    edge_rows,
    find,
    form_of,
    former_nodes,
    values_of,
)
from app.graph.store.levels import Way, bound, closest, levels_from
from app.graph.store.root import Root, root_statement, values_at
from app.models.companies import companies
from app.models.edges import edges
from app.shared.database import Database
from app.shared.types import Words


class Near(NamedTuple):
    """A company, the question at the revision that it was answered at, and what is near."""

    root: Root
    only: EdgeFilter
    found: Found


async def near(  # noqa: PLR0913 - a question, how far to ask it, and its limits
    database: Database, slug: str, direction: Direction, depth: int, *, only: EdgeFilter, limits: Limits
) -> Near | None:
    """The companies at most ``depth`` hops from one and the edges between them; None where there is no such company.

    The company, the revision and all names come with the edges, in one statement, so that they are of one moment.
    """
    past = only.known_at is not None
    lateral = _lateral(database.reader)
    statement = near_statement(direction, depth, form_of(only, asks=True), past=past, lateral=lateral)
    values = _caps(limits) | values_at(only.known_at) | {"slug": slug} | values_of(only)
    rows = await database.rows(statement, values)
    if not rows:
        return None
    named = list(takewhile(lambda row: row[1] is None, rows))
    root = _root_among(named, slug)
    nodes = {root.id: root.node} | {row[0]: Node(row[3], row[4], row[2]) for row in named if row[3] is not None}
    between = list(map(StoredEdge._make, rows[len(named) :]))
    only = only.at(root.revision)
    if only.past:
        async with database.reading() as connection:
            nodes |= await former_nodes(connection, sorted(nodes), only.revision)
    found = Found(nodes, between, cut=len(between) == values[EDGE_CAP.key])
    # A dependent of which some edges are cut off would look further away than it is.
    whole = found.of_whole(lambda edge: edge.dependent_id) if direction == "depended_on_by" else found
    return Near(root, only, whole)


def _root_among(rows: Iterable[Sequence[Any]], slug: str) -> Root:
    id_, _, kind, _, name, _, newest, revision = next(row for row in rows if row[5])
    # A company that was retracted since has no name now: a question about the past finds the one that it had.
    return Root(id_, Node(slug, name or slug, kind or ""), Revision(int(newest), int(revision)))


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
    statement = _circle(way, length - 1, form_of(only), lateral=_lateral(connection))
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
def near_statement(direction: Direction, depth: int, form: Form, *, past: bool, lateral: bool) -> CompoundSelect[Any]:
    """The statement of ``near``: first the companies, then the edges, in the columns of StoredEdge.

    A company has its id, nothing, and then its kind, slug and name in the columns ``kind`` to ``record_slug``;
    ``possible`` says whether it is the one asked about, and the revisions, newest and asked, stand in the last two.
    """
    asked = root_statement(past=past).cte(ASKED)
    within = closest(levels_from(select(asked.c.id), direction, depth, form=form, lateral=lateral))
    between = _among(within, form).subquery()
    called = within.join(asked, true()).outerjoin(companies, companies.c.id == within.c.id)
    named = select(
        within.c.id,
        null().cast(BigInteger),
        companies.c.kind,
        companies.c.slug,
        companies.c.name,
        (within.c.id == asked.c.id).label("possible"),
        asked.c.newest.cast(Words),
        asked.c.revision.cast(Words),
    ).select_from(called)
    return union_all(named, select(*between.c))


@cache
def _circle(way: Way, depth: int, form: Form, *, lateral: bool) -> Select[Any]:
    return _among(closest(levels_from(bound("root"), way, depth, form=form, lateral=lateral)), form)


@cache
def _halfway(depth: int, form: Form, *, lateral: bool) -> Select[Any]:
    ahead = levels_from(bound("source"), "depends_on", (depth + 1) // 2, form=form, lateral=lateral)
    behind = levels_from(bound("target"), "depended_on_by", depth // 2, form=form, lateral=lateral)
    return _among(closest(ahead, behind), form)


@cache
def _downstream(depth: int, form: Form, *, lateral: bool) -> Select[Any]:
    start = closest(levels_from(bound("root"), "depended_on_by", depth, form=form, lateral=lateral))
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


def _lateral(asked: AsyncConnection | AsyncEngine) -> bool:
    return asked.dialect.name == "postgresql"
