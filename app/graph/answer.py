"""A graph answer, from what the store gave: checked against its limits, with witness paths, ready for any shape."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.graph.analysis.model import Amount, Direction, Edge, Node, RecordRef
from app.graph.analysis.traversal import Reach, reach
from app.graph.question import EdgeFilter, Limits
from app.graph.store import Neighbourhood, StoredEdge
from app.shared.json import dumps, loads_own


@dataclass(frozen=True)
class GraphAnswer:
    """What a company depends on, or who depends on it.

    ``stored`` holds what is kept of each edge in ``reach``, in the same order. ``unknowns`` are plain sentences on what
    the answer could not tell.
    """

    reach: Reach
    names: Mapping[str, Node]
    stored: tuple[StoredEdge, ...]
    only: EdgeFilter
    known_at: datetime | None
    limits: Limits
    unknowns: tuple[str, ...]


def answer(  # noqa: PLR0913 - the question and what was found
    root: str,
    direction: Direction,
    depth: int,
    found: Neighbourhood,
    *,
    only: EdgeFilter,
    known_at: datetime | None,
    limits: Limits,
) -> GraphAnswer:
    """Put an answer together from a neighbourhood in which each limit was allowed one more than it permits."""
    by_edge = {light_edge(found.nodes, row, only.as_of): row for row in found.edges}
    reached = reach(root, by_edge, direction, depth, max_nodes=limits.nodes, max_edges=limits.edges)
    names = {node.slug: node for node in found.nodes.values()}
    stored = tuple(by_edge[edge] for edge in reached.edges)
    return GraphAnswer(reached, names, stored, only, known_at, limits, tuple(_unknowns(reached, only, known_at)))


def shown(given: GraphAnswer) -> str:
    """The answer in JSON. The document of each edge was written when it was recorded, and is passed on as it is."""
    head = {
        "root": given.reach.root,
        "direction": given.reach.direction,
        "as_of": given.only.as_of,
        "known_at": given.known_at,
        "revision": given.only.revision,
        "nodes": [_node(given, node) for node in given.reach.nodes],
    }
    tail = {
        "unknowns": given.unknowns,
        "truncated": bool(given.reach.truncated),
        "truncated_by": given.reach.truncated,
        "limits": {"nodes": given.limits.nodes, "edges": given.limits.edges},
    }
    pairs = zip(given.reach.edges, given.stored, strict=True)
    edges = ",".join(_edge(edge, row.document) for edge, row in pairs)
    return f'{dumps(head)[:-1]},"edges":[{edges}],{dumps(tail)[1:]}'


def full_edges(given: GraphAnswer) -> tuple[Edge, ...]:
    """The edges with all that the analysis and the pictures need: amounts, shares, periods, value flows."""
    return tuple(full_edge(edge, row.document) for edge, row in zip(given.reach.edges, given.stored, strict=True))


def full_edge(edge: Edge, text: str) -> Edge:
    """An edge with what its document says."""
    document = loads_own(text)
    part_of = document["part_of"]
    return Edge(
        edge.dependent,
        edge.on,
        edge.kind,
        edge.record,
        stage=document["stage"] or "",
        amount=amount_of(document["amount"]),
        share=amount_of(document["share"]),
        flow=document["flow"],
        nature=document["nature"],
        part_of=part_of and RecordRef(part_of["type"], part_of["slug"]),
        since=document["since"],
        until=document["until"],
        possible=edge.possible,
        summary=edge.summary,
    )


def amount_of(quantity: Mapping[str, Any] | None) -> Amount | None:
    """A quantity as an interval; what is approximate has no certain bounds."""
    if quantity is None:
        return None
    low, high = (None, None) if quantity["approximate"] else (quantity["low"], quantity["high"])
    return Amount(low, high, quantity["unit"], quantity["text"])


def light_edge(nodes: Mapping[int, Node], row: StoredEdge, as_of: date) -> Edge:
    """An edge without what stands in its document, which most answers only pass on."""
    dependent, on = nodes[row.dependent_id], nodes[row.on_id]
    return Edge(
        dependent.slug,
        on.slug,
        row.kind,
        RecordRef(row.record_type, row.record_slug),
        stage="",
        possible=not row.start_latest <= as_of <= row.end_earliest,
        summary=row.summary.format(dependent=dependent.name, on=on.name),
    )


def _node(given: GraphAnswer, node: Any) -> dict[str, Any]:  # noqa: ANN401 - a Reached
    known = given.names[node.slug]
    return {"slug": node.slug, "name": known.name, "kind": known.kind, "depth": node.depth, "via": node.via}


def _edge(edge: Edge, document: str) -> str:
    head = {
        "from": edge.dependent,
        "to": edge.on,
        "kind": edge.kind,
        "summary": edge.summary,
        "possible": edge.possible,
    }
    return f"{dumps(head)[:-1]},{document[1:]}"


def _unknowns(reached: Reach, only: EdgeFilter, known_at: datetime | None) -> Iterable[str]:
    if known_at and not only.revision:
        yield f"Nothing had been recorded by {known_at.isoformat()}."
    elif not reached.edges:
        yield f"No dependency is recorded for {reached.root} as of {only.as_of.isoformat()}."
