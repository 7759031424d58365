"""What a record implies: ``edges_of(record)``, the whole rule from stated records to derived dependencies.

A pure function over the record as the API shows it. DESIGN: a contract makes its customers depend on its suppliers,
an investment its investee on its investors, a fleet its operator on the hardware vendors and its users on the operator,
a parent its subsidiary on itself, a share metric the company on its counterparty.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from app.projection.lifetime import Lifetime, Start, ended_by, observed, running, started
from app.shared.partial_date import PartialDate

Document = Mapping[str, Any]

EVIDENCE_ORDER = ("confirmed", "reported", "derived", "estimated", "rumoured")
"""From the strongest to the weakest; an edge is filtered by the strongest evidence that its record has."""
_TENTATIVE_STAGES = ("rumoured", "intended", "announced")
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class StatedRecord(NamedTuple):
    """A record with what its edges need to know of others.

    ``published``: for each cited source that has one, its date of publication. ``recorded_on``: the day on which this
    version was recorded. ``next_observation``: from when the one that follows this metric or fleet holds, if any does.
    """

    type: str
    slug: str
    document: Document
    recorded_on: date
    published: Mapping[str, PartialDate] = _NOTHING
    next_observation: Start | None = None


class DerivedEdge(NamedTuple):
    """A dependency that a record implies: ``dependent`` needs ``on`` (slugs of companies).

    ``summary`` is a format string over ``dependent`` and ``on``, for the names that the companies have when it is read.
    ``flow`` and ``nature`` are the value flow of the edge, as in ``app.graph.analysis.model.Edge``.
    """

    dependent: str
    on: str
    kind: str
    summary: str
    lifetime: Lifetime
    amount: Document | None = None
    share: Document | None = None
    flow: str | None = None
    nature: str | None = None
    part_of: str | None = None
    derived: Mapping[str, str] = _NOTHING


def edges_of(record: StatedRecord) -> list[DerivedEdge]:
    """The edges that a record implies, in a fixed order: none from a company to itself, none of a guarantor.

    What a record states twice (a party that is listed again) is one edge.
    """
    rule = _RULES.get(record.type)
    implied = rule(record) if rule else ()
    distinct = {(edge.dependent, edge.on, edge.kind): edge for edge in implied if edge.dependent != edge.on}
    stage = record.document.get("stage")
    return [_hedged(edge, stage) if stage in _TENTATIVE_STAGES else edge for edge in distinct.values()]


def on_themselves(record: StatedRecord) -> list[str]:
    """The companies that need themselves, as a record says, each once: there is no edge for that.

    Who also needs another by it and is needed by another, as in a swap, may stand on both sides.
    """
    rule = _RULES.get(record.type)
    implied = list(rule(record)) if rule else []
    others = [edge for edge in implied if edge.dependent != edge.on]
    swaps = {(edge.dependent, edge.kind) for edge in others} & {(edge.on, edge.kind) for edge in others}
    alone = (edge for edge in implied if edge.dependent == edge.on and (edge.on, edge.kind) not in swaps)
    return list(dict.fromkeys(edge.on for edge in alone))


def strongest_evidence(document: Document) -> str | None:
    """The strongest evidence among a record's citations."""
    given = {citation["evidence"] for citation in document["citations"]}
    return next((evidence for evidence in EVIDENCE_ORDER if evidence in given), None)


def _contract(record: StatedRecord) -> Iterator[DerivedEdge]:
    parties: dict[str, list[str]] = {}
    for party in record.document["parties"]:
        parties.setdefault(party["role"], []).append(party["company"])
    if record.document["kind"] == "partnership":
        yield from _partnership(record, parties)
    else:
        yield from _supply(record, parties)


