"""What every renderer draws: one graph answer, whatever question it came from."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from app.graph.analysis.model import Direction, Edge


@dataclass(frozen=True, slots=True)
class PictureNode:
    """A company in a picture; ``via`` is a shortest witness path from the root to it, both included."""

    slug: str
    name: str
    kind: str
    depth: int | None = None
    via: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A graph answer made ready to be drawn.

    ``title`` is a heading without the date ("OpenAI depends on"), ``description`` one plain sentence, ``narrowed`` what
    else was asked for ("published by 2025-03-12", "kind compute").
    ``direction`` is the question's; ``value_flow`` draws each edge the way its value goes. ``loops`` holds the
    (from, to) pairs, as drawn, that are part of a loop. ``rings`` are the edges of each loop, hop after hop, of an
    answer that is a list of loops; None of any other. ``truncated`` names the limits that cut the answer and
    ``table_url`` is the same question as CSV, relative. Both ends of every edge are among the nodes.
    """

    title: str
    description: str
    root: str | None
    direction: Direction | Literal["value_flow"]
    nodes: tuple[PictureNode, ...]
    edges: tuple[Edge, ...]
    loops: frozenset[tuple[str, str]] = frozenset()
    rings: tuple[tuple[Edge, ...], ...] | None = None
    truncated: tuple[str, ...] = ()
    table_url: str | None = None
    as_of: str | None = None
    unknowns: tuple[str, ...] = ()
    narrowed: tuple[str, ...] = ()

    def ends(self, edge: Edge) -> tuple[str, str]:
        """Give the slugs (from, to) between which an edge goes in every shape that is made of the picture."""
        against = self.direction == "value_flow" and edge.flow == "against"
        return (edge.on, edge.dependent) if against else (edge.dependent, edge.on)

    def in_loop(self, edge: Edge) -> bool:
        """Tell whether an edge is drawn as part of a loop."""
        return self.ends(edge) in self.loops

    def closest(self, *, nodes: int, edges: int) -> "Picture":
        """Keep at most so many companies, closest to the root first, and so many of the edges between them.

        Edges of witness paths are kept before others, so that what is shown stays connected to the root.
        """
        kept = sorted(self.nodes, key=self._distance)[:nodes]
        slugs = {node.slug for node in kept}
        between = [edge for edge in self.edges if edge.dependent in slugs and edge.on in slugs]
        if len(between) > edges:
            between = _nearest_first(between, kept)[:edges]
        return replace(self, nodes=tuple(kept), edges=tuple(between))

    def _distance(self, node: PictureNode) -> tuple[bool, bool, int]:
        return node.slug != self.root, node.depth is None, node.depth or 0


def _nearest_first(edges: list[Edge], nodes: list[PictureNode]) -> list[Edge]:
    rank = {node.slug: position for position, node in enumerate(nodes)}
    witnesses = {frozenset(hop) for node in nodes for hop in pairwise(node.via)}

    def distance(edge: Edge) -> tuple[bool, int]:
        return frozenset((edge.dependent, edge.on)) not in witnesses, max(rank[edge.dependent], rank[edge.on])

    return sorted(edges, key=distance)
