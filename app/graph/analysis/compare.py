"""What companies have in common, and what only one of them has."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.graph.analysis.model import Direction, Edge, identity


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A company at the other end of direct edges of one kind: ``of`` are the compared companies that have it."""

    kind: str
    slug: str
    of: tuple[str, ...]
    edges: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """One direction, each list by kind and slug: what all share, what some but not all, what only one has."""

    shared: tuple[Neighbour, ...]
    partly: tuple[Neighbour, ...]
    only: tuple[Neighbour, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The direct dependencies and dependents of ``companies`` (by slug), side by side."""

    companies: tuple[str, ...]
    dependencies: Neighbours
    dependents: Neighbours


def compare(edges: Iterable[Edge], slugs: Iterable[str]) -> Comparison:
    """Compare the companies by their direct edges; raises ``ValueError`` for fewer than two different ones."""
    companies = tuple(sorted(set(slugs)))
    if len(companies) < 2:  # noqa: PLR2004 - a comparison has two sides
        raise ValueError("two different companies are needed to compare")
    ordered = sorted(set(edges), key=identity)
    return Comparison(
        companies,
        _neighbours(companies, "depends_on", ordered),
        _neighbours(companies, "depended_on_by", ordered),
    )


def _neighbours(companies: tuple[str, ...], direction: Direction, edges: Iterable[Edge]) -> Neighbours:
    found: defaultdict[tuple[str, str], list[tuple[str, Edge]]] = defaultdict(list)
    for edge in edges:
        near, far = (edge.dependent, edge.on) if direction == "depends_on" else (edge.on, edge.dependent)
        if near in companies:
            found[edge.kind, far].append((near, edge))
    listed = list(_listed(found))
    return Neighbours(
        shared=tuple(one for one in listed if len(one.of) == len(companies)),
        partly=tuple(one for one in listed if 1 < len(one.of) < len(companies)),
        only=tuple(one for one in listed if len(one.of) == 1),
    )


def _listed(found: Mapping[tuple[str, str], list[tuple[str, Edge]]]) -> Iterator[Neighbour]:
    for kind, slug in sorted(found):
        had = found[kind, slug]
        yield Neighbour(kind, slug, tuple(sorted({near for near, _ in had})), tuple(edge for _, edge in had))
