"""Single points of failure of the whole graph: only sources, and companies that hold its parts together."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from app.graph.analysis.model import Edge
from app.projection.lifetime import NOT_BINDING


class Need(NamedTuple):
    """What a company needs from another: ``dependent`` its ``kind``.

    ``possible``: the other only may be the only source, as it is not certain that it is one on the day, or that no
    other is.
    """

    dependent: str
    kind: str
    possible: bool = False


@dataclass(frozen=True, slots=True)
class SinglePoint:
    """A company that is, or may be, the only source of at least one need.

    ``planned``: the needs of which nothing but its plans or rumours of it are recorded.
    """

    slug: str
    needs: tuple[Need, ...]
    planned: tuple[Need, ...] = ()


def single_points(edges: Iterable[Edge], kinds: Collection[str] | None = None) -> tuple[SinglePoint, ...]:
    """Return who is the only source of what, the company with the most needs first, then by slug.

    A source is only by what the store knows. One that is intended or rumoured neither makes nor breaks a single point.
    """
    asked = [edge for edge in edges if kinds is None or edge.kind in kinds]
    binding = [edge for edge in asked if edge.stage not in NOT_BINDING]
    met = {(edge.dependent, edge.kind) for edge in binding}
    needs = _only_sources(binding)
    planned = _only_sources(edge for edge in asked if (edge.dependent, edge.kind) not in met)
    points = [SinglePoint(slug, tuple(needs[slug]), tuple(planned[slug])) for slug in {*needs, *planned}]
    return tuple(sorted(points, key=lambda point: (-len(point.needs), point.slug)))


def _only_sources(edges: Iterable[Edge]) -> defaultdict[str, list[Need]]:
    """Return the needs, in order, that each company is or may be the only source of."""
    sources, certain = defaultdict[Need, set[str]](set), defaultdict[Need, set[str]](set)
    for edge in edges:
        sources[Need(edge.dependent, edge.kind)].add(edge.on)
        if not edge.possible:
            certain[Need(edge.dependent, edge.kind)].add(edge.on)
    found: defaultdict[str, list[Need]] = defaultdict(list)
    for need in sorted(sources):
        sure = certain[need]
        for source in (sure or sources[need]) if len(sure) <= 1 else ():
            found[source].append(need._replace(possible=not sure or len(sources[need]) > 1))
    return found


def articulation_points(edges: Iterable[Edge]) -> tuple[str, ...]:
    """Return the companies without which the graph falls into more parts, direction aside, by slug.

    Depth-first search with low points (Hopcroft and Tarjan, 1973), with a stack of its own instead of recursion.
    """
    neighbours: defaultdict[str, set[str]] = defaultdict(set)
    for edge in edges:
        neighbours[edge.dependent].add(edge.on)
        neighbours[edge.on].add(edge.dependent)
    entered: dict[str, int] = {}
    cuts: set[str] = set()
    for root in neighbours:
        if root not in entered:
            cuts |= _cuts(root, neighbours, entered)
    return tuple(sorted(cuts))


def _cuts(root: str, neighbours: dict[str, set[str]], entered: dict[str, int]) -> set[str]:
    """Return the articulation points of the part around ``root``, and note in ``entered`` who is in it.

    ``lowest`` is the earliest company reachable from a subtree over one edge back: a company whose child's subtree
    reaches no further up than to itself is what connects it; the root is, when it has two children.
    """
    cuts: set[str] = set()
    children = 0
    entered[root] = len(entered)
    lowest = {root: entered[root]}
    stack: list[tuple[str, str, Iterator[str]]] = [(root, root, iter(neighbours[root]))]
    while stack:
        parent, slug, ahead = stack[-1]
        following = next(ahead, None)
        if following is None:
            stack.pop()
            lowest[parent] = min(lowest[parent], lowest[slug])
            if slug != root and parent == root:
                children += 1
            elif slug != root and lowest[slug] >= entered[parent]:
                cuts.add(parent)
        elif following not in entered:
            entered[following] = lowest[following] = len(entered)
            stack.append((slug, following, iter(neighbours[following])))
        elif following != parent:
            lowest[slug] = min(lowest[slug], entered[following])
    return cuts | {root} if children > 1 else cuts
