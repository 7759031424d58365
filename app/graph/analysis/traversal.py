"""Who is reached from a company, how closely, and through which shortest path."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Final, NamedTuple

from app.graph.analysis.model import Direction, Edge, identity

MAX_NODES = 500
MAX_EDGES = 5_000
_ENDS: Final[Mapping[Direction, Callable[[Edge], tuple[str, str]]]] = {
    "depends_on": attrgetter("dependent", "on"),
    "depended_on_by": attrgetter("on", "dependent"),
}
"""Where a hop starts and where it leads."""


class Reached(NamedTuple):
    """A company within reach: ``via`` is its witness path from the root to itself, empty for the root."""

    slug: str
    depth: int
    via: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """What a company reaches: nodes by depth and slug, and every edge between them by identity.

    ``truncated`` names the limits that cut something off: ``nodes``, ``edges`` or both.
    """

    root: str
    direction: Direction
    nodes: tuple[Reached, ...]
    edges: tuple[Edge, ...]
    truncated: tuple[str, ...] = ()


def reach(  # noqa: PLR0913 - a question, how far to ask it, and its two caps
    root: str,
    edges: Iterable[Edge],
    direction: Direction,
    depth: int,
    *,
    max_nodes: int = MAX_NODES,
    max_edges: int = MAX_EDGES,
) -> Reach:
    """Return what is at most ``depth`` hops from ``root``, the closest first.

    A witness path is, among the shortest, the smallest by its slugs. Whatever the limits cut, each node
    shown keeps its witness path within the edges shown; the root is always shown.
    """
    ordered = sorted(edges, key=identity)
    nodes = _by_closeness(_witnesses(root, _neighbours(ordered, direction), depth))
    # Each node but the root needs an edge that leads to it, so the edges that may be shown bound the nodes.
    shown = nodes[: max(1, min(max_nodes, max_edges + 1))]
    slugs = {node.slug for node in shown}
    between = [edge for edge in ordered if edge.dependent in slugs and edge.on in slugs]
    edges_cut = len(between) > max_edges or len(shown) < min(len(nodes), max_nodes)
    truncated = {"nodes": len(nodes) > max_nodes, "edges": edges_cut}
    if len(between) > max_edges:
        between = _closest(between, shown, direction, max_edges)
    return Reach(root, direction, tuple(shown), tuple(between), tuple(name for name, cut in truncated.items() if cut))


def _neighbours(ordered: Iterable[Edge], direction: Direction) -> Mapping[str, Collection[str]]:
    """Return who is one hop away from each company, by slug, since the edges come in the order of their identity."""
    ahead: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for near, far in map(_ENDS[direction], ordered):
        ahead[near][far] = None
    return ahead


def _witnesses(root: str, ahead: Mapping[str, Collection[str]], depth: int) -> dict[str, tuple[str, ...]]:
    """Return the witness path of each company, itself and the root included.

    A frontier stands in the order of its witness paths, so the first path to arrive is the smallest.
    """
    paths: dict[str, tuple[str, ...]] = {root: (root,)}
    frontier = [root]
    for _ in range(depth):
        arrived = []
        for near in frontier:
            for far in ahead.get(near, ()):
                if far not in paths:
                    paths[far] = (*paths[near], far)
                    arrived.append(far)
        frontier = arrived
    return paths


def _by_closeness(paths: Mapping[str, tuple[str, ...]]) -> list[Reached]:
    nodes = [Reached(slug, len(path) - 1, path if len(path) > 1 else ()) for slug, path in paths.items()]
    return sorted(nodes, key=lambda node: (node.depth, node.slug))


def _closest(between: list[Edge], shown: list[Reached], direction: Direction, max_edges: int) -> list[Edge]:
    """Return one edge for each hop of the witness paths, then the edges closest to the root, up to ``max_edges``."""
    depths = {node.slug: node.depth for node in shown}
    needed = {node.via[-2:] for node in shown if node.via}

    def urgency(edge: Edge) -> tuple[bool, int]:
        # A hop is taken off when its first edge is met: edges parallel to that one can wait.
        ends = _ENDS[direction](edge)
        waits = ends not in needed
        needed.discard(ends)
        return waits, max(depths[edge.dependent], depths[edge.on])

    return sorted(sorted(between, key=urgency)[:max_edges], key=identity)
