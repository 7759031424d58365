"""How much a company hangs on single others: its suppliers, its customers, its investors."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from app.graph.analysis.concentration import herfindahl, remainder
from app.graph.analysis.derived import Derived, derive
from app.graph.analysis.intervals import (
    HUNDRED,
    PERCENT,
    UNKNOWN,
    ZERO,
    Bounds,
    add,
    bounds_of,
    interval,
    is_bounded,
    open_above,
)
from app.graph.analysis.model import Amount, Edge, Nature, Observation, RecordRef, identity
from app.graph.analysis.parties import GROUPS, By, items_of, silent_customers, telling
from app.graph.analysis.shares import Piece, shares_of
from app.graph.analysis.tally import Item, LeftOut, Measure, Tally, measures_of, said, tally, why_left_out
from app.projection.lifetime import NOT_BINDING


@dataclass(frozen=True, slots=True)
class StatedShare:
    """A share that a record states: a metric's share of revenue or compute in a period, or an investor's stake."""

    company: str
    share: Amount
    record: RecordRef
    stage: str
    period: str | None
    possible: bool


@dataclass(frozen=True, slots=True)
class Party:
    """A company's part: its amount (None where shares are stated), its share in percent, and the records behind."""

    company: str
    amount: Amount | None
    share: Amount
    records: tuple[RecordRef, ...]


