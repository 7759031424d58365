"""Edges as the store gave them: for the analysis as plain values, for an answer as the documents that they are."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

from orjson import Fragment

from app.graph.analysis.model import Amount, Edge, EdgeKey, Node, RecordRef, identity
from app.graph.store import Found, StoredEdge
from app.projection.rules import strongest_evidence
from app.shared.json import dumps, fragment, loads_own

_BOOLEANS = {True: "true", False: "false"}


class EdgeSet:
    """The edges that a question found on a day, and the companies at their ends by slug.

    An edge is light at first: what stands in its document (amount, share, period, value flow) is read only for those
    that need it, since most answers pass the document on as it is.
    """

    def __init__(self, found: Found) -> None:
        self.nodes = {node.slug: node for node in found.nodes.values()}
        self.light = tuple(_light(found.nodes, row) for row in found.edges)
        # The edges themselves are looked up far more often than others that are the same: it spares 0.2 ms for 200.
        self._own = dict(zip(map(id, self.light), found.edges, strict=True))

    def full(self) -> tuple[Edge, ...]:
        """The edges with all that is known of them."""
        return tuple(self.complete(edge) for edge in self.light)

    def complete(self, edge: Edge) -> Edge:
        """A light edge with what its document says, but for its evidence."""
        return _full(edge, loads_own(self._document(edge)))

    def evidenced(self, edge: Edge) -> Edge:
        """A light edge with all that its document says, its evidence too: what only a comparison of edges needs."""
        document = loads_own(self._document(edge))
        return _full(edge, document)._replace(
            evidence=strongest_evidence(document),
            evidenced_from=document["evidenced_from"],
            evidenced_to=document["evidenced_to"],
            derived=dumps(document["derived"]),
            citations=dumps(document["citations"]),
        )

    def all_shown(self, edges: Iterable[Edge]) -> Fragment:
        """Some edges as an answer shows them, a list in JSON."""
        return fragment(f"[{','.join(map(self._shown, edges))}]")

    def shown(self, edge: Edge) -> Fragment:
        """An edge as an answer shows it, in JSON."""
        return fragment(self._shown(edge))

    def _shown(self, edge: Edge) -> str:
        # Its document was written when it was recorded. Slugs and kinds have no sign that JSON would escape.
        return (
            f'{{"from":"{edge.dependent}","to":"{edge.on}","kind":"{edge.kind}","summary":{dumps(edge.summary)},'
            f'"possible":{_BOOLEANS[edge.possible]},{self._document(edge)[1:]}'
        )

    def _document(self, edge: Edge) -> str:
        row = self._own.get(id(edge)) or self._rows[identity(edge)]
        return row.document

    @cached_property
    def _rows(self) -> dict[EdgeKey, StoredEdge]:
        return {identity(edge): self._own[id(edge)] for edge in self.light}

    @property
    def names(self) -> dict[str, str]:
        """The companies' names by slug."""
        return {slug: node.name for slug, node in self.nodes.items()}


def amount_of(quantity: Mapping[str, Any] | None) -> Amount | None:
    """A quantity as an interval; what is approximate has no certain bounds."""
    if quantity is None:
        return None
    low, high = (None, None) if quantity["approximate"] else (quantity["low"], quantity["high"])
    return Amount(_decimal(low), _decimal(high), quantity["unit"], quantity["text"])


def _light(nodes: Mapping[int, Node], row: StoredEdge) -> Edge:
    dependent, on = nodes[row.dependent_id], nodes[row.on_id]
    return Edge(
        dependent.slug,
        on.slug,
        row.kind,
        RecordRef(row.record_type, row.record_slug),
        stage="",
        possible=bool(row.possible),
        summary=row.summary.format(dependent=dependent.name, on=on.name),
    )


def _full(edge: Edge, document: Mapping[str, Any]) -> Edge:
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


def _decimal(value: Any) -> Decimal | None:  # noqa: ANN401 - a JSON number
    return None if value is None else Decimal(value)
