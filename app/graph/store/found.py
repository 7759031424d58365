"""What every question of the graph gets from the store: edges, and the companies at their ends.

The statements are built once for each form that a question can take and asked with bound values: to build a search of
three levels anew costs 2.5 ms, more than PostgreSQL takes to answer it.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Select,
    bindparam,
    column,
    not_,
    or_,
    select,
    table,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from app.graph.analysis.model import Node
from app.graph.question import EdgeFilter
from app.models.companies import companies
from app.models.edges import edges
from app.models.ledger import store, versions
from app.shared.among import any_of
from app.shared.json import loads_own
from app.shared.packed import columns_in, documents_in, packed

EDGE_CAP = bindparam("edge_cap", type_=Integer)
"""How many edges a statement gives at most: one more than an answer may hold, so that a cut shows."""


_NAMED: Final = (
    select(companies.c.id, companies.c.slug, companies.c.name, companies.c.kind, store.c.revision)
    .select_from(companies.join(store, true()))
    .where(any_of(companies.c.id, "ids"))
)
_FORMERLY_NAMED: Final = select(versions.c.record_id, versions.c.document).where(
    any_of(versions.c.record_id, "ids"),
    versions.c.from_revision <= bindparam("revision"),
    versions.c.to_revision > bindparam("revision"),
)


class StoredEdge(NamedTuple):
    """An edge as it is kept: its companies by id, and the document with the rest of what an answer shows.

    ``possible``: whether it only may hold on the day asked for, since its dates leave that open.
    """

    dependent_id: int
    on_id: int
    kind: str
    record_type: str
    record_slug: str
    possible: bool
    summary: str
    document: str


class Found(NamedTuple):
    """Edges, and by their ids the companies at their ends; ``cut`` where there are more edges than the limit."""

    nodes: dict[int, Node]
    edges: list[StoredEdge]
    cut: bool

    def of_whole(self, group: Callable[[StoredEdge], Hashable]) -> "Found":
        """The same without the last group of edges where the limit cuts: that one may lack some of its edges."""
        if not self.cut:
            return self
        last = group(self.edges[-1])
        return self._replace(edges=[edge for edge in self.edges if group(edge) != last])


_CHOSEN: Final = {
    "kinds": "kind",
    "stages": "stage",
    "evidence": "evidence",
    "not_kinds": "kind",
    "not_stages": "stage",
    "not_evidence": "evidence",
}


class Form(NamedTuple):
    """The form of an edge filter: which of its conditions it has, whatever their values.

    ``chosen``: the names of those that choose by a word. ``asks``: the statement itself asks for the revision, in a row
    that it calls ASKED.
    """

    chosen: tuple[str, ...]
    published_by: bool
    asks: bool


ASKED = "asked"


def form_of(only: EdgeFilter, *, asks: bool = False) -> Form:
    """The form of a filter, by which statements are kept."""
    chosen = tuple(name for name in _CHOSEN if getattr(only, name))
    return Form(chosen, only.published_by is not None, asks)


def values_of(only: EdgeFilter) -> dict[str, Any]:
    """The values that the conditions of a filter are bound to."""
    values = {
        "revision": only.revision,
        "as_of": only.as_of,
        **{name: getattr(only, name) for name in _CHOSEN},
        "published_by": only.published_by,
    }
    return {name: value for name, value in values.items() if value is not None and value != ()}


def holds(form: Form) -> list[ColumnElement[bool]]:
    """The edges that a question is about: in force, or possibly, on its day, as the store stood at its revision."""
    revision: ColumnElement[int] = bindparam("revision", type_=BigInteger)
    if form.asks:
        revision = select(column("revision", BigInteger)).select_from(table(ASKED)).scalar_subquery()
    as_of = bindparam("as_of", type_=Date)
    conditions = [
        edges.c.from_revision <= revision,
        edges.c.to_revision > revision,
        edges.c.start_earliest <= as_of,
        edges.c.end_latest >= as_of,
    ]
    conditions += [_chosen(name) for name in form.chosen]
    if form.published_by:
        conditions.append(edges.c.evidenced_from <= bindparam("published_by", type_=Date))
    return conditions


def _chosen(name: str) -> ColumnElement[bool]:
    """What a condition of a filter asks of an edge; what has no stage or evidence is none of those left out."""
    column_ = edges.c[_CHOSEN[name]]
    among = any_of(column_, name)
    return or_(column_.is_(None), not_(among)) if name.startswith("not_") else among


def is_possible() -> ColumnElement[bool]:
    """Whether an edge that ``holds`` only may, since its dates leave that open."""
    as_of = bindparam("as_of", type_=Date)
    return or_(edges.c.start_latest > as_of, edges.c.end_earliest < as_of)


def edge_rows(source: FromClause, form: Form) -> Select[Any]:
    """Select the edges in ``source`` that a question is about, as the columns of StoredEdge."""
    possible = is_possible().label("possible")
    columns = (possible if name == "possible" else edges.c[name] for name in StoredEdge._fields)
    return select(*columns).select_from(source).where(*holds(form)).limit(EDGE_CAP)


def packed_edges(rows: Select[Any]) -> Select[Any]:
    """The edges that a statement of edge_rows gives, in one row: what ``edges_in`` reads."""
    columns: list[ColumnElement[Any]] = [*packed(rows.subquery(), documents="document")]
    return select(*columns)


def edges_in(texts: Sequence[str | None]) -> list[StoredEdge]:
    """The edges in the row that ``packed_edges`` gives."""
    *values, documents = texts
    return [*map(StoredEdge._make, zip(*columns_in(values), documents_in(documents), strict=True))]


async def find(
    connection: AsyncConnection,
    statement: Select[Any],
    values: Mapping[str, Any],
    only: EdgeFilter,
    *,
    beside: Mapping[int, Node],
) -> Found:
    """Ask for packed edges, and look up the companies at the ends of the edges that it gives.

    ``beside`` are companies that belong to the answer even where no edge does. The names are asked for apart: joined to
    every edge, at both of its ends, they would double the time of the search.
    """
    rows = edges_in((await connection.execute(statement, {**values_of(only), **values})).one())
    ends = {*(row.dependent_id for row in rows), *(row.on_id for row in rows)}
    named, up_to_date = await _nodes(connection, sorted(ends - beside.keys()), only)
    nodes = dict(beside) | named
    # A writer may have committed since the first statement: then these names are of another revision too.
    if only.past or not up_to_date:
        nodes |= await former_nodes(connection, sorted(ends | beside.keys()), only.revision)
    return Found(nodes, rows, cut=len(rows) == values[EDGE_CAP.key])


async def _nodes(connection: AsyncConnection, ids: Sequence[int], only: EdgeFilter) -> tuple[dict[int, Node], bool]:
    """Companies under the names that they have now, and whether that is still the revision of the question."""
    if not ids:
        return {}, True
    rows = (await connection.execute(_NAMED, {"ids": ids})).all()
    nodes = {id_: Node(slug, name, kind) for id_, slug, name, kind, _ in rows}
    return nodes, len(nodes) == len(ids) and all(row.revision == only.revision for row in rows)


async def former_nodes(connection: AsyncConnection, ids: Sequence[int], revision: int) -> dict[int, Node]:
    """Companies under the names that they had at a past revision."""
    rows = await connection.execute(_FORMERLY_NAMED, {"ids": ids, "revision": revision})
    documents = {id_: loads_own(text) for id_, text in rows}
    return {id_: Node(was["slug"], was["name"], was["kind"]) for id_, was in documents.items()}
