"""The only SQL that reads the graph: which companies are near one, and the edges between them, in one statement."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    CTE,
    BigInteger,
    ColumnElement,
    Select,
    and_,
    any_,
    func,
    literal,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from app.graph.analysis.model import Direction, Node
from app.graph.question import EdgeFilter, Limits
from app.ledger.repository import revision_by
from app.models.companies import companies
from app.models.edges import edges
from app.models.ledger import records, store, versions
from app.shared.json import loads_own


class Root(NamedTuple):
    """A company that a question is about, and the store's newest revision when it was asked.

    ``revision`` is the one that the question is about: the newest, or the newest at ``known_at`` (0 before the first).
    """

    id: int
    newest: int
    revision: int


class StoredEdge(NamedTuple):
    """An edge as it is kept: its companies by id, and the document with the rest of what an answer shows."""

    dependent_id: int
    on_id: int
    kind: str
    record_type: str
    record_slug: str
    start_latest: date
    end_earliest: date
    summary: str
    document: str


class Neighbourhood(NamedTuple):
    """The companies within reach by id, and the edges between them."""

    nodes: dict[int, Node]
    edges: list[StoredEdge]


async def find_root(connection: AsyncConnection, slug: str, known_at: datetime | None = None) -> Root | None:
    """A company's id and the store's revision, in one statement; None where there is no such company.

    A company that was retracted since can still be asked about as it was known before.
    """
    asked = store.c.revision if known_at is None else func.coalesce(revision_by(known_at).scalar_subquery(), 0)
    query = select(records.c.id, store.c.revision, asked).select_from(records.join(store, true()))
    query = query.where(records.c.type == "companies", records.c.slug == slug)
    if known_at is None:
        query = query.where(records.c.retracted.is_(False))
    row = (await connection.execute(query)).first()
    return Root(*row) if row else None


async def neighbourhood(  # noqa: PLR0913 - a question, how far to ask it, and its limits
    connection: AsyncConnection, root: int, direction: Direction, depth: int, *, only: EdgeFilter, limits: Limits
) -> Neighbourhood:
    """The companies at most ``depth`` hops from ``root`` and the edges between them, one more of each than the limits.

    Where a limit cuts, the closest are kept, and among equals those that were recorded first.
    """
    lateral = connection.dialect.name == "postgresql"
    near = _near(root, direction, depth, only=only, cap=limits.nodes + 1, lateral=lateral)
    rows = [StoredEdge(*row) for row in await connection.execute(_between(near, only, limits.edges + 1))]
    ids = {root, *(row.dependent_id for row in rows), *(row.on_id for row in rows)}
    return Neighbourhood(await _nodes(connection, sorted(ids), only), rows)


def _near(  # noqa: PLR0913 - the same
    root: int, direction: Direction, depth: int, *, only: EdgeFilter, cap: int, lateral: bool
) -> CTE:
    """The closest companies with their depths: a subquery for each level, so that each is capped before the next."""
    levels = [select(literal(root).label("id")).cte("level_0")]
    for number in range(1, depth + 1):
        step = _step_lateral if lateral else _step
        levels.append(step(levels, direction, only, cap).cte(f"level_{number}"))
    reached = union_all(*(select(level.c.id, literal(number).label("depth")) for number, level in enumerate(levels)))
    closest = reached.subquery()
    return select(closest.c.id, closest.c.depth).order_by(closest.c.depth, closest.c.id).limit(cap).cte("near")


def _step(levels: Sequence[CTE], direction: Direction, only: EdgeFilter, cap: int) -> Select[int]:
    """The next level: the other ends of the edges that leave the last one, but for companies that were met before."""
    near, far = _ends(direction)
    leaving = and_(near == levels[-1].c.id, _holds(only), _unmet(levels, far))
    return select(far.label("id")).distinct().select_from(levels[-1].join(edges, leaving)).order_by(far).limit(cap)


def _step_lateral(levels: Sequence[CTE], direction: Direction, only: EdgeFilter, cap: int) -> Select[int]:
    """The same, with each company of the last level read no further than the cap: a hub has 100,000 neighbours."""
    near, far = _ends(direction)
    conditions = (near == levels[-1].c.id, _holds(only), _unmet(levels, far))
    one = select(far.label("id")).distinct().where(*conditions).order_by(far).limit(cap).lateral()
    return select(one.c.id).distinct().select_from(levels[-1].join(one, true())).order_by(one.c.id).limit(cap)


def _ends(direction: Direction) -> tuple[ColumnElement[int], ColumnElement[int]]:
    ends = (edges.c.dependent_id, edges.c.on_id)
    return ends if direction == "depends_on" else (ends[1], ends[0])


def _unmet(levels: Sequence[CTE], company: ColumnElement[int]) -> ColumnElement[bool]:
    return and_(*(company.not_in(select(level.c.id).correlate(None)) for level in levels))


def _between(near: CTE, only: EdgeFilter, cap: int) -> Select[Any]:
    """The edges whose two companies are both near, those closest to the root first."""
    start, end = near.alias(), near.alias()
    return (
        select(
            edges.c.dependent_id,
            edges.c.on_id,
            edges.c.kind,
            records.c.type,
            records.c.slug,
            edges.c.start_latest,
            edges.c.end_earliest,
            edges.c.summary,
            edges.c.document,
        )
        .select_from(start.join(edges, edges.c.dependent_id == start.c.id).join(end, edges.c.on_id == end.c.id))
        .join(records, records.c.id == edges.c.record_id)
        .where(_holds(only))
        .order_by(start.c.depth + end.c.depth, edges.c.dependent_id, edges.c.on_id, edges.c.kind, edges.c.record_id)
        .limit(cap)
    )


def _holds(only: EdgeFilter) -> ColumnElement[bool]:
    """The edges that a question is about: in force, or possibly, on its day, as the store stood at its revision."""
    conditions = [
        edges.c.from_revision <= only.revision,
        edges.c.to_revision > only.revision,
        edges.c.start_earliest <= only.as_of,
        edges.c.end_latest >= only.as_of,
    ]
    chosen = ((edges.c.kind, only.kinds), (edges.c.stage, only.stages), (edges.c.evidence, only.evidence))
    conditions += [column.in_(words) for column, words in chosen if words]
    if only.published_by:
        conditions.append(edges.c.evidenced_from <= only.published_by)
    return and_(*conditions)


async def _nodes(connection: AsyncConnection, ids: Sequence[int], only: EdgeFilter) -> dict[int, Node]:
    """Companies by id, under the names that they have, or had at a past revision."""
    now = select(companies.c.id, companies.c.slug, companies.c.name, companies.c.kind)
    rows = await connection.execute(now.where(_among(connection, companies.c.id, ids)))
    nodes = {id_: Node(slug, name, kind) for id_, slug, name, kind in rows}
    return nodes | await _former_nodes(connection, ids, only.revision) if only.past else nodes


async def _former_nodes(connection: AsyncConnection, ids: Sequence[int], revision: int) -> dict[int, Node]:
    query = select(versions.c.record_id, versions.c.document).where(
        _among(connection, versions.c.record_id, ids),
        versions.c.from_revision <= revision,
        versions.c.to_revision > revision,
    )
    documents = {id_: loads_own(text) for id_, text in await connection.execute(query)}
    return {id_: Node(was["slug"], was["name"], was["kind"]) for id_, was in documents.items()}


def _among(connection: AsyncConnection, column: ColumnElement[int], ids: Sequence[int]) -> ColumnElement[bool]:
    """``column`` is one of ``ids``: as one array on PostgreSQL, so that the plan is the same for any number of them."""
    if connection.dialect.name == "postgresql":
        return column == any_(literal(ids, ARRAY(BigInteger)))
    return column.in_(ids)