def _supply(record: StatedRecord, parties: Mapping[str, list[str]]) -> Iterator[DerivedEdge]:
    contract = record.document
    amount = _stated(contract["value"])
    lifetime, derived = _contract_lifetime(record)
    what = _listed(contract["products"]) or ("supplies" if contract["kind"] == "other" else contract["kind"])
    for customer in parties.get("customer", ()):
        for supplier in parties.get("supplier", ()):
            yield DerivedEdge(
                customer,
                supplier,
                contract["kind"],
                f"{{dependent}} gets {what} from {{on}}{_worth(amount)}.",
                lifetime,
                amount,
                flow="along",
                nature="money" if amount else "supply",
                derived=derived,
            )
            if amount:
                summary = f"{{dependent}} earns revenue from {{on}}{_worth(amount)}."
                yield DerivedEdge(supplier, customer, "revenue", summary, lifetime, amount, derived=derived)


def _partnership(record: StatedRecord, parties: Mapping[str, list[str]]) -> Iterator[DerivedEdge]:
    amount = _stated(record.document["value"])
    lifetime, derived = _contract_lifetime(record)
    for venture in parties.get("venture", ()):
        for member in parties.get("member", ()):
            summary = f"{{dependent}} is a venture in which {{on}} takes part{_worth(amount)}."
            yield DerivedEdge(venture, member, "partnership", summary, lifetime, amount, derived=derived)
        for customer in parties.get("customer", ()):
            # The value of a partnership is what its members bring in, not what a customer pays.
            summary = "{dependent} gets compute from {on}."
            yield DerivedEdge(
                customer, venture, "compute", summary, lifetime, flow="along", nature="supply", derived=derived
            )


def _investment(record: StatedRecord) -> Iterator[DerivedEdge]:
    investment = record.document
    amount = _stated(investment["amount"])
    in_kind = investment["instrument"] == "shares_in_kind"
    lifetime = _lifetime(record, ("closed_on", "announced_on"))
    part_of = investment["contract"]
    under = f" as part of the contract {_literal(part_of)}" if part_of else ""
    verb = "{dependent} gives {on} shares" if in_kind else "{dependent} has capital from {on}"
    for investor in investment["investors"]:
        yield DerivedEdge(
            investment["investee"],
            investor,
            "capital",
            f"{verb}{_worth(amount)}{under}.",
            lifetime,
            amount,
            _stated(investment["stake"]),
            flow="along" if in_kind else "against",
            nature="equity" if in_kind else "money",
            part_of=part_of,
        )


def _fleet(record: StatedRecord) -> Iterator[DerivedEdge]:
    fleet = record.document
    lifetime = _ended(record, observed(began(record), record.next_observation))
    lines: dict[str, list[Document]] = {}
    for line in fleet["hardware"]:
        lines.setdefault(line["vendor"], []).append(line)
    for vendor, bought in lines.items():
        amounts = [amount for line in bought if (amount := _stated(line["quantity"]))]
        # Two stated lines are not added up: nothing says that the one does not contain the other.
        amount = amounts[0] if len(amounts) == 1 else None
        what = _listed([line["product"] for line in bought if line["product"]]) or "hardware"
        size = f" ({_literal(amount['text'])})" if amount else ""
        summary = f"{{dependent}} runs {what} of {{on}}{size}."
        yield DerivedEdge(
            fleet["operator"], vendor, "hardware", summary, lifetime, amount, flow="along", nature="supply"
        )
    for user in fleet["users"]:
        summary = "{dependent} uses data centers that {on} operates."
        yield DerivedEdge(user, fleet["operator"], "compute", summary, lifetime, flow="along", nature="supply")


def _company(record: StatedRecord) -> Iterator[DerivedEdge]:
    if parent := record.document["parent"]:
        yield DerivedEdge(record.slug, parent, "ownership", "{dependent} is owned by {on}.", _lifetime(record, ()))


