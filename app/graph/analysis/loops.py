"""Circular deals and mutual dependence: cycles of companies in which every hop is another record."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import TypeAlias

from app.graph.analysis.intervals import UNKNOWN, ZERO, Bounds, bounds_of, interval, is_bounded
from app.graph.analysis.model import Amount, Edge, Nature, RecordRef, is_money
from app.graph.analysis.search import Digraph, Search, Steps, take
from app.graph.analysis.tally import said
from app.projection.lifetime import NOT_BINDING

# Trying whether the other hops could do without one record takes about as long as visiting this many companies.
STEPS_OF_A_MATCHING = 15

Joint: TypeAlias = AbstractSet[tuple[str, RecordRef]]
"""Kinds and records whose amount several companies share, nobody says how."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One hop of a loop: its edges are alternatives, ordered by kind and record.

    Value goes from ``payer`` to ``receiver``; in mutual dependence these are the dependent and what it needs.
    ``amount`` is the money of the largest alternative, ``None`` where it is undisclosed or in several currencies, and
    the worth of shares in kind only where no money goes. Of what several companies share, or only may hold, anything
    from none to all counts. Rumoured and intended amounts count only where nothing else makes the hop, which is
    ``tentative`` then. ``possible``: it only may hold on the day, since the dates of all its alternatives leave that
    open.
    """

    payer: str
    receiver: str
    edges: tuple[Edge, ...]
    records: frozenset[RecordRef]
    natures: tuple[Nature, ...]
    amount: Amount | None
    possible: bool
    tentative: bool


@dataclass(frozen=True, slots=True)
class Loop:
    """A cycle of companies, from the smallest slug; ``hops[i]`` leaves ``nodes[i]``, and the last one returns."""

    nodes: tuple[str, ...]
    hops: tuple[Hop, ...]

    @property
    def natures(self) -> tuple[Nature, ...]:
        """What flows round: money, equity, supply."""
        return tuple(sorted({nature for hop in self.hops for nature in hop.natures}))

    @property
    def unknown(self) -> tuple[Hop, ...]:
        """The hops whose amount of money is not known."""
        return tuple(hop for hop in self.hops if hop.amount is None)

    @property
    def possible(self) -> bool:
        """Whether one of its hops only may hold on the day."""
        return any(hop.possible for hop in self.hops)

    @property
    def tentative(self) -> bool:
        """Whether one of its hops is only intended or rumoured."""
        return any(hop.tentative for hop in self.hops)

    @property
    def bottleneck(self) -> Hop | None:
        """The hop with the smallest certain amount (the first of equals), if the known hops share one currency."""
        known = [hop for hop in self.hops if hop.amount]
        return min(known, key=_certain) if len({hop.amount.unit for hop in known if hop.amount}) == 1 else None

    @property
    def amount(self) -> Amount | None:
        """What can go all the way round: the smallest hop, so possibly nothing while a hop is unknown."""
        if self.bottleneck is None or self.bottleneck.amount is None:
            return None
        bounds = [bounds_of(hop.amount) for hop in self.hops]
        high = min((high for _, high in bounds if high is not None), default=None)
        return interval(Bounds(min(low for low, _ in bounds), high), self.bottleneck.amount.unit)


@dataclass(frozen=True, slots=True)
class Loops:
    """Loops by length, then by nodes; ``truncated`` names what ended the search early: ``loops`` or ``steps``."""

    loops: tuple[Loop, ...]
    truncated: tuple[str, ...] = ()

    @property
    def records(self) -> frozenset[RecordRef]:
        """The records of all hops."""
        return frozenset().union(*(hop.records for loop in self.loops for hop in loop.hops))

    def shared(self, joint: Joint) -> "Loops":
        """Return the same loops where nobody has a certain part of the amounts in ``joint``.

        It moves no upper bound, so these are still the loops that were asked for.
        """
        loops = [Loop(loop.nodes, tuple(_shared(hop, joint) for hop in loop.hops)) for loop in self.loops]
        return replace(self, loops=tuple(loops)) if joint else self


@dataclass(frozen=True, slots=True)
class LoopFilter:
    """Which loops are asked for: one of the companies takes part, one of the kinds occurs, and how much goes round."""

    companies: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    amount_possibly_gte: Decimal | None = None


EVERY_LOOP = LoopFilter()


def admits(wanted: LoopFilter, loop: Loop) -> bool:
    """Return whether a loop is one of those asked for; an unknown amount may be any."""
    if wanted.companies and wanted.companies.isdisjoint(loop.nodes):
        return False
    if wanted.kinds and not any(edge.kind in wanted.kinds for hop in loop.hops for edge in hop.edges):
        return False
    if wanted.amount_possibly_gte is None or (amount := loop.amount) is None:
        return True
    return amount.high is None or amount.high >= wanted.amount_possibly_gte


def value_loops(
    edges: Iterable[Edge], max_length: int, *, limit: int, budget: int, wanted: LoopFilter = EVERY_LOOP
) -> Loops:
    """Return the circular deals of 2 to ``max_length`` companies: value that leaves a company and comes back.

    ``budget`` bounds the work, in companies visited. A truncated answer is the beginning of the whole one.
    """
    flows = ((*ends, edge) for edge in edges if (ends := _flow(edge)))
    return _loops(Digraph(flows), max_length, limit, Steps(budget), wanted)


def dependency_loops(
    edges: Iterable[Edge], max_length: int, *, limit: int, budget: int, wanted: LoopFilter = EVERY_LOOP
) -> Loops:
    """Return the circles of 2 to ``max_length`` companies that depend on each other, bounded as ``value_loops``."""
    needs = ((edge.dependent, edge.on, edge) for edge in edges)
    return _loops(Digraph(needs), max_length, limit, Steps(budget), wanted)


def _flow(edge: Edge) -> tuple[str, str] | None:
    if edge.flow is None:
        return None
    return (edge.dependent, edge.on) if edge.flow == "along" else (edge.on, edge.dependent)


def _loops(graph: Digraph, max_length: int, limit: int, steps: Steps, wanted: LoopFilter) -> Loops:
    judge = _Judge(graph, steps)
    loops = (loop for cycle in _cycles(graph, max_length, steps, wanted.companies) if (loop := judge.loop(cycle)))
    kept, truncated = take((loop for loop in loops if admits(wanted, loop)), limit, "loops")
    return Loops(kept, truncated)


def _cycles(graph: Digraph, max_length: int, steps: Steps, companies: frozenset[str]) -> Iterator[tuple[str, ...]]:
    """Yield each cycle once, by length, then by slugs: it starts at its smallest company, which also ends it."""
    through = sum(1 << graph.index[slug] for slug in companies & graph.index.keys()) if companies else None
    starts = [
        Search(graph, slug, slug, within=graph.later_than(number), steps=steps, through=through)
        for number, slug in enumerate(graph.slugs)
    ]
    for length in range(2, max_length + 1):
        for start in starts:
            yield from start.of_length(length)


class _Judge:
    """Makes loops of cycles, and each hop once; its steps are the alternatives that it has to look at."""

    def __init__(self, graph: Digraph, steps: Steps) -> None:
        self._graph, self._steps = graph, steps
        self._hops: dict[tuple[str, str], Hop] = {}

    def loop(self, cycle: tuple[str, ...]) -> Loop | None:
        """Return the loop of a closed cycle, or ``None`` where its hops cannot all be different records."""
        hops = tuple(self._hop(ends) for ends in pairwise(cycle))
        choices = [hop.records for hop in hops]
        alternatives = sum(map(len, choices))
        self._steps.spend(alternatives)
        if len(frozenset().union(*choices)) < alternatives:
            if not can_differ(choices):
                return None
            hops = tuple(self._without_taken(hop, number, choices) for number, hop in enumerate(hops))
        return Loop(cycle[:-1], hops)

    def _hop(self, ends: tuple[str, str]) -> Hop:
        if ends not in self._hops:
            self._hops[ends] = _hop(*ends, self._graph.edges[ends])
        return self._hops[ends]

    def _without_taken(self, hop: Hop, number: int, choices: list[frozenset[RecordRef]]) -> Hop:
        """Leave out the edges whose record another hop cannot do without."""
        others = choices[:number] + choices[number + 1 :]
        contested = hop.records & frozenset().union(*others)
        self._steps.spend(len(contested) * STEPS_OF_A_MATCHING)
        taken = {record for record in contested if not can_differ([other - {record} for other in others])}
        return _hop(hop.payer, hop.receiver, tuple(e for e in hop.edges if e.record not in taken)) if taken else hop


def can_differ(choices: Sequence[frozenset[RecordRef]]) -> bool:
    """Return whether each hop can have a record of its own: a system of distinct representatives (Hall, 1935).

    Found by augmenting paths: a hop takes a record over when its holder finds itself another.
    """
    holder: dict[RecordRef, int] = {}

    def place(hop: int, tried: set[RecordRef]) -> bool:
        for record in choices[hop]:
            if record not in tried:
                tried.add(record)
                if record not in holder or place(holder[record], tried):
                    holder[record] = hop
                    return True
        return False

    return all(place(hop, set()) for hop in range(len(choices)))


def _shared(hop: Hop, joint: Joint) -> Hop:
    return replace(hop, amount=_largest(_counted(hop.edges), joint))


def _hop(payer: str, receiver: str, edges: tuple[Edge, ...]) -> Hop:
    natures = tuple(sorted({edge.nature for edge in edges if edge.nature}))
    firm = _firmest(edges)
    return Hop(
        payer,
        receiver,
        edges,
        frozenset(edge.record for edge in edges),
        natures,
        _largest(_counted(edges)),
        possible=all(edge.possible for edge in firm),
        tentative=all(edge.stage in NOT_BINDING for edge in firm),
    )


def _firmest(edges: Sequence[Edge]) -> Sequence[Edge]:
    return [edge for edge in edges if edge.stage not in NOT_BINDING] or edges


def _counted(edges: Sequence[Edge]) -> Sequence[Edge]:
    """The alternatives that make the amount: of one nature, as money and shares in kind are never compared."""
    firm = _firmest(edges)
    return [edge for edge in firm if edge.nature != "equity"] or firm


def _largest(edges: Sequence[Edge], joint: Joint = frozenset()) -> Amount | None:
    units = {edge.amount.unit for edge in edges if edge.amount and _is_known(edge.amount)}
    if len(units) != 1:
        return None
    bounds = [_bounds(edge, joint) for edge in edges]
    highs = [high for _, high in bounds if high is not None]
    high = max(highs) if len(highs) == len(bounds) else None
    computed = interval(Bounds(max(low for low, _ in bounds), high), units.pop())
    return said([edge.amount for edge in edges], computed)


def _bounds(edge: Edge, joint: Joint) -> Bounds:
    """What an alternative comes to: possibly nothing where it only may hold, or is shared with others."""
    if edge.amount is None or not is_money(edge.amount):
        return UNKNOWN
    low, high = bounds_of(edge.amount)
    return Bounds(ZERO if edge.possible or (edge.kind, edge.record) in joint else low, high)


def _is_known(amount: Amount) -> bool:
    return is_money(amount) and is_bounded(amount)


def _certain(hop: Hop) -> Decimal:
    return bounds_of(hop.amount).low
