"""A graph answer as the picture that every renderer draws."""

from app.graph.analysis.model import Edge
from app.graph.answer import GraphAnswer, full_edges
from app.graph.render.picture import Picture, PictureNode

_TITLES = {"depends_on": "{} depends on", "depended_on_by": "{} is depended on by"}


def picture_of(given: GraphAnswer, table_url: str) -> Picture:
    """The companies and dependencies of an answer; ``table_url`` is where the same answer is as a table."""
    found = given.reach
    edges = full_edges(given)
    return Picture(
        title=_TITLES[found.direction].format(given.names[found.root].name),
        description="",
        root=found.root,
        direction=found.direction,
        nodes=tuple(
            PictureNode(node.slug, given.names[node.slug].name, given.names[node.slug].kind, node.depth, node.via)
            for node in found.nodes
        ),
        edges=edges,
        loops=_mutual(edges),
        truncated=found.truncated,
        table_url=table_url,
        as_of=given.only.as_of.isoformat(),
        unknowns=given.unknowns,
    )


def _mutual(edges: tuple[Edge, ...]) -> frozenset[tuple[str, str]]:
    """The pairs of companies that depend on each other."""
    pairs = {(edge.dependent, edge.on) for edge in edges}
    return frozenset((one, other) for one, other in pairs if (other, one) in pairs)