def _metric(record: StatedRecord) -> Iterator[DerivedEdge]:
    metric = record.document
    words = {"revenue_share": ("revenue", "of its revenue"), "compute_share": ("compute", "of its compute")}
    if metric["name"] not in words or not metric["counterparty"]:
        return
    kind, of_what = words[metric["name"]]
    share, period = _stated(metric["value"]), _date(metric, "period")
    lifetime = observed(of_period(period), record.next_observation) if period else _lifetime(record, ())
    how_much = _literal(share["text"]) if share else "an undisclosed share"
    when = f" in {_literal(metric['period'])}" if metric["period"] else ""
    summary = f"{{dependent}} has {how_much} {of_what} from {{on}}{when}."
    # A share alone is no payment: the contract behind it carries the flow.
    yield DerivedEdge(metric["company"], metric["counterparty"], kind, summary, lifetime, share=share)


_RULES: dict[str, Callable[[StatedRecord], Iterator[DerivedEdge]]] = {
    "contracts": _contract,
    "investments": _investment,
    "fleets": _fleet,
    "companies": _company,
    "metrics": _metric,
}


def _contract_lifetime(record: StatedRecord) -> tuple[Lifetime, Mapping[str, str]]:
    """When a contract holds, and the formula of an end that nobody stated but that follows from its term."""
    contract, end, derived = record.document, _date(record.document, "ends_on"), dict[str, str]()
    starts = _dates(contract, ("starts_on", "signed_on", "announced_on"))
    if starts and contract["term_months"] and not end and (end := _end_of_term(starts[0], contract["term_months"])):
        derived["until"] = f"{starts[0].text} + {contract['term_months']} months, since no end is stated"
    lifetime = _ended(record, running(starts, end, said_by=first_said(record)))
    return lifetime, derived if lifetime.until else {}


def _end_of_term(start: PartialDate, months: int) -> PartialDate | None:
    try:
        return start.plus_months(months)
    except ValueError:
        # Past the last day that a date can say, an end is as good as open.
        return None


def _lifetime(record: StatedRecord, starts: tuple[str, ...]) -> Lifetime:
    return _ended(record, running(_dates(record.document, starts), None, said_by=first_said(record)))


def _ended(record: StatedRecord, lifetime: Lifetime) -> Lifetime:
    return ended_by(record.document.get("stage"), lifetime, last_said(record))


def began(fleet: StatedRecord) -> Start:
    """From when a fleet is as it was observed: from some day of its date."""
    return started(_date(fleet.document, "as_of"), said_by=first_said(fleet))


def of_period(period: PartialDate) -> Start:
    """From when a metric holds: from the first day of its period."""
    return Start(period, period.earliest, period.earliest)


def dated(document: Document, published: Mapping[str, PartialDate]) -> dict[str, PartialDate]:
    """When the sources that a record cites were published, of those in ``published``."""
    cited = (citation["source"] for citation in document["citations"])
    return {source: published[source] for source in cited if source in published}


def first_said(record: StatedRecord) -> date:
    """The day by which the first source had published it; the day of recording where no source has a date."""
    return min((day.latest for day in record.published.values()), default=record.recorded_on)


def last_said(record: StatedRecord) -> date:
    """The day by which the newest source had published it; the day of recording where no source has a date."""
    return max((day.latest for day in record.published.values()), default=record.recorded_on)


def _date(document: Document, name: str) -> PartialDate | None:
    text = document.get(name)
    return PartialDate.parse(text) if text else None


def _dates(document: Document, names: Iterable[str]) -> list[PartialDate]:
    return [day for name in names if (day := _date(document, name))]


def _stated(quantity: Document | None) -> Document | None:
    return quantity if quantity and quantity["qualifier"] != "undisclosed" else None


def _hedged(edge: DerivedEdge, stage: str) -> DerivedEdge:
    """A deal that is not binding yet, or not known to be, says so at the end of its sentence."""
    return edge._replace(summary=f"{edge.summary.removesuffix('.')} ({stage}).")


def _worth(amount: Document | None) -> str:
    return f", {_literal(amount['text'])}" if amount else ""


def _listed(items: list[str]) -> str:
    return _literal(", ".join(items))


def _literal(text: str) -> str:
    """``text`` as it is in a format string."""
    return text.replace("{", "{{").replace("}", "}}")
