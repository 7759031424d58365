"""What each company is ranked by: items of its contracts, of its investments, of its fleets."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from app.graph.analysis.intervals import add, bounds_of, interval
from app.graph.analysis.model import Amount, Edge, RecordRef
from app.graph.analysis.parties import SUPPLY_KINDS
from app.graph.analysis.tally import Item
from app.graph.edge_set import amount_of
from app.projection.lifetime import ENDING_STAGES
from app.projection.observations import fleets_observed
from app.projection.rules import StatedRecord


def contract_items(edges: Iterable[Edge]) -> Mapping[str, list[Item]]:
    """What each supplier's contracts are worth; one that states no value counts as undisclosed."""
    supplied = [edge for edge in edges if edge.record.type == "contracts" and edge.kind in SUPPLY_KINDS]
    suppliers: defaultdict[RecordRef, set[str]] = defaultdict(set)
    for edge in supplied:
        suppliers[edge.record].add(edge.on)
    return _by_company(
        Item(
            edge.on,
            edge.record,
            edge.amount,
            edge.stage,
            "money",
            shared_by=tuple(sorted(suppliers[edge.record])) if len(suppliers[edge.record]) > 1 else (),
            partial=edge.possible,
        )
        for edge in supplied
    )


def investment_items(edges: Iterable[Edge]) -> Mapping[str, list[Item]]:
    """What each company has received as capital."""
    return _by_company(
        Item(edge.dependent, edge.record, edge.amount, edge.stage, edge.nature, edge.part_of, partial=edge.possible)
        for edge in edges
        if edge.kind == "capital"
    )


def fleet_items(fleets: Iterable[StatedRecord], by: str, unit: str, day: date) -> Mapping[str, list[Item]]:
    """What each operator has or each vendor supplied, by the observations that hold on a day, or may."""
    running = [(fleet, lifetime) for fleet, lifetime in fleets_observed(fleets) if lifetime.may_hold(day)]
    return _by_company(
        Item(
            company,
            RecordRef("fleets", fleet.slug),
            stated,
            fleet.document["stage"],
            partial=not lifetime.holds(day),
        )
        for fleet, lifetime in running
        if fleet.document["stage"] not in ENDING_STAGES
        for company, stated in _stated(fleet.document, by, unit)
    )


def _stated(fleet: Mapping[str, Any], by: str, unit: str) -> list[tuple[str, Amount | None]]:
    """What a fleet says of its operator, or of each vendor of its hardware."""
    if by != "hardware":
        field = "accelerators" if by == "gpus" else by
        return [(fleet["operator"], amount_of(fleet[field]))]
    quantities: defaultdict[str, list[Amount | None]] = defaultdict(list)
    for one in fleet["hardware"]:
        quantities[one["vendor"]].append(amount_of(one["quantity"]))
    return [(vendor, _together(amounts, unit)) for vendor, amounts in quantities.items()]


def _together(amounts: Sequence[Amount | None], unit: str) -> Amount | None:
    """What several products come to in a unit: open where one of them is not known in it."""
    fitting = [one if one and one.unit == unit else None for one in amounts]
    if len(amounts) == 1 or not any(fitting):
        return amounts[0]
    return interval(add(map(bounds_of, fitting)), unit)


def _by_company(items: Iterable[Item]) -> Mapping[str, list[Item]]:
    found: defaultdict[str, list[Item]] = defaultdict(list)
    for one in items:
        found[one.company].append(one)
    return found
