"""What changed between two sets of edges, and the record that each difference comes from."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.graph.analysis.model import Edge, EdgeKey, RecordRef, identity


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field of an edge with its old and its new value."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class EdgeChange:
    """An edge that stayed, as it was, and which of its fields differ now, in the order of ``Edge``."""

    old: Edge
    fields: tuple[FieldChange, ...]

    @property
    def record(self) -> RecordRef:
        """The record that caused the change."""
        return self.old.record

    @property
    def new(self) -> Edge:
        """The edge as it is now."""
        return self.old._replace(**{change.field: change.new for change in self.fields})


@dataclass(frozen=True, slots=True)
class Diff:
    """The edges gained, lost and changed, each by identity; the ``record`` of each is what caused it."""

    gained: tuple[Edge, ...]
    lost: tuple[Edge, ...]
    changed: tuple[EdgeChange, ...]


def diff(old_edges: Iterable[Edge], new_edges: Iterable[Edge]) -> Diff:
    """Return what turns the old edges into the new; an edge is known by dependent, on, kind and record.

    Raises ``ValueError`` when one side has two edges of the same identity.
    """
    old, new = _by_identity(old_edges), _by_identity(new_edges)
    kept = [key for key in old if key in new and old[key] != new[key]]
    return Diff(
        gained=tuple(edge for key, edge in new.items() if key not in old),
        lost=tuple(edge for key, edge in old.items() if key not in new),
        changed=tuple(EdgeChange(old[key], _differences(old[key], new[key])) for key in kept),
    )


def apply(difference: Diff, old_edges: Iterable[Edge]) -> tuple[Edge, ...]:
    """Return the new edges, by identity, from the old ones and what ``diff`` said of them."""
    edges = _by_identity(old_edges)
    for lost in difference.lost:
        del edges[identity(lost)]
    edges |= {identity(change.old): change.new for change in difference.changed}
    edges |= {identity(gained): gained for gained in difference.gained}
    return tuple(edges[key] for key in sorted(edges))


def _by_identity(edges: Iterable[Edge]) -> dict[EdgeKey, Edge]:
    ordered = sorted(edges, key=identity)
    keyed = {identity(edge): edge for edge in ordered}
    if len(keyed) < len(ordered):
        raise ValueError("two edges have the same dependent, on, kind and record")
    return keyed


def _differences(old: Edge, new: Edge) -> tuple[FieldChange, ...]:
    pairs = zip(Edge._fields, old, new, strict=True)
    return tuple(FieldChange(name, was, now) for name, was, now in pairs if was != now)
