"""What every question of the graph gets from the store: edges, and the companies at their ends."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, BigInteger, ColumnElement, FromClause, Select, and_, any_, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.graph.analysis.model import Node
from app.graph.question import EdgeFilter
from app.models.companies import companies
from app.models.edges import edges
from app.models.ledger import records, versions
from app.shared.json import loads_own


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


class Found(NamedTuple):
    """Edges, and by their ids the companies at their ends."""

    nodes: dict[int, Node]
    edges: list[StoredEdge]


def edge_rows(source: FromClause, only: EdgeFilter) -> Select[Any]:
    """Select the edges in ``source`` that a question is about, as the columns of StoredEdge."""
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
        .select_from(source.join(records, records.c.id == edges.c.record_id))
        .where(holds(only))
    )


async def find(
    connection: AsyncConnection, query: Select[Any], only: EdgeFilter, *, beside: Collection[int] = ()
) -> Found:
    """Run a select of edge_rows, and look up the companies at their ends and those ``beside`` them."""
    rows = [StoredEdge(*row) for row in await connection.execute(query)]
    ids = {*beside, *(row.dependent_id for row in rows), *(row.on_id for row in rows)}
    return Found(await _nodes(connection, sorted(ids), only), rows)


def holds(only: EdgeFilter) -> ColumnElement[bool]:
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


def among(connection: AsyncConnection, column: ColumnElement[int], ids: Sequence[int]) -> ColumnElement[bool]:
    """``column`` is one of ``ids``: as one array on PostgreSQL, so that the plan is the same for any number of them."""
    if connection.dialect.name == "postgresql":
        return column == any_(literal(ids, ARRAY(BigInteger)))
    return column.in_(ids)


async def _nodes(connection: AsyncConnection, ids: Sequence[int], only: EdgeFilter) -> dict[int, Node]:
    """Companies by id, under the names that they have, or had at a past revision."""
    now = select(companies.c.id, companies.c.slug, companies.c.name, companies.c.kind)
    rows = await connection.execute(now.where(among(connection, companies.c.id, ids)))
    nodes = {id_: Node(slug, name, kind) for id_, slug, name, kind in rows}
    return nodes | await _former_nodes(connection, ids, only.revision) if only.past else nodes


async def _former_nodes(connection: AsyncConnection, ids: Sequence[int], revision: int) -> dict[int, Node]:
    query = select(versions.c.record_id, versions.c.document).where(
        among(connection, versions.c.record_id, ids),
        versions.c.from_revision <= revision,
        versions.c.to_revision > revision,
    )
    documents = {id_: loads_own(text) for id_, text in await connection.execute(query)}
    return {id_: Node(was["slug"], was["name"], was["kind"]) for id_, was in documents.items()}
