"""How one company depends on another: routes without a repeated company, shortest first."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from app.graph.analysis.model import Edge
from app.graph.analysis.search import Digraph, Search, Steps, take


@dataclass(frozen=True, slots=True)
class Path:
    """A chain of companies; ``hops[i]`` holds every edge from ``nodes[i]`` to the next one, by kind and record."""

    nodes: tuple[str, ...]
    hops: tuple[tuple[Edge, ...], ...]


@dataclass(frozen=True, slots=True)
class Paths:
    """Paths by length, then by slugs; ``truncated`` names what ended the search early: ``paths`` or ``steps``."""

    paths: tuple[Path, ...]
    truncated: tuple[str, ...] = ()


def simple_paths(  # noqa: PLR0913 - a question, how far to ask it, and its two caps
    edges: Iterable[Edge], source: str, target: str, max_depth: int, *, limit: int, budget: int
) -> Paths:
    """Return the first ``limit`` loopless paths of at most ``max_depth`` hops from ``source`` to what it depends on.

    ``budget`` bounds the work, in companies visited. A truncated answer is the beginning of the whole one.
    """
    graph = Digraph((edge.dependent, edge.on, edge) for edge in edges)
    if source == target or not {source, target} <= graph.index.keys():
        return Paths(())
    ends = 1 << graph.index[source] | 1 << graph.index[target]
    search = Search(graph, source, target, within=graph.everyone & ~ends, steps=Steps(budget))
    found = (route for hops in range(1, max_depth + 1) for route in search.of_length(hops))
    kept, truncated = take(found, limit, "paths")
    return Paths(tuple(Path(nodes, tuple(graph.edges[hop] for hop in pairwise(nodes))) for nodes in kept), truncated)