@dataclass(frozen=True, slots=True)
class Concentration:
    """The shares of one whole and their Herfindahl-Hirschman index, as intervals.

    Basis ``stated``: the shares that metrics state for one period, of which at least one holds still; others, listed or
    not, hold the ``remainder``.
    Basis ``amounts``: the shares that follow from the amounts of one unit and nature. The whole is what the parties
    named by records have together, so others that no record names are not in it; a party whose amount is not known
    has an open one. ``hhi`` and ``remainder`` are None where stated shares certainly exceed 100 percent.
    """

    basis: Literal["stated", "amounts"]
    tentative: bool
    unit: str
    nature: Nature | None
    period: str | None
    total: Amount | None
    parties: tuple[Party, ...]
    remainder: Amount | None
    hhi: Amount | None
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """All suppliers of a kind, all customers, or all investors; ``left_out`` is what no concentration counts."""

    by: By
    kind: str
    companies: tuple[str, ...]
    stated: tuple[StatedShare, ...]
    concentrations: tuple[Concentration, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class Exposure:
    """The exposure of a company; ``unknowns`` says which figures could not be derived, and what is missing."""

    company: str
    groups: tuple[Group, ...]
    derived: tuple[Derived, ...]
    unknowns: tuple[str, ...]


def exposure(
    company: str, edges: Iterable[Edge], observations: Iterable[Observation], *, partial: bool = False
) -> Exposure:
    """Return the concentration of ``company`` by supplier (each kind apart), customer and investor, and what follows.

    ``edges``: those that touch the company, and the others of the same records, which tell that an amount is shared.
    A customer of whom no revenue is stated is known by the supply that it gets, its amount undisclosed.
    What is intended or rumoured is never mixed with what is signed; nor are currencies, or money and shares in kind.
    ``partial``: there may be more edges than these, so that every sum is open and others may have a share.
    """
    ordered, seen = sorted(set(edges), key=identity), list(observations)
    groups = [_group(by, kind, company, ordered, seen, partial=partial) for by, kind in GROUPS]
    derived, unknowns = derive(company, seen)
    contradictions = (said for group in groups for said in _contradictions(group))
    return Exposure(company, tuple(group for group in groups if group.companies), derived, (*contradictions, *unknowns))


def _contradictions(group: Group) -> Iterable[str]:
    """Say why a whole has no index and no remainder, for each that has none."""
    who = f"{group.kind} suppliers" if group.by == "supplier" else f"{group.by}s"
    for whole in group.concentrations:
        if whole.hhi is None:
            when = f" in {whole.period}" if whole.period else ""
            which = "intended or rumoured" if whole.tentative else "stated"
            together = interval(add(bounds_of(party.share) for party in whole.parties), PERCENT).text
            yield f"concentration of {who}{when}: the {which} shares add up to {together}"


def _group(  # noqa: PLR0913 - one of the groups, and all that they share
    by: By, kind: str, company: str, edges: Sequence[Edge], seen: Sequence[Observation], *, partial: bool
) -> Group:
    periods = {metric.record: metric.period for metric in seen}
    stated = tuple(
        StatedShare(edge.on, edge.share, edge.record, edge.stage, periods.get(edge.record), edge.possible)
        for edge in edges
        if edge.dependent == company and edge.kind == kind and edge.share
    )
    items = telling(items_of(company, kind, edges) + (silent_customers(company, edges) if by == "customer" else []))
    by_amount = (_by_amounts(items, measure, partial=partial) for measure in measures_of(items))
    concentrations = (*_by_stated_shares([*stated, *_followed(stated, company, kind, seen)]), *by_amount)
    companies = tuple(sorted({item.company for item in items}))
    return Group(by, kind, companies, stated, concentrations, _uncounted(items, stated, concentrations))


def _followed(
    stated: Sequence[StatedShare], company: str, kind: str, seen: Iterable[Observation]
) -> Iterator[StatedShare]:
    """Yield the shares of the periods of those that hold which newer ones have followed: 2024 stays what it was."""
    periods, holding = {one.period for one in stated if one.period}, {one.record for one in stated}
    for one in seen:
        is_share = (one.company, one.name) == (company, f"{kind}_share") and one.counterparty != company
        if is_share and one.counterparty and one.period in periods and one.record not in holding:
            yield StatedShare(one.counterparty, one.value, one.record, "", one.period, possible=False)


def _by_stated_shares(stated: Iterable[StatedShare]) -> list[Concentration]:
    """Return a concentration for each period. A stake is left to ``Group.stated``: a later round dilutes it."""
    wholes = defaultdict[tuple[bool, str], list[StatedShare]](list)
    for one in stated:
        if one.record.type == "metrics" and is_bounded(one.share):
            wholes[one.stage in NOT_BINDING, one.period or ""].append(one)
    return [_of_period(shares, tentative, period or None) for (tentative, period), shares in sorted(wholes.items())]


def _of_period(stated: Sequence[StatedShare], tentative: bool, period: str | None) -> Concentration:  # noqa: FBT001
    by_company = defaultdict[str, list[StatedShare]](list)
    for one in stated:
        by_company[one.company].append(one)
    parties = tuple(_stated_party(company, by_company[company]) for company in sorted(by_company))
    shares = [bounds_of(party.share) for party in parties]
    left = remainder(shares)
    return Concentration(
        basis="stated",
        tentative=tentative,
        unit=PERCENT,
        nature=None,
        period=period,
        total=None,
        parties=parties,
        remainder=left and interval(left, PERCENT),
        hhi=herfindahl(shares, complete=False),
    )


def _stated_party(company: str, stated: Sequence[StatedShare]) -> Party:
    """Return a party with the bounds that hold whichever of its stated shares is right."""
    all_bounds = [bounds_of(one.share) for one in stated]
    low = min(ZERO if one.possible else bounds.low for one, bounds in zip(stated, all_bounds, strict=True))
    high = max(HUNDRED if bounds.high is None else bounds.high for bounds in all_bounds)
    share = said([one.share for one in stated], interval(Bounds(low, high), PERCENT))
    return Party(company, None, share, tuple(one.record for one in stated))


def _by_amounts(items: Iterable[Item], measure: Measure, *, partial: bool) -> Concentration:
    by_company = defaultdict[str, list[Item]](list)
    for item in items:
        by_company[item.company].append(item)
    tallies = {company: tally(by_company[company], measure) for company in sorted(by_company)}
    if partial:
        tallies = {company: replace(one, amount=open_above(one.amount)) for company, one in tallies.items()}
    pieces = _pieces(tallies) + [Piece(UNKNOWN, ())] * partial
    shares = shares_of(pieces)
    return Concentration(
        basis="amounts",
        tentative=measure.tentative,
        unit=measure.unit,
        nature=measure.nature,
        period=None,
        total=interval(add(piece.bounds for piece in pieces), measure.unit),
        parties=tuple(_party(company, tallies[company], share) for company, share in shares.items()),
        remainder=interval(Bounds(ZERO, HUNDRED if partial else ZERO), PERCENT),
        hhi=herfindahl(list(shares.values()), complete=not partial),
        left_out=tuple(one for company in tallies for one in tallies[company].left_out),
    )


def _pieces(tallies: Mapping[str, Tally]) -> list[Piece]:
    """Return each counted amount once, whoever shares it, and an open one for each company whose sum is open."""
    counted = {
        (item.record, owners): Piece(item.whole, owners)
        for company, one in tallies.items()
        for item in one.counted
        for owners in [item.shared_by or (company,)]
    }
    silent = [Piece(UNKNOWN, (company,)) for company, one in tallies.items() if one.amount.high is None]
    return [*counted.values(), *silent]


def _party(company: str, one: Tally, share: Bounds) -> Party:
    return Party(company, one.amount, interval(share, PERCENT), tuple(item.record for item in one.counted))


def _uncounted(
    items: Iterable[Item], stated: Iterable[StatedShare], concentrations: Iterable[Concentration]
) -> tuple[LeftOut, ...]:
    counted = {(one.company, one.record) for one in stated}
    counted |= {
        (party.company, record) for whole in concentrations for party in whole.parties for record in party.records
    }
    left = [item for item in items if (item.company, item.record) not in counted]
    judged = [(item, why_left_out(item, Measure(item.tentative, item.observed, "", None))) for item in left]
    return tuple(LeftOut(item.company, item.record, item.stage, item.amount, why) for item, why in judged if why)
