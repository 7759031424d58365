"""Whom a company is exposed to, and what each record states of that: the items that an exposure is made of."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal

from app.graph.analysis.model import Edge, Nature, RecordRef, is_money
from app.graph.analysis.tally import Item

By = Literal["supplier", "customer", "investor"]
SUPPLY_KINDS = ("compute", "hardware", "technology", "energy", "colocation", "other")
GROUPS: tuple[tuple[By, str], ...] = (
    *(("supplier", kind) for kind in (*SUPPLY_KINDS, "partnership")),
    ("customer", "revenue"),
    ("investor", "capital"),
)
"""To whom a company may be exposed, with the kind of the edges that say so."""
ITEMISED = frozenset({"fleets"})
"""The resources whose edges each have an amount of their own, where others state one for all their edges."""


def items_of(company: str, kind: str, edges: Iterable[Edge]) -> list[Item]:
    """Return what the edges of a kind state of each party that ``company`` depends on, by party and record.

    The edges of other dependents tell that a record's amount is not this company's alone.
    """
    of_kind = [edge for edge in edges if edge.kind == kind]
    sources, dependents = defaultdict[RecordRef, set[str]](set), defaultdict[RecordRef, set[str]](set)
    for edge in of_kind:
        dependents[edge.record].add(edge.dependent)
        if edge.dependent == company:
            sources[edge.record].add(edge.on)
    own = [edge for edge in of_kind if edge.dependent == company]
    return [_item(edge, sources[edge.record], dependents[edge.record]) for edge in own]


def silent_customers(company: str, edges: Sequence[Edge]) -> list[Item]:
    """Return the customers that ``company`` supplies under a record that states no revenue: how much is undisclosed."""
    stated = {(edge.on, edge.record) for edge in edges if edge.dependent == company and edge.kind == "revenue"}
    supplied = [edge for edge in edges if edge.on == company and edge.kind in SUPPLY_KINDS]
    silent = {(edge.dependent, edge.record, edge.stage) for edge in supplied}
    return [
        Item(customer, record, None, stage)
        for customer, record, stage in sorted(silent)
        if (customer, record) not in stated
    ]


def telling(items: Sequence[Item]) -> list[Item]:
    """Leave out observations without an amount, of parties of whom there is more to say."""
    heard = {item.company for item in items if item.amount or not item.observed}
    return [item for item in items if item.amount or not item.observed or item.company not in heard]


def _item(edge: Edge, sources: set[str], dependents: set[str]) -> Item:
    alone = edge.record.type in ITEMISED or len(sources) == 1
    shared_by = () if alone else tuple(sorted(sources))
    partial = edge.possible or len(dependents) > 1
    return Item(edge.on, edge.record, edge.amount, edge.stage, nature_of(edge), edge.part_of, shared_by, partial)


def nature_of(edge: Edge) -> Nature | None:
    """Return what an amount on an edge is: money also where the edge carries no flow, as revenue does not."""
    return edge.nature or ("money" if edge.amount and is_money(edge.amount) else None)
