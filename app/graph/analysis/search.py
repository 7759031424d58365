"""Routes without a repeated company, found by their length and then by their slugs, within a budget of steps."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TypeVar

from app.graph.analysis.model import Edge, RecordRef

Found = TypeVar("Found")

# About a second of work.
MAX_STEPS = 500_000


class ExhaustedError(Exception):
    """A search has used up its steps."""


class Steps:
    """The steps that a search may still take."""

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self, steps: int = 1) -> None:
        """Take ``steps``, or raise ``ExhaustedError``."""
        self.left -= steps
        if self.left < 0:
            raise ExhaustedError


def take(found: Iterator[Found], limit: int, name: str) -> tuple[tuple[Found, ...], tuple[str, ...]]:
    """Return the first ``limit`` of ``found`` and what cut it off: its ``name`` if there was more, or ``steps``."""
    kept: list[Found] = []
    try:
        for item in found:
            if len(kept) == limit:
                return tuple(kept), (name,)
            kept.append(item)
    except ExhaustedError:
        return tuple(kept), ("steps",)
    return tuple(kept), ()


class Digraph:
    """A directed graph whose sets of companies are the bits of an integer, in the order of their slugs."""

    def __init__(self, arcs: Iterable[tuple[str, str, Edge]]) -> None:
        parallel: defaultdict[tuple[str, str], list[Edge]] = defaultdict(list)
        for tail, head, edge in arcs:
            parallel[tail, head].append(edge)
        self.edges = {hop: tuple(sorted(edges, key=_within_hop)) for hop, edges in parallel.items()}
        self.slugs = sorted({slug for hop in self.edges for slug in hop})
        self.index = {slug: number for number, slug in enumerate(self.slugs)}
        self.everyone = (1 << len(self.slugs)) - 1
        self.ahead = [0] * len(self.slugs)
        self.behind = [0] * len(self.slugs)
        for tail, head in self.edges:
            self.ahead[self.index[tail]] |= 1 << self.index[head]
            self.behind[self.index[head]] |= 1 << self.index[tail]

    def later_than(self, number: int) -> int:
        """Return the companies that stand after the one of that number."""
        return (self.everyone >> (number + 1)) << (number + 1)


class Search:
    """Routes from ``source`` to ``target`` (the same one for a loop) by ``within``, asked for by their length.

    ``through``: a route has to touch one of these companies. ``_near[k]`` is the set of companies from which a
    walk of exactly k hops ends at the target, ``_via[k]`` of those the ones whose walk also goes through
    ``through``. Going only where such a walk remains leaves few dead ends: those where it would repeat a company.
    """

    def __init__(  # noqa: PLR0913 - the ends of a route, its two conditions, and what it may cost
        self, graph: Digraph, source: str, target: str, *, within: int, steps: Steps, through: int | None = None
    ) -> None:
        self._graph, self._within, self._steps = graph, within, steps
        self._source = graph.index[source]
        self._through = graph.everyone if through is None else through
        self._near = [1 << graph.index[target]]
        self._via = [self._near[0] & self._through]

    def of_length(self, hops: int) -> Iterator[tuple[str, ...]]:
        """Yield the slugs of each route of exactly ``hops`` hops, both ends included, in order."""
        while len(self._near) < hops:
            self._widen()
        passed = bool(1 << self._source & self._through)
        for route in self._onward((self._source,), 0, hops - 1, passed=passed):
            yield tuple(self._graph.slugs[number] for number in route)

    def _onward(self, route: tuple[int, ...], visited: int, left: int, *, passed: bool) -> Iterator[tuple[int, ...]]:
        """Extend ``route`` by one company after which ``left`` hops remain, and so on to the target."""
        hopeful = self._near[left] if passed else self._via[left]
        for number in _members(self._graph.ahead[route[-1]] & hopeful & ~visited):
            self._steps.spend()
            longer, bit = (*route, number), 1 << number
            if left == 0:
                yield longer
            else:
                yield from self._onward(longer, visited | bit, left - 1, passed=passed or bool(bit & self._through))

    def _widen(self) -> None:
        near = self._behind(self._near[-1])
        all_pass = self._via[-1] == self._near[-1]
        via = near if all_pass else self._behind(self._via[-1]) | near & self._through
        self._near.append(near)
        self._via.append(via)

    def _behind(self, companies: int) -> int:
        self._steps.spend(companies.bit_count())
        found = 0
        for number in _members(companies):
            found |= self._graph.behind[number]
        return found & self._within


def _members(companies: int) -> Iterator[int]:
    while companies:
        lowest = companies & -companies
        companies ^= lowest
        yield lowest.bit_length() - 1


def _within_hop(edge: Edge) -> tuple[str, RecordRef, str]:
    return edge.kind, edge.record, edge.dependent
