"""What if a company stopped: who would lose what, and whether they have it from anyone else."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import count, pairwise

from app.graph.analysis.intervals import is_bounded
from app.graph.analysis.model import Amount, Edge, RecordRef, identity
from app.graph.analysis.parties import items_of, telling
from app.graph.analysis.tally import Tally, measures_of, tally
from app.graph.analysis.traversal import MAX_NODES, Reached, reach
from app.projection.lifetime import NOT_BINDING

_NOUNS = {"other": "other supplies", "partnership": "partnership members", "ownership": "owners"}


@dataclass(frozen=True, slots=True)
class Loss:
    """One source of one kind that an affected company would lose.

    ``alternatives``: its other sources of that kind that would not be affected; ``also_affected``: those that would,
    at any depth; ``unchecked``: those of which that is not known, since not all that is downstream was looked at;
    ``planned``: those only intended or rumoured, which count as none of these. ``only_source``: the loss is a binding
    one, and there are none of the first three, as far as the store knows. ``shares`` are what the records state,
    ``amounts`` their sums, one for each unit and nature, binding ones first. ``unknowns`` says what nobody disclosed
    and what was not looked at.
    """

    kind: str
    source: str
    edges: tuple[Edge, ...]
    only_source: bool
    alternatives: tuple[str, ...]
    also_affected: tuple[str, ...]
    unchecked: tuple[str, ...]
    planned: tuple[str, ...]
    shares: tuple[Amount, ...]
    amounts: tuple[Tally, ...]
    unknowns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Affected:
    """A company downstream: ``via`` is its witness path from the stopped company, ``hops`` an edge for each step."""

    slug: str
    depth: int
    via: tuple[str, ...]
    hops: tuple[Edge, ...]
    losses: tuple[Loss, ...]


@dataclass(frozen=True, slots=True)
class Impact:
    """Everyone downstream of ``company``, by depth and slug; ``truncated`` names the limits that cut some off."""

    company: str
    depth: int
    affected: tuple[Affected, ...]
    truncated: tuple[str, ...] = ()

    @property
    def unknowns(self) -> tuple[str, ...]:
        """What is not disclosed, a sentence each."""
        return tuple(sentence for one in self.affected for loss in one.losses for sentence in loss.unknowns)


def impact(  # noqa: PLR0913 - a question, and how much of the graph the edges are
    company: str,
    edges: Iterable[Edge],
    depth: int,
    *,
    max_nodes: int = MAX_NODES,
    names: Mapping[str, str] | None = None,
    within: int | None = None,
    partial: bool = False,
) -> Impact:
    """Return who would be affected if ``company`` stopped, at most ``depth`` hops away.

    A company is affected at depth n when an edge of any kind (capital, ownership and partnership are kinds as any
    other) makes it depend on one that is affected at depth n - 1, and at no smaller depth. Its losses are those first
    edges, by kind and source; a source at its own depth or deeper is no loss, but ``also_affected``.
    ``names`` are the companies' names for the sentences, by slug; a company without one goes by its slug.
    ``within``: how many hops away edges were looked for, if not at any depth; ``partial``: there may be more of them.
    """
    ordered = sorted(set(edges), key=identity)
    reached = reach(company, ordered, "depended_on_by", depth, max_nodes=max_nodes, max_edges=len(ordered))
    downstream = _downstream(company, ordered)
    many = len(downstream) > max_nodes
    whole = not (partial or many or within in downstream.values())
    depths = {node.slug: node.depth for node in reached.nodes}
    scene = _Scene(ordered, depths, downstream, names or {}, whole=whole)
    affected = tuple(scene.affected(node) for node in reached.nodes[1:])
    unchecked = many and any(loss.unchecked for one in affected for loss in one.losses)
    return Impact(company, depth, affected, ("nodes",) if unchecked else reached.truncated)


class _Scene:
    """The edges as the question needs them: by who depends, and by record.

    ``depths``: of the companies that are shown; ``downstream``: of all that were found, and ``whole`` if that is all.
    """

    def __init__(
        self,
        edges: list[Edge],
        depths: Mapping[str, int],
        downstream: Mapping[str, int],
        names: Mapping[str, str],
        *,
        whole: bool,
    ) -> None:
        self._needs: defaultdict[str, list[Edge]] = defaultdict(list)
        self._records: defaultdict[tuple[str, RecordRef], list[Edge]] = defaultdict(list)
        for edge in edges:
            self._needs[edge.dependent].append(edge)
            self._records[edge.kind, edge.record].append(edge)
        self._depths = depths
        self._downstream = downstream
        self._names = names
        self._whole = whole

    def affected(self, node: Reached) -> Affected:
        first = [edge for edge in self._needs[node.slug] if self._depths.get(edge.on) == node.depth - 1]
        lost = sorted({(edge.kind, edge.on) for edge in first})
        losses = tuple(self._loss(node.slug, kind, source) for kind, source in lost)
        return Affected(node.slug, node.depth, node.via, tuple(self._hops(node.via)), losses)

    def _hops(self, via: tuple[str, ...]) -> Iterator[Edge]:
        for source, dependent in pairwise(via):
            parallel = [edge for edge in self._needs[dependent] if edge.on == source]
            yield min(parallel, key=lambda edge: (edge.stage in NOT_BINDING, edge.possible, identity(edge)))

    def _loss(self, dependent: str, kind: str, source: str) -> Loss:
        of_kind = [edge for edge in self._needs[dependent] if edge.kind == kind]
        lost = tuple(edge for edge in of_kind if edge.on == source)
        binding = {edge.on for edge in of_kind if edge.stage not in NOT_BINDING}
        others = binding - {source}
        apart = tuple(sorted(others - self._downstream.keys()))
        unchecked = () if self._whole else apart
        shares, amounts = tuple(edge.share for edge in lost if edge.share), self._amounts(lost)
        return Loss(
            kind=kind,
            source=source,
            edges=lost,
            only_source=binding == {source},
            alternatives=apart if self._whole else (),
            also_affected=tuple(sorted(others & self._downstream.keys())),
            unchecked=unchecked,
            planned=tuple(sorted({edge.on for edge in of_kind} - binding - {source})),
            shares=shares,
            amounts=amounts,
            unknowns=(
                *self._undisclosed(lost, shares, amounts),
                *self._uncertain(of_kind, others | {source}),
                *self._unchecked(lost[0], unchecked),
            ),
        )

    def _amounts(self, lost: tuple[Edge, ...]) -> tuple[Tally, ...]:
        related = {other for edge in lost for other in self._records[edge.kind, edge.record]}
        items = items_of(lost[0].dependent, lost[0].kind, sorted(related, key=identity))
        ours = telling([item for item in items if item.company == lost[0].on])
        return tuple(tally(ours, measure) for measure in measures_of(ours))

    def _undisclosed(
        self, lost: tuple[Edge, ...], shares: tuple[Amount, ...], amounts: tuple[Tally, ...]
    ) -> Iterator[str]:
        dependent, noun, source = self._words(lost[0])
        if not any(is_bounded(share) for share in shares):
            yield f"What share of the {noun} of {dependent} comes from {source} is not disclosed."
        if not amounts:
            yield f"What amount is at stake for {dependent} in its {noun} from {source} is not disclosed."

    def _uncertain(self, of_kind: list[Edge], sources: AbstractSet[str]) -> Iterator[str]:
        for slug in sorted(sources):
            from_it = [edge for edge in of_kind if edge.on == slug]
            if all(edge.possible for edge in from_it):
                dependent, noun, source = self._words(from_it[0])
                yield f"Whether {dependent} has {noun} from {source} on the day in question is not certain."

    def _unchecked(self, lost: Edge, others: Iterable[str]) -> Iterator[str]:
        for slug in others:
            dependent, noun, other = self._words(lost._replace(on=slug))
            yield f"Whether {other}, from which {dependent} has {noun} too, would be affected was not looked at."

    def _words(self, edge: Edge) -> tuple[str, str, str]:
        dependent, source = (self._names.get(slug, slug) for slug in (edge.dependent, edge.on))
        return dependent, _NOUNS.get(edge.kind, edge.kind), source


def _downstream(stopped: str, edges: Iterable[Edge]) -> dict[str, int]:
    """Return every company that depends on the stopped one, and itself, each with its depth."""
    behind: defaultdict[str, set[str]] = defaultdict(set)
    for edge in edges:
        behind[edge.on].add(edge.dependent)
    found, frontier = {stopped: 0}, {stopped}
    for depth in count(1):
        frontier = {slug for near in frontier for slug in behind[near]} - found.keys()
        if not frontier:
            break
        found |= dict.fromkeys(frontier, depth)
    return found
