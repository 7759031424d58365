"""An answer of the graph as the picture that every renderer draws."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from app.graph.analysis.loops import Loop, dependency_loops
from app.graph.analysis.model import Edge
from app.graph.analysis.paths import Path
from app.graph.analysis.traversal import Reach
from app.graph.edge_set import EdgeSet
from app.graph.question import EdgeFilter
from app.graph.render.picture import Picture, PictureNode

# A picture has at most a few hundred edges: this looks at them all.
_LOOK_STEPS: Final = 20_000
_TITLES = {"depends_on": "{} depends on", "depended_on_by": "{} is depended on by"}


def of_reach(reached: Reach, edges: EdgeSet, only: EdgeFilter, unknowns: Iterable[str], table_url: str) -> Picture:
    """What a company reaches; ``table_url`` is where the same answer is as a table."""
    full = tuple(edges.complete(edge) for edge in reached.edges)
    return Picture(
        title=_TITLES[reached.direction].format(edges.nodes[reached.root].name),
        description="",
        root=reached.root,
        direction=reached.direction,
        nodes=tuple(
            PictureNode(node.slug, edges.nodes[node.slug].name, edges.nodes[node.slug].kind, node.depth, node.via)
            for node in reached.nodes
        ),
        edges=full,
        loops=_mutual(full),
        truncated=reached.truncated,
        table_url=table_url,
        as_of=only.as_of.isoformat(),
        unknowns=tuple(unknowns),
        narrowed=only.narrowed,
    )


def of_paths(  # noqa: PLR0913 - an answer and its question
    ends: tuple[str, str],
    paths: Iterable[Path],
    truncated: tuple[str, ...],
    edges: EdgeSet,
    only: EdgeFilter,
    *,
    unknowns: Iterable[str],
    table_url: str,
) -> Picture:
    """How one company depends on another: all paths in one picture."""
    found = list(paths)
    source, target = (edges.nodes[slug].name for slug in ends)
    depths: dict[str, tuple[int, tuple[str, ...]]] = {ends[0]: (0, ())}
    for path in found:
        for depth, slug in enumerate(path.nodes):
            depths.setdefault(slug, (depth, path.nodes[: depth + 1]))
    return Picture(
        title=f"How {source} depends on {target}",
        description="",
        root=ends[0],
        direction="depends_on",
        nodes=tuple(
            PictureNode(slug, edges.nodes[slug].name, edges.nodes[slug].kind, depth, via)
            for slug, (depth, via) in depths.items()
        ),
        edges=_once(edge for path in found for hop in path.hops for edge in hop),
        truncated=truncated,
        table_url=table_url,
        as_of=only.as_of.isoformat(),
        unknowns=tuple(unknowns),
        narrowed=only.narrowed,
    )


def of_loops(  # noqa: PLR0913 - an answer and its question
    title: str,
    loops: Iterable[Loop],
    truncated: tuple[str, ...],
    edges: EdgeSet,
    only: EdgeFilter,
    *,
    by_value: bool,
    narrowed: Iterable[str],
    unknowns: Iterable[str],
    table_url: str,
) -> Picture:
    """Circular deals, or circles of dependence: all loops in one picture."""
    found = list(loops)
    rings = tuple(tuple(edge for hop in loop.hops for edge in hop.edges) for loop in found)
    slugs = dict.fromkeys(slug for loop in found for slug in loop.nodes)
    return Picture(
        title=title,
        description="",
        root=None,
        direction="value_flow" if by_value else "depends_on",
        nodes=tuple(PictureNode(slug, edges.nodes[slug].name, edges.nodes[slug].kind) for slug in slugs),
        edges=_once(edge for ring in rings for edge in ring),
        loops=frozenset(hop for loop in found for hop in pairwise((*loop.nodes, loop.nodes[0]))),
        rings=rings,
        truncated=truncated,
        table_url=table_url,
        as_of=only.as_of.isoformat(),
        unknowns=tuple(unknowns),
        narrowed=tuple(narrowed),
    )


def _once(edges: Iterable[Edge]) -> tuple[Edge, ...]:
    return tuple(dict.fromkeys(edges))


def _mutual(edges: tuple[Edge, ...]) -> frozenset[tuple[str, str]]:
    """The hops between companies that depend on each other, each way by another record."""
    circles = dependency_loops(edges, 2, limit=len(edges), budget=_LOOK_STEPS)
    return frozenset((hop.payer, hop.receiver) for loop in circles.loops for hop in loop.hops)
